// SPDX-License-Identifier: MIT
#include <algorithm>
#include <set>

#include "common/text.hpp"
#include "tests/testing/request_run.hpp"

namespace ccr::testing {
namespace {

using dialect::Profile;

constexpr std::string_view anthropic_only[] = {"input_schema",
                                               "tool_use_id",
                                               "defer_loading",
                                               "context_management",
                                               "output_config",
                                               "metadata",
                                               "anthropic_version",
                                               "stop_sequences",
                                               "system",
                                               "media_type",
                                               "safeguards",
                                               "signature",
                                               "citations",
                                               "is_error",
                                               "container",
                                               "mcp_servers",
                                               "display",
                                               "max_uses",
                                               "eager_input_streaming",
                                               "input"};

bool tool_name(std::string_view name) {
    return !name.empty() && name.size() <= 64 &&
           std::all_of(name.begin(), name.end(), [](unsigned char c) {
               return std::isalnum(c) != 0 || c == '_' || c == '-';
           });
}

class Linter {
  public:
    explicit Linter(const Profile& profile) : profile_(profile) {}

    void body(json::Value root) {
        if (root["model"].str().empty()) say("no model");
        if (root["max_tokens"] && root["max_completion_tokens"]) say("two limits");
        if (root["stream_options"] && !root["stream"].boolean()) say("stream_options, no stream");
        if (root["stop"] && root["stop"].size() == 0) say("empty stop");
        tools(root);
        messages(root["messages"]);
        for (const json::Member m : root.members()) {
            if (m.key.str() != "tools" && m.key.str() != "response_format") foreign(m);
        }
    }

    std::vector<std::string> found;

  private:
    void say(std::string text) { found.push_back(std::move(text)); }

    void tools(json::Value root) {
        const json::Value tools = root["tools"];
        if (tools && tools.size() == 0) say("empty tools");
        std::set<std::string> names;
        for (const json::Value tool : tools.elements()) {
            if (tool["type"].str() != "function") continue;
            const std::string name(tool["function"]["name"].str());
            if (!tool_name(name)) say("tool name " + name);
            if (!names.insert(name).second) say("tool " + name + " twice");
            const json::Value parameters = tool["function"]["parameters"];
            if (parameters["type"].str() != "object" || !parameters["properties"].is_object()) {
                say("parameters of " + name);
            }
            if (parameters["$schema"]) say("$schema in " + name);
        }
        const json::Value choice = root["tool_choice"];
        if (choice && !tools) say("tool_choice without tools");
        if (choice.is_object() && !names.contains(std::string(choice["function"]["name"].str()))) {
            say("tool_choice names no tool");
        }
    }

    void messages(json::Value messages) {
        if (messages.size() == 0) say("no messages");
        std::string last;
        for (const json::Value message : messages.elements()) {
            const std::string role(message["role"].str());
            if (role == "tool") {
                answer(message);
            } else if (!waiting_.empty()) {
                say(role + " before the calls are answered");
                waiting_.clear();
            }
            if (role == "user" && last == "user") say("two user messages in a row");
            if (role == "assistant" && last == "assistant") say("two assistant messages in a row");
            if (role == "user" && last == "tool" && !profile_.user_after_tool) {
                say("user after tool");
            }
            if (role == "assistant") calls(message);
            content(message, role);
            last = role;
        }
        if (!waiting_.empty()) say("calls never answered");
        if (last != "user" && last != "tool" && profile_.prefill == dialect::Prefill::none) {
            say("the last message is of role " + last);
        }
    }

    void answer(json::Value message) {
        const std::string id(message["tool_call_id"].str());
        if (waiting_.empty() || waiting_.front() != id) {
            say("answer to " + id + " is out of order");
        } else {
            waiting_.erase(waiting_.begin());
        }
    }

    void calls(json::Value message) {
        const json::Value calls = message["tool_calls"];
        if (calls && calls.size() == 0) say("empty tool_calls");
        for (const json::Value call : calls.elements()) {
            const std::string id(call["id"].str());
            if (id.empty() || !ids_.insert(id).second) say("call id " + id);
            if (!tool_name(call["function"]["name"].str())) say("call of no tool name");
            json::Document arguments;
            const auto parsed = arguments.parse(std::string(call["function"]["arguments"].str()));
            if (!parsed || !parsed->is_object()) say("arguments of " + id);
            waiting_.push_back(id);
        }
    }

    void content(json::Value message, const std::string& role) {
        const json::Value content = message["content"];
        if (content.is_string()) {
            if (content.str().empty() && !message["tool_calls"]) say("empty " + role);
            if (content.str().starts_with("x-anthropic-billing")) say("billing header");
        } else if (content.is_array()) {
            if (content.size() == 0) say("no parts");
            for (const json::Value part : content.elements())
                this->part(part, role);
        } else if (!message["tool_calls"]) {
            say("no content in " + role);
        } else if (!profile_.null_content) {
            say("content is null");
        }
    }

    void part(json::Value part, const std::string& role) {
        const std::string_view type = part["type"].str();
        if (type == "text") {
            if (part["text"].str().empty()) say("empty text part");
        } else if (type == "image_url" || type == "file") {
            if (role != "user" && !profile_.tool_media) say("media in " + role);
            if (type == "image_url" && !profile_.images) say("image");
            if (type == "file" && !profile_.documents) say("document");
        } else if (type != "thinking") {
            say("part " + std::string(type));
        }
    }

    void foreign(const json::Member& m) {
        const std::string_view key = m.key.str();
        const auto* known = std::find(std::begin(anthropic_only), std::end(anthropic_only), key);
        if (known != std::end(anthropic_only)) say("foreign key " + std::string(key));
        if (key == "cache_control" && !profile_.cache_control) say("cache_control");
        if (key == "plugins") return;  // OpenRouter's own, with words of its own
        foreign_inside(m.value);
    }

    void foreign_inside(json::Value value) {
        for (const json::Member m : value.members())
            foreign(m);
        for (const json::Value element : value.elements())
            foreign_inside(element);
    }

    const Profile& profile_;
    std::vector<std::string> waiting_;
    std::set<std::string> ids_;
};

}  // namespace

std::vector<std::string> lint_chat(std::string_view body, const Profile& profile) {
    if (profile.reasoning_field == dialect::ReasoningField::reasoning_item)
        return lint_responses(body);
    if (profile.name == "gemini-native") return lint_gemini(body);
    json::Document document;
    const auto root = document.parse_view(body);
    if (!root) return {"not JSON: " + root.error().detail};
    Linter linter(profile);
    linter.body(*root);
    return linter.found;
}

}  // namespace ccr::testing
