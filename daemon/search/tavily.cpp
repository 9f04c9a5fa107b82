// SPDX-License-Identifier: MIT
// Tavily: POST /search with the key as a bearer token. Statuses of its own: 432 the plan's limit,
// 433 that of paying by use.
#include <algorithm>

#include "daemon/search/engine.hpp"

namespace ccr::search {
namespace {

constexpr std::size_t most_results = 20;
constexpr std::size_t longest_query = 400;

Request request(const Query& query, const config::WebSearch& options) {
    Request out;
    out.method = "POST";
    out.target = options.url.target;
    json::Writer writer(out.body);
    writer.begin_object().key("query").string(query.text).key("max_results");
    writer.number(static_cast<std::int64_t>(std::min(query.max_results, most_results)));
    write_list(writer, "include_domains", query.allowed);
    write_list(writer, "exclude_domains", query.blocked);
    writer.end_object();
    out.headers.emplace_back("content-type", "application/json");
    out.headers.emplace_back("authorization", "Bearer ");
    out.headers.back().second += options.api_key.reveal();
    return out;
}

std::vector<Hit> hits(json::Value root) {
    std::vector<Hit> out;
    for (const json::Value result : root["results"].elements()) {
        out.push_back({std::string(result["url"].str()), std::string(result["title"].str()),
                       std::string(result["content"].str()),
                       std::string(result["published_date"].str())});
    }
    return out;
}

std::optional<Error> refusal(const Reply& reply) {
    if (reply.status != 432 && reply.status != 433) return std::nullopt;
    return Error(ErrorKind::billing, "tavily: the quota of WebSearch.api_key is used up");
}

}  // namespace

const Engine tavily{
    config::WebSearch::Engine::tavily, most_results, longest_query, request, hits, refusal};

}  // namespace ccr::search
