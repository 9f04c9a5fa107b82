// SPDX-License-Identifier: MIT
// SearXNG: GET /search?q=…&format=json. Instances answer 403 to formats that settings.yml does not
// list, and JSON is not listed by default.
#include "common/text.hpp"
#include "daemon/search/engine.hpp"

namespace ccr::search {
namespace {

// It has no parameter for the number of results: a page of them comes.
constexpr std::size_t most_results = 20;
constexpr std::size_t longest_query = 2000;

Request request(const Query& query, const config::WebSearch& options) {
    Request out;
    out.target = options.url.target;
    out.target += out.target.find('?') == std::string::npos ? '?' : '&';
    out.target += "q=" + percent_encode(with_sites(query, longest_query)) + "&format=json";
    if (!options.api_key.empty()) {
        out.headers.emplace_back("authorization", "Bearer ");
        out.headers.back().second += options.api_key.reveal();
    }
    return out;
}

std::vector<Hit> hits(json::Value root) {
    std::vector<Hit> out;
    for (const json::Value result : root["results"].elements()) {
        out.push_back({std::string(result["url"].str()), std::string(result["title"].str()),
                       std::string(result["content"].str()),
                       std::string(result["publishedDate"].str())});
    }
    return out;
}

std::optional<Error> refusal(const Reply& reply) {
    if (reply.status != 200 && reply.status != 403) return std::nullopt;
    return Error(
        ErrorKind::malformed,
        "searxng does not answer in JSON; add json to search.formats in its settings.yml, and "
        "see that WebSearch.url is the instance's own address");
}

}  // namespace

const Engine searxng{
    config::WebSearch::Engine::searxng, most_results, longest_query, request, hits, refusal};

}  // namespace ccr::search
