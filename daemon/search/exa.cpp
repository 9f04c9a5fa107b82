// SPDX-License-Identifier: MIT
// Exa: POST /search with the key in x-api-key. What a page says comes only if `contents` asks for
// it.
#include <algorithm>

#include "daemon/search/engine.hpp"

namespace ccr::search {
namespace {

constexpr std::size_t most_results = 100;
constexpr std::size_t longest_query = 2000;

Request request(const Query& query, const config::WebSearch& options) {
    Request out;
    out.method = "POST";
    out.target = options.url.target;
    json::Writer writer(out.body);
    writer.begin_object().key("query").string(query.text).key("numResults");
    writer.number(static_cast<std::int64_t>(std::min(query.max_results, most_results)));
    write_list(writer, "includeDomains", query.allowed);
    write_list(writer, "excludeDomains", query.blocked);
    if (!query.country.empty()) writer.key("userLocation").string(query.country);
    writer.key("contents").raw(R"({"text":{"maxCharacters":1000}})").end_object();
    out.headers.emplace_back("content-type", "application/json");
    out.headers.emplace_back("x-api-key", options.api_key.reveal());
    return out;
}

std::vector<Hit> hits(json::Value root) {
    std::vector<Hit> out;
    for (const json::Value result : root["results"].elements()) {
        std::string snippet(result["text"].str());
        if (snippet.empty()) snippet = result["summary"].str();
        if (snippet.empty()) snippet = result["highlights"].at(0).str();
        out.push_back({std::string(result["url"].str()), std::string(result["title"].str()),
                       std::move(snippet), std::string(result["publishedDate"].str())});
    }
    return out;
}

}  // namespace

const Engine exa{config::WebSearch::Engine::exa, most_results, longest_query, request, hits};

}  // namespace ccr::search
