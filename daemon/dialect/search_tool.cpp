// SPDX-License-Identifier: MIT
#include "daemon/dialect/search_tool.hpp"

#include <algorithm>
#include <iterator>

namespace ccr::dialect {
namespace {

constexpr std::size_t max_filtered_domains = 20;  // Perplexity

// What each kind of search can be told.
struct TakesRow {
    WebSearch how;
    bool max_uses;
    bool allowed;
    bool blocked;
    bool location;
};
constexpr TakesRow takes_rows[] = {
    {WebSearch::openrouter_plugin, true, true, true, true},
    {WebSearch::always, false, true, true, true},
    {WebSearch::search_settings, false, true, true, false},
    {WebSearch::web_search_options, false, false, false, true},
    {WebSearch::web_search_tool, false, true, false, true},
};

TakesRow taken_by(WebSearch how, const SearchTool& search) {
    const auto* row = std::find_if(std::begin(takes_rows), std::end(takes_rows),
                                   [how](const TakesRow& known) { return known.how == how; });
    if (row != std::end(takes_rows)) return *row;
    // GLM keeps to one domain at most.
    return {how, false, how == WebSearch::glm_tool && search.allowed.size() == 1, false, false};
}

// Allowed domains, else blocked ones behind a minus: it takes one kind or the other.
void write_domain_filter(json::Writer& out, const SearchTool& search) {
    const bool allows = search.allowed.size() > 0;
    const json::Value domains = allows ? search.allowed : search.blocked;
    if (domains.size() == 0) return;
    out.key("search_domain_filter").begin_array();
    std::size_t count = 0;
    for (const json::Value domain : domains.elements()) {
        if (count++ == max_filtered_domains) break;
        out.begin_string().append_text(allows ? "" : "-");
        out.append_escaped_text(domain.escaped()).end_string();
    }
    out.end_array();
}

void write_domains(json::Writer& out, const SearchTool& search) {
    if (search.allowed.size() > 0) out.key("include_domains").raw(search.allowed.raw());
    if (search.blocked.size() > 0) out.key("exclude_domains").raw(search.blocked.raw());
}

void write_plugin(json::Writer& out, const SearchTool& search) {
    out.key("plugins").begin_array().begin_object().key("id").escaped("web");
    if (search.max_uses.is_number()) out.key("max_uses").raw(search.max_uses.raw());
    write_domains(out, search);
    if (search.location.is_object()) {
        out.key("user_location");
        write_location(out, search.location);
    }
    out.end_object().end_array();
}

}  // namespace

const chat::Tool* search_tool(const chat::Request& request) {
    const auto found = std::find_if(
        request.tools.begin(), request.tools.end(),
        [](const chat::Tool& tool) { return tool.type.starts_with("web_search") && tool.direct; });
    return found == request.tools.end() ? nullptr : &*found;
}

SearchTool read_search_tool(const chat::Request& request, const chat::Tool& tool) {
    const json::Value source = tool.source;
    const json::Value filters = source["filters"];  // of Responses
    const auto list = [&](std::string_view key) {
        return source[key].is_array() ? source[key] : filters[key];
    };
    SearchTool out;
    out.max_uses = source["max_uses"];
    out.allowed = list("allowed_domains");
    out.blocked = list("blocked_domains");
    out.location = source["user_location"];
    // Chat Completions has it inside.
    if (out.location["approximate"].is_object()) out.location = out.location["approximate"];
    using Kind = chat::ToolChoice::Kind;
    const chat::ToolChoice& choice = request.tool_choice;
    out.forced =
        request.tools.size() == 1 || (choice.kind == Kind::tool && choice.name == tool.name);
    return out;
}

void warn_of_search_options(chat::Request& request, const SearchTool& search, WebSearch how) {
    const TakesRow takes = taken_by(how, search);
    if (search.max_uses.present() && !takes.max_uses) request.warn("tools.web_search.max_uses");
    if (search.allowed.size() > 0 && !takes.allowed) {
        request.warn("tools.web_search.allowed_domains");
    }
    if (search.blocked.size() > 0 && !takes.blocked) {
        request.warn("tools.web_search.blocked_domains");
    }
    if (search.location.is_object() && !takes.location) {
        request.warn("tools.web_search.user_location");
    }
}

void write_location(json::Writer& out, json::Value location) {
    out.begin_object().key("type").escaped("approximate");
    for (const std::string_view key : {"city", "region", "country", "timezone"}) {
        if (location[key].is_string()) out.key(key).escaped(location[key].escaped());
    }
    out.end_object();
}

std::string search_element(const SearchTool& search, WebSearch how) {
    if (how == WebSearch::kimi_builtin) {
        return R"({"type":"builtin_function","function":{"name":"$web_search"}})";
    }
    if (how != WebSearch::glm_tool) return {};
    std::string out = R"({"type":"web_search","web_search":{"enable":true,"search_result":true)";
    if (search.allowed.size() == 1) {
        out += R"(,"search_domain_filter":)";
        out += search.allowed.at(0).raw();
    }
    return out += "}}";
}

void write_search_members(json::Writer& out, const SearchTool& search, WebSearch how) {
    switch (how) {
        case WebSearch::openrouter_plugin:
            return write_plugin(out, search);
        case WebSearch::enable_search:
            out.key("enable_search").boolean(true);
            if (search.forced) out.key("search_options").raw(R"({"forced_search":true})");
            return;
        case WebSearch::always:
            write_domain_filter(out, search);
            if (!search.location.is_object()) return;
            out.key("web_search_options").begin_object().key("user_location");
            write_location(out, search.location);
            out.end_object();
            return;
        case WebSearch::search_settings:
            if (search.allowed.size() + search.blocked.size() == 0) return;
            out.key("search_settings").begin_object();
            write_domains(out, search);
            out.end_object();
            return;
        case WebSearch::web_search_options:
            out.key("web_search_options").begin_object();
            if (search.location.is_object()) {
                out.key("user_location").begin_object().key("type").escaped("approximate");
                out.key("approximate");
                write_location(out, search.location);
                out.end_object();
            }
            out.end_object();
            return;
        default:
            return;  // asked for among the tools, in another format, or not at all
    }
}

}  // namespace ccr::dialect
