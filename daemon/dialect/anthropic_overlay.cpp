// SPDX-License-Identifier: MIT
#include "daemon/dialect/anthropic_overlay.hpp"

#include <algorithm>
#include <utility>

#include "common/text.hpp"
#include "daemon/dialect/anthropic_downgrade.hpp"
#include "daemon/dialect/extra_members.hpp"
#include "daemon/dialect/json_edit.hpp"

namespace ccr::dialect::anthropic {
namespace {

std::string_view choice_word(chat::ToolChoice::Kind kind) {
    using Kind = chat::ToolChoice::Kind;
    switch (kind) {
        case Kind::any:
        case Kind::tool:  // which one is not the overlay's to say
            return "any";
        case Kind::none:
            return "none";
        case Kind::absent:
        case Kind::automatic:
            break;
    }
    return "auto";
}

bool thinks(json::Value root) {
    const std::string_view type = root["thinking"]["type"].str();
    return !type.empty() && type != "disabled";
}

class Layer {
  public:
    Layer(json::Value root, const Overlay& overlay, JsonEdit& edit)
        : root_(root), overlay_(overlay), edit_(edit) {}

    void run() {
        if (overlay_.max_tokens_cap) cap(*overlay_.max_tokens_cap);
        put("temperature", overlay_.temperature);
        put("top_p", overlay_.top_p);
        put("top_k", overlay_.top_k);
        put("repetition_penalty", overlay_.repetition_penalty);
        if (!overlay_.thinking.value_or(true) && thinks(root_)) {
            put("thinking", R"({"type":"disabled"})");
        }
        tools();
        if (overlay_.drop_cache_control) drop_cache_control();
        tails();
        if (!added_.empty()) edit_.append_member(root_, std::move(added_));
    }

    void cap(std::int64_t most) {
        const json::Value value = root_["max_tokens"];
        if (value.integer().value_or(0) <= most) return;
        edit_.replace(value, std::to_string(most));
    }

  private:
    // All of duplicate keys: servers differ in which one they take.
    void put(std::string_view key, std::string_view raw) {
        if (raw.empty()) return;
        bool present = false;
        for (const json::Member member : root_.members()) {
            if (member.key.str() != key) continue;
            present = true;
            edit_.replace(member.value, std::string(raw));
        }
        if (present) return;
        added_ += added_.empty() ? "\"" : ",\"";
        added_.append(key).append("\":").append(raw);
    }

    void tools() {
        const json::Value tools = root_["tools"];
        if (tools.size() == 0) return;
        for (const ExtraTool& tool : overlay_.tools) {
            const auto same = [&](json::Value known) { return known["name"].str() == tool.name; };
            bool taken = false;
            for (const json::Value known : tools.elements())
                taken = taken || same(known);
            if (taken) continue;
            std::string object;
            json::Writer out(object);
            out.begin_object().key("name").string(tool.name);
            out.key("description").string(tool.description);
            out.key("input_schema").raw(tool.schema).end_object();
            edit_.insert(JsonEdit::end_of(tools) - 1, "," + object);
        }
        // A model that thinks cannot be made to call a tool: the request would be refused.
        const bool forces = overlay_.tool_choice && choice_word(*overlay_.tool_choice) == "any";
        if (overlay_.tool_choice && !(forces && thinks(root_))) tool_choice();
    }

    void tool_choice() {
        std::string choice = R"({"type":")";
        choice.append(choice_word(*overlay_.tool_choice)).append("\"");
        if (root_["tool_choice"]["disable_parallel_tool_use"].boolean()) {
            choice += R"(,"disable_parallel_tool_use":true)";
        }
        put("tool_choice", choice + "}");
    }

    void drop_from(json::Value object) {
        edit_.remove_members(
            object, [](const json::Member& member) { return member.key.str() == "cache_control"; });
    }

    void drop_from_blocks(json::Value blocks) {
        for (const json::Value block : blocks.elements()) {
            drop_from(block);
            drop_from_blocks(block["content"]);
        }
    }

    void drop_cache_control() {
        drop_from(root_);
        drop_from_blocks(root_["system"]);
        drop_from_blocks(root_["tools"]);
        drop_from_blocks(root_["messages"]);
    }

    void tails() {
        if (!overlay_.user_tail.empty()) tail(json::escape(overlay_.user_tail));
        if (!overlay_.system_tail.empty()) tail(system_reminder(overlay_.system_tail));
    }

    // One more text in the last user message.
    void tail(const std::string& escaped) {
        json::Value content;
        for (const json::Value message : root_["messages"].elements())
            if (message["role"].str() == "user") content = message["content"];
        if (content.is_string()) {
            const std::string_view gap = content.str().empty() ? "" : R"(\n\n)";
            edit_.insert(JsonEdit::end_of(content) - 1, std::string(gap) + escaped);
        } else if (content.is_array()) {
            std::string block(content.size() > 0 ? "," : "");
            block.append(R"({"type":"text","text":")").append(escaped).append("\"}");
            edit_.insert(JsonEdit::end_of(content) - 1, std::move(block));
        }
    }

    json::Value root_;
    const Overlay& overlay_;
    JsonEdit& edit_;
    std::string added_;  // members behind all others
};

template <typename Change>
std::string changed(std::string body, const Overlay& overlay, const Change& change) {
    json::Document document;
    const auto root = document.parse_view(body);
    if (!root) return body;
    JsonEdit edit(document.source());
    Layer layer(*root, overlay, edit);
    change(layer);
    return edit.empty() ? body : edit.apply();
}

}  // namespace

std::string with_cap(std::string body, std::int64_t cap) {
    return changed(std::move(body), {}, [cap](Layer& layer) { layer.cap(cap); });
}

std::string with_overlay(std::string body, const Overlay& overlay) {
    std::string out = changed(std::move(body), overlay, [](Layer& layer) { layer.run(); });
    return overlay.members.empty() ? out : with_members(std::move(out), overlay.members);
}

std::string with_tagged_thinking(const chat::Request& request, std::string_view tag) {
    const json::Value messages = request.document.root()["messages"];
    JsonEdit edit(request.document.source());
    const std::string name = json::escape(tag);
    std::size_t assistants = 0;
    for (std::size_t i = messages.size(); i-- > 0 && assistants < tagged_turns;) {
        const json::Value message = messages.at(i);
        if (message["role"].str() != "assistant") continue;
        ++assistants;
        for (const json::Value block : message["content"].elements()) {
            const std::string_view text = block["thinking"].escaped();
            if (!sealed_by_us(block) || text.empty()) continue;
            std::string told = R"({"type":"text","text":"<)" + name + ">";
            told.append(text).append("</").append(name).append(R"(>\n"})");
            edit.replace(block, std::move(told));
        }
    }
    return edit.empty() ? std::string() : edit.apply();
}

}  // namespace ccr::dialect::anthropic
