// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <optional>

#include "common/config/build.hpp"
#include "common/text.hpp"

namespace ccr::config {
namespace {

using Engine = WebSearch::Engine;
using json5::Member;
using json5::Value;

struct Row {
    Engine engine;
    std::string_view name;
    std::string_view url;   // of the public service; empty: everybody runs their own
    std::string_view path;  // behind a base
    bool needs_key;
};

constexpr std::array<Row, 4> rows{{
    {Engine::searxng, "searxng", "", "search", false},
    {Engine::brave, "brave", "https://api.search.brave.com/", "res/v1/web/search", true},
    {Engine::tavily, "tavily", "https://api.tavily.com/", "search", true},
    {Engine::exa, "exa", "https://api.exa.ai/", "search", true},
}};

class Reader {
  public:
    Reader(const Member& section, WebSearch& out, Problems& problems)
        : section_(section), out_(out), problems_(problems) {}

    void run() {
        const Value& value = section_.value;
        if (const auto count = get_number(value, "max_results")) {
            out_.max_results = static_cast<std::size_t>(*count);
        }
        if (const auto time = get_number(value, "timeout_ms")) {
            out_.timeout = Millis(static_cast<Millis::rep>(*time));
        }
        const Row* row = engine();
        if (row == nullptr) return;
        out_.api_key = Secret(std::string(trim(get_string(value, "api_key"))));
        if (row->needs_key && out_.api_key.empty()) {
            problems_.error(section_.key_at, "WebSearch.api_key",
                            "missing; " + std::string(row->name) + " answers nobody without a key");
        }
        if (auto url = address(*row)) {
            out_.url = std::move(*url);
            out_.engine = row->engine;
        }
    }

  private:
    const Row* engine() {
        const Member* member = get(section_.value, "engine");
        const std::string name = member == nullptr ? "" : std::string(trim(member->value.text));
        if (name.empty()) {
            if (section_.value.members.empty()) return nullptr;
            problems_.warning(section_.key_at, "WebSearch.engine",
                              "not set: the router asks no search engine; set it to " + choice());
            return nullptr;
        }
        std::vector<std::string_view> names;
        for (const Row& row : rows) {
            if (iequals(row.name, name)) return &row;
            names.push_back(row.name);
        }
        problems_.error(member->value.at, "WebSearch.engine",
                        "unknown search engine; use " + choice(), nearest(name, names));
        return nullptr;
    }

    static std::string choice() {
        std::string text;
        for (const Row& row : rows) {
            if (!text.empty()) text += row.engine == rows.back().engine ? " or " : ", ";
            text += row.name;
        }
        return text;
    }

    std::optional<Url> address(const Row& row) {
        const Member* member = get(section_.value, "url");
        const std::string text = member == nullptr ? "" : std::string(trim(member->value.text));
        if (text.empty() && row.url.empty()) {
            problems_.error(section_.key_at, "WebSearch.url",
                            "missing; " + std::string(row.name) +
                                " has no address of its own, set it to that of your instance");
            return std::nullopt;
        }
        auto url = parse_url(text.empty() ? row.url : text);
        if (!url) {
            problems_.error(member->value.at, "WebSearch.url", url.error().detail);
            return std::nullopt;
        }
        if (!url->userinfo.empty()) {
            problems_.error(
                member->value.at, "WebSearch.url",
                "a user or password cannot be sent; an api_key is sent as a bearer token");
            return std::nullopt;
        }
        const std::string_view target = url->target;
        if (target.substr(0, target.find('?')).ends_with('/')) {
            url->target = join_target(*url, row.path);
        }
        return std::move(*url);
    }

    const Member& section_;
    WebSearch& out_;
    Problems& problems_;
};

}  // namespace

std::string_view engine_name(WebSearch::Engine engine) {
    const auto* row = std::find_if(rows.begin(), rows.end(),
                                   [engine](const Row& each) { return each.engine == engine; });
    return row == rows.end() ? std::string_view("none") : row->name;
}

void build_web_search(const Value& root, WebSearch& out, Problems& problems) {
    const Member* section = get(root, "WebSearch");
    if (section != nullptr && section->value.is_object()) Reader(*section, out, problems).run();
}

}  // namespace ccr::config
