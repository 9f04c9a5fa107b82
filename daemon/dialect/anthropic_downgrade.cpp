// SPDX-License-Identifier: MIT
#include "daemon/dialect/anthropic_downgrade.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <unordered_set>

#include "common/text.hpp"
#include "daemon/dialect/client_tools.hpp"
#include "daemon/dialect/envelope.hpp"
#include "daemon/dialect/history_text.hpp"

namespace ccr::dialect::anthropic {
namespace {

constexpr std::int64_t smallest_budget = 1024;  // the format's own minimum

// What the format had in 2024; later fields are refused by servers that check for unknown ones.
constexpr std::string_view known_fields[] = {
    "model", "messages",    "system", "max_tokens", "metadata", "stop_sequences", "stream",
    "tools", "temperature", "top_p",  "top_k",      "thinking", "tool_choice"};

bool known_field(std::string_view name) {
    return std::find(std::begin(known_fields), std::end(known_fields), name) !=
           std::end(known_fields);
}

std::string text_block(std::string_view escaped) {
    return R"({"type":"text","text":")" + std::string(escaped) + "\"}";
}

bool is_server_tool_block(std::string_view type) {
    return type == "server_tool_use" || type == "mcp_tool_use" ||
           (type.ends_with("_tool_result") && type != "tool_result");
}

std::string told(json::Value block) {
    const std::string_view type = block["type"].str();
    if (type.ends_with("_use")) {
        return history_text(
            chat::ServerToolUse{block["id"].str(), block["name"].str(), block["input"].raw()});
    }
    return history_text(chat::ServerToolResult{type, block["tool_use_id"].str(), block["content"]});
}

class Downgrade {
  public:
    Downgrade(const chat::Request& request, AnthropicLevel level, JsonEdit& edit)
        : request_(request), level_(level), edit_(edit), root_(request.document.root()) {
        collect_references();
    }

    void run() {
        const bool no_tools = all_tools_go();
        const bool no_thinking = !thinking_fits();
        edit_.remove_members(root_, [&](const json::Member& member) {
            const std::string_view key = member.key.str();
            if (no_tools && (key == "tools" || key == "tool_choice")) return true;
            return !known_field(key) || (no_thinking && key == "thinking");
        });
        if (!no_thinking) thinking();
        for (const json::Value block : root_["system"].elements())
            cache_control(block);
        if (!no_tools) tools();
        messages();
    }

  private:
    void collect_references() {
        for (const json::Value message : root_["messages"].elements())
            for (const json::Value block : message["content"].elements())
                for (const json::Value inner : block["content"].elements())
                    if (inner["type"].str() == "tool_reference") {
                        referenced_.insert(inner["tool_name"].str());
                    }
    }

    [[nodiscard]] bool tool_goes(json::Value tool) const {
        const std::string_view type = tool["type"].str();
        const bool ours = type.empty() || type == "custom" || client_tool(type) != nullptr;
        const bool unseen =
            tool["defer_loading"].boolean() && !referenced_.contains(tool["name"].str());
        return !ours || unseen;
    }

    [[nodiscard]] bool all_tools_go() const {
        for (const json::Value tool : root_["tools"].elements())
            if (!tool_goes(tool)) return false;
        return true;
    }

    void tools() {
        const json::Value tools = root_["tools"];
        edit_.remove_elements(tools, [this](json::Value tool) { return tool_goes(tool); });
        for (const json::Value tool : tools.elements()) {
            if (tool_goes(tool)) continue;
            const ClientTool* builtin = client_tool(tool["type"].str());
            if (builtin != nullptr) {
                edit_.replace(tool, custom_tool(tool, *builtin));
                continue;
            }
            constexpr std::string_view later[] = {"type",           "defer_loading",
                                                  "strict",         "allowed_callers",
                                                  "input_examples", "eager_input_streaming"};
            edit_.remove_members(tool, [&](const json::Member& member) {
                return std::find(std::begin(later), std::end(later), member.key.str()) !=
                       std::end(later);
            });
            cache_control(tool);
        }
    }

    static std::string custom_tool(json::Value tool, const ClientTool& builtin) {
        std::string out;
        json::Writer writer(out);
        writer.begin_object().key("name");
        tool["name"].is_string() ? writer.raw(tool["name"].raw()) : writer.string(builtin.name);
        writer.key("description").escaped(builtin.description);
        writer.key("input_schema").raw(builtin.parameters).end_object();
        return out;
    }

    [[nodiscard]] std::int64_t budget() const {
        std::int64_t tokens = request_.thinking.budget_tokens;
        if (tokens <= 0) {
            tokens = request_.effort == "low" ? 4096 : request_.effort == "medium" ? 10240 : 31999;
        }
        return std::min(tokens, request_.max_tokens - 1);
    }

