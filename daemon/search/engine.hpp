// SPDX-License-Identifier: MIT
// The search engines that the router can ask for a model that cannot search the web itself. Each is
// one row of engines.cpp: how a search is put to it, and how its answer reads. Pure: whoever calls
// moves the bytes.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/config/model.hpp"
#include "common/json.hpp"
#include "common/result.hpp"

namespace ccr::search {

constexpr std::size_t max_title = 300;     // characters
constexpr std::size_t max_snippet = 1000;  // characters
constexpr std::size_t max_url = 2048;      // bytes

struct Query {
    std::string text;
    std::size_t max_results = 5;
    // "example.com" is a host with all below it, "example.com/docs" a part of it.
    std::vector<std::string> allowed;  // empty: all
    std::vector<std::string> blocked;
    std::string country;  // two letters, or empty
};

// A page, as plain text (see plain_text.hpp) and with a URL of http or https.
struct Hit {
    std::string url;
    std::string title;
    std::string snippet;
    std::string age;  // when it was written, in the engine's words; may be empty
};

struct Request {
    std::string_view method = "GET";
    std::string target;  // path and query
    std::vector<std::pair<std::string_view, std::string>> headers;
    std::string body;
};

struct Reply {
    int status = 0;
    std::string_view content_type;
    std::string_view body;
};

struct Engine {
    config::WebSearch::Engine id;
    std::size_t most_results;   // of one search
    std::size_t longest_query;  // in characters
    Request (*request)(const Query& query, const config::WebSearch& options);
    // The hits of an answer that went well, as they stand there.
    std::vector<Hit> (*hits)(json::Value root);
    // What its own words say about one that did not, if they say more than the status; may be null.
    std::optional<Error> (*refusal)(const Reply& reply) = nullptr;
};

[[nodiscard]] std::span<const Engine> engines();
// The row of the engine that the configuration names; null: none is configured.
[[nodiscard]] const Engine* find(config::WebSearch::Engine id);

// Whether the engine takes a query of that length.
[[nodiscard]] bool fits(const Engine& engine, std::string_view text);

// At most `query.max_results` pages, cleaned, each once, none that the query's domains exclude.
// Errors: rate_limited, billing (quota used up), auth, rejected, server_error, malformed; in words
// that name the engine and, where there is one, the remedy.
[[nodiscard]] Result<std::vector<Hit>> read_reply(const Engine& engine, const Query& query,
                                                  const Reply& reply);

// Whether a page is in one of the domains.
[[nodiscard]] bool in_domains(std::string_view url, const std::vector<std::string>& domains);

// For engines without a parameter for it: the query with "site:" words for the domains, as long as
// that fits into `longest` characters.
[[nodiscard]] std::string with_sites(const Query& query, std::size_t longest);
// How many results to ask for, so that enough are left when those of other domains are gone.
[[nodiscard]] std::size_t wanted_results(const Query& query, std::size_t most);
// Writes a member that is a list of texts; nothing where it is empty.
void write_list(json::Writer& out, std::string_view key, const std::vector<std::string>& list);

// The rows.
extern const Engine searxng;
extern const Engine brave;
extern const Engine tavily;
extern const Engine exa;

}  // namespace ccr::search
