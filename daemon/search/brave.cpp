// SPDX-License-Identifier: MIT
// Brave Search: GET /res/v1/web/search with the key in X-Subscription-Token. Titles and
// descriptions come as HTML.
#include "common/text.hpp"
#include "daemon/search/engine.hpp"

namespace ccr::search {
namespace {

constexpr std::size_t most_results = 20;
constexpr std::size_t longest_query = 400;

Request request(const Query& query, const config::WebSearch& options) {
    Request out;
    out.target = options.url.target;
    out.target += out.target.find('?') == std::string::npos ? '?' : '&';
    out.target += "q=" + percent_encode(with_sites(query, longest_query));
    out.target += "&count=" + std::to_string(wanted_results(query, most_results));
    if (!query.country.empty()) out.target += "&country=" + percent_encode(query.country);
    out.headers.emplace_back("x-subscription-token", options.api_key.reveal());
    return out;
}

std::vector<Hit> hits(json::Value root) {
    std::vector<Hit> out;
    for (const json::Value result : root["web"]["results"].elements()) {
        const std::string_view age = result["age"].str();
        out.push_back({std::string(result["url"].str()), std::string(result["title"].str()),
                       std::string(result["description"].str()),
                       std::string(age.empty() ? result["page_age"].str() : age)});
    }
    return out;
}

// An unknown key is told with 422, a used up month as a limit like any other.
std::optional<Error> refusal(const Reply& reply) {
    json::Document document;
    const auto root = document.parse_view(reply.body);
    const std::string_view code = root ? (*root)["error"]["code"].str() : std::string_view();
    if (icontains(code, "TOKEN")) {
        return Error(ErrorKind::auth, "brave does not accept WebSearch.api_key");
    }
    if (icontains(code, "QUOTA")) {
        return Error(ErrorKind::billing, "brave: the quota of WebSearch.api_key is used up");
    }
    return std::nullopt;
}

}  // namespace

const Engine brave{
    config::WebSearch::Engine::brave, most_results, longest_query, request, hits, refusal};

}  // namespace ccr::search
