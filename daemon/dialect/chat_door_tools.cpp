// SPDX-License-Identifier: MIT
#include <algorithm>

#include "daemon/dialect/chat_door_request.hpp"
#include "daemon/dialect/door_parts.hpp"

namespace ccr::dialect::chat_door {
namespace {

Result<void> add_tool(json::Value tool, chat::Request& request) {
    const std::string_view type = tool["type"].str();
    if (type == "function") return add_function_tool(tool["function"], "tools", request);
    if (type == "custom") return add_custom_tool(tool["custom"], request);
    request.warn("tools." + std::string(type));
    return {};
}

// What is chosen among all tools: "auto" and the like, or one by name.
Result<void> choose(json::Value choice, chat::Request& request) {
    using Kind = chat::ToolChoice::Kind;
    chat::ToolChoice& out = request.tool_choice;
    const std::string_view word = choice.is_string() ? choice.str() : choice["type"].str();
    if (word == "auto") {
        out.kind = Kind::automatic;
    } else if (word == "none") {
        out.kind = Kind::none;
    } else if (word == "required") {
        out.kind = Kind::any;
    } else if (word == "function" || word == "custom") {
        out.kind = Kind::tool;
        out.name = choice[word]["name"].str();
        if (out.name.empty()) return wrong("tool_choice", "the tool's name is missing");
    } else {
        return wrong("tool_choice", "should be 'none', 'auto', 'required' or name a tool");
    }
    return {};
}

Result<void> allow_only(json::Value allowed, chat::Request& request) {
    const json::Value named = allowed["tools"];
    const auto unwanted = [named](const chat::Tool& tool) {
        for (const json::Value each : named.elements()) {
            const std::string_view type = each["type"].str();
            if (each[type]["name"].str() == tool.name || each["name"].str() == tool.name) {
                return false;
            }
        }
        return true;
    };
    auto& tools = request.tools;
    tools.erase(std::remove_if(tools.begin(), tools.end(), unwanted), tools.end());
    const bool required = allowed["mode"].str() == "required";
    request.tool_choice.kind =
        required ? chat::ToolChoice::Kind::any : chat::ToolChoice::Kind::automatic;
    return {};
}

Result<void> decode_choice(json::Value root, chat::Request& request) {
    const json::Value choice = root["tool_choice"];
    const json::Value legacy = root["function_call"];
    if (choice["type"].str() == "allowed_tools") {
        return allow_only(choice["allowed_tools"], request);
    }
    if (choice.present()) return choose(choice, request);
    if (legacy.is_object()) {
        request.tool_choice.kind = chat::ToolChoice::Kind::tool;
        request.tool_choice.name = legacy["name"].str();
        return {};
    }
    return legacy.present() ? choose(legacy, request) : Result<void>();
}

}  // namespace

Result<void> decode_tools(json::Value root, chat::Request& request) {
    for (const json::Value tool : root["tools"].elements()) {
        if (auto done = add_tool(tool, request); !done) return done;
    }
    for (const json::Value function : root["functions"].elements()) {
        if (auto done = add_function_tool(function, "functions", request); !done) return done;
    }
    if (const json::Value search = root["web_search_options"]; search.is_object()) {
        add_search_tool(search, request);
    }
    request.tool_choice.disable_parallel = !root["parallel_tool_calls"].boolean(true);
    return decode_choice(root, request);
}

}  // namespace ccr::dialect::chat_door
