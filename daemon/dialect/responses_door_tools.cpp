// SPDX-License-Identifier: MIT
#include <algorithm>

#include "daemon/dialect/door_parts.hpp"
#include "daemon/dialect/responses_door_request.hpp"

namespace ccr::dialect::responses_door {
namespace {

using Kind = chat::ToolChoice::Kind;

// What the provider's own shell tools take; their calls come back as those of a function.
constexpr std::string_view shell_schema =
    R"({"type":"object","properties":{"command":{"type":"array","items":{"type":"string"}},)"
    R"("workdir":{"type":"string"},"timeout_ms":{"type":"number"}},"required":["command"]})";

json::Value shell_parameters() {
    static const auto* const document = [] {
        auto* parsed = new json::Document;
        static_cast<void>(parsed->parse_view(shell_schema));
        return parsed;
    }();
    return document->root();
}

bool is_shell(std::string_view type) {
    return type == "local_shell" || type == "shell";
}

void add_shell(std::string_view name, json::Value source, chat::Request& request) {
    chat::Tool tool;
    tool.source = source;
    tool.name = name;
    tool.description = {"Runs a command and returns its output."};
    tool.input_schema = shell_parameters();
    request.tools.push_back(tool);
}

Result<void> add_tool(json::Value tool, chat::Request& request);

Result<void> add_namespace(json::Value space, chat::Request& request) {
    const std::string_view name = space["name"].str();
    if (name.empty()) return wrong("tools", "a namespace needs a name");
    for (const json::Value tool : space["tools"].elements()) {
        const std::size_t before = request.tools.size();
        if (auto done = add_tool(tool, request); !done) return done;
        for (std::size_t i = before; i < request.tools.size(); ++i) {
            if (!request.tools[i].space.empty()) continue;
            request.tools[i].name = flat_name(name, request.tools[i].name, request);
            request.tools[i].space = name;
        }
    }
    return {};
}

Result<void> add_tool(json::Value tool, chat::Request& request) {
    const std::string_view type = tool["type"].str();
    if (type == "function") return add_function_tool(tool, "tools", request);
    if (type == "custom") return add_custom_tool(tool, request);
    if (type == "namespace") return add_namespace(tool, request);
    if (type.starts_with("web_search")) {
        add_search_tool(tool, request);
    } else if (is_shell(type)) {
        add_shell(type, tool, request);
    } else if (type != "tool_search") {
        std::string field = "tools.";
        request.warn(field += type);
    }
    return {};
}

// Of a tool as it is named in a choice; built-in ones go by their type.
std::string_view name_of(json::Value named, chat::Request& request) {
    const std::string_view type = named["type"].str();
    if (is_shell(type)) return type;
    const std::string_view space = named["namespace"].str();
    const std::string_view name = named["name"].str();
    return space.empty() || name.empty() ? name : flat_name(space, name, request);
}

bool means(json::Value named, const chat::Tool& tool, chat::Request& request) {
    const std::string_view type = named["type"].str();
    if (type.starts_with("web_search")) return tool.type.starts_with("web_search");
    return tool.name == name_of(named, request);
}

void allow_only(json::Value allowed, chat::Request& request) {
    const json::Value named = allowed["tools"];
    const auto unwanted = [&](const chat::Tool& tool) {
        for (const json::Value each : named.elements()) {
            if (means(each, tool, request)) return false;
        }
        return true;
    };
    auto& tools = request.tools;
    tools.erase(std::remove_if(tools.begin(), tools.end(), unwanted), tools.end());
    request.tool_choice.kind = allowed["mode"].str() == "required" ? Kind::any : Kind::automatic;
}

}  // namespace

std::string_view flat_name(std::string_view space, std::string_view name, chat::Request& request) {
    std::string flat(space);
    flat.append("__").append(name);
    return request.keep(std::move(flat));
}

Result<void> decode_tools(json::Value tools, chat::Request& request) {
    for (const json::Value tool : tools.elements()) {
        if (auto done = add_tool(tool, request); !done) return done;
    }
    return {};
}

Result<void> decode_tool_choice(json::Value choice, chat::Request& request) {
    if (!choice.present()) return {};
    chat::ToolChoice& out = request.tool_choice;
    const std::string_view word = choice.is_string() ? choice.str() : choice["type"].str();
    if (word == "auto") {
        out.kind = Kind::automatic;
    } else if (word == "none") {
        out.kind = Kind::none;
    } else if (word == "required") {
        out.kind = Kind::any;
    } else if (word == "allowed_tools") {
        allow_only(choice, request);
    } else if (word == "function" || word == "custom" || is_shell(word)) {
        out.kind = Kind::tool;
        out.name = name_of(choice, request);
        if (out.name.empty()) return wrong("tool_choice", "the tool's name is missing");
    } else if (word.starts_with("web_search")) {
        out.kind = Kind::tool;
        out.name = "web_search";
    } else {
        std::string field = "tool_choice.";
        request.warn(field += word);
    }
    return {};
}

}  // namespace ccr::dialect::responses_door