    [[nodiscard]] bool thinking_fits() const {
        using Kind = chat::ThinkingMode::Kind;
        const Kind kind = request_.thinking.kind;
        if (kind == Kind::disabled) return level_ != AnthropicLevel::minimal;
        if (kind == Kind::absent || budget() < smallest_budget) return false;
        return level_ != AnthropicLevel::minimal || kind == Kind::enabled;
    }

    // "adaptive" and the display options came later.
    void thinking() {
        const json::Value thinking = root_["thinking"];
        if (request_.thinking.kind == chat::ThinkingMode::Kind::disabled) {
            edit_.replace(thinking, R"({"type":"disabled"})");
        } else {
            std::string text = R"({"type":"enabled","budget_tokens":)";
            append_number(text, budget());
            edit_.replace(thinking, text + '}');
        }
    }

    // Time to live came later too.
    void cache_control(json::Value block) {
        const json::Value control = block["cache_control"];
        if (!control["ttl"]) return;
        edit_.remove_members(control,
                             [](const json::Member& member) { return member.key.str() == "ttl"; });
    }

    void messages() {
        const json::Value messages = root_["messages"];
        edit_.remove_elements(messages, [this](json::Value message) { return empties(message); });
        for (const json::Value message : messages.elements()) {
            if (empties(message)) continue;
            edit_.remove_members(message, [](const json::Member& member) {
                return member.key.str() != "role" && member.key.str() != "content";
            });
            if (message["role"].str() == "system") {
                system_message(message);
            } else {
                blocks(message["content"]);
            }
        }
    }

    [[nodiscard]] bool block_goes(json::Value block) const {
        if (sealed_by_us(block)) return true;
        const std::string_view type = block["type"].str();
        if (type == "redacted_thinking") return level_ == AnthropicLevel::minimal;
        return type == "fallback" || type == "tool_addition" || type == "tool_removal";
    }

    [[nodiscard]] bool empties(json::Value message) const {
        const json::Value content = message["content"];
        if (content.is_string()) return message["role"].str() == "system" && content.str().empty();
        for (const json::Value block : content.elements())
            if (!block_goes(block)) return false;
        return true;
    }

    void system_message(json::Value message) {
        constexpr std::string_view open = R"(<system-reminder>\n)";
        constexpr std::string_view close = R"(\n</system-reminder>)";
        edit_.replace(message["role"], "\"user\"");
        const json::Value content = message["content"];
        if (content.is_string()) {
            edit_.insert(JsonEdit::begin_of(content) + 1, std::string(open));
            edit_.insert(JsonEdit::end_of(content) - 1, std::string(close));
            return;
        }
        edit_.remove_elements(content, [this](json::Value block) { return block_goes(block); });
        for (const json::Value block : content.elements()) {
            const json::Value text = block["text"];
            if (block_goes(block) || !text.is_string()) continue;
            edit_.insert(JsonEdit::begin_of(text) + 1, std::string(open));
            edit_.insert(JsonEdit::end_of(text) - 1, std::string(close));
            cache_control(block);
        }
    }

    void blocks(json::Value content) {
        edit_.remove_elements(content, [this](json::Value block) { return block_goes(block); });
        for (const json::Value block : content.elements()) {
            if (!block_goes(block)) one_block(block);
        }
    }

    void one_block(json::Value block) {
        const std::string_view type = block["type"].str();
        if (type == "tool_reference") {
            edit_.replace(block, text_block("Tool now available: " +
                                            std::string(block["tool_name"].escaped())));
        } else if (is_server_tool_block(type)) {
            edit_.replace(block, text_block(told(block)));
        } else {
            cache_control(block);
            if (type == "text") citations(block);
            if (type == "tool_result") blocks(block["content"]);
        }
    }

    // They point into results that are told in words.
    void citations(json::Value text) {
        edit_.remove_members(
            text, [](const json::Member& member) { return member.key.str() == "citations"; });
    }

    const chat::Request& request_;
    AnthropicLevel level_;
    JsonEdit& edit_;
    json::Value root_;
    std::unordered_set<std::string_view> referenced_;
};

}  // namespace

bool sealed_by_us(json::Value block) {
    const std::string_view type = block["type"].str();
    if (type == "thinking") return block["signature"].str().starts_with(our_seal);
    if (type == "redacted_thinking") return block["data"].str().starts_with(our_seal);
    return false;
}

void downgrade(const chat::Request& request, AnthropicLevel level, JsonEdit& edit) {
    Downgrade(request, level, edit).run();
}

}  // namespace ccr::dialect::anthropic
