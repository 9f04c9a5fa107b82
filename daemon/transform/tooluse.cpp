// SPDX-License-Identifier: MIT
#include <map>
#include <optional>
#include <utility>

#include "common/json.hpp"
#include "common/text.hpp"
#include "daemon/transform/argument_repair.hpp"
#include "daemon/transform/builtin.hpp"
#include "daemon/transform/member_reader.hpp"

namespace ccr::transform {
namespace {

constexpr std::string_view exit_tool = "ExitTool";
constexpr std::string_view exit_description =
    "Leaves tool mode and gives your answer to the user. Call it only when the task is done or "
    "none "
    "of the other tools can help with it; as long as one of them can, call that one instead.";
constexpr std::string_view exit_schema =
    R"({"type":"object","properties":{"response":{"type":"string","description":"What the user )"
    R"(gets to read, exactly as you write it."}},"required":["response"]})";
constexpr std::string_view reminder =
    "Tool mode is active: answer by calling the tool that fits the task best. Before you call one, "
    "check that it does fit. If none does, or if the task is done, call ExitTool with your answer; "
    "there is no other way to reply in text.";
// Arguments without the expected member are shown whole, but no more of them.
constexpr std::size_t max_shown = std::size_t{1} << 20U;

// Turns a call of ExitTool back into the text that it stands for.
class ToolUse final : public chat::EventSink {
  public:
    explicit ToolUse(chat::EventSink& next) : next_(next) {}

    void on(const chat::Event& event) override {
        if (const auto* tool = std::get_if<chat::ToolOpened>(&event)) {
            if (iequals(tool->name, exit_tool)) {
                exits_.emplace(tool->key, Exit{});
                return;
            }
        } else if (const auto* piece = std::get_if<chat::ToolArguments>(&event)) {
            const auto exit = exits_.find(piece->key);
            if (exit != exits_.end()) return read(exit->second, piece->fragment);
        } else if (const auto* closed = std::get_if<chat::ToolClosed>(&event)) {
            const auto exit = exits_.find(closed->key);
            if (exit != exits_.end()) return finish(exit->second);
        } else if (std::holds_alternative<chat::Ended>(event)) {
            for (auto& [key, exit] : exits_)
                finish(exit);
        }
        next_.on(event);
    }

  private:
    struct Exit {
        ArgumentRepair repair;
        MemberReader response{"response"};
        std::string arguments;  // so far, until the response begins
        bool finished = false;
    };

    void read(Exit& exit, chat::Escaped fragment) {
        std::string json;
        exit.repair.feed(json::unescape(fragment.bytes), json);
        show(exit, json);
    }

    void show(Exit& exit, std::string_view json) {
        std::string text;
        exit.response.feed(json, text);
        if (exit.response.found()) {
            release(exit.arguments);
        } else if (exit.arguments.size() + json.size() <= max_shown) {
            exit.arguments += json;
        }
        if (!text.empty()) next_.on(chat::TextDelta{{text}});
    }

    void finish(Exit& exit) {
        if (std::exchange(exit.finished, true)) return;
        std::string json;
        exit.repair.finish(false, json);
        show(exit, json);
        const std::string_view left = trim(exit.arguments);
        if (exit.response.found() || left.empty() || left == "{}") return;
        const std::string escaped = json::escape(left);
        next_.on(chat::TextDelta{{escaped}});
    }

    chat::EventSink& next_;
    std::map<std::uint32_t, Exit> exits_;
};

}  // namespace

void tooluse(const Options& /*options*/, RequestContext& context) {
    using Kind = chat::ToolChoice::Kind;
    const Kind choice = context.request.tool_choice.kind;
    // Without tools there is nothing to force, and a client that forbids them means it.
    if (context.request.tools.empty() || choice == Kind::none) return;
    context.overlay.system_tail = reminder;
    context.overlay.tools.push_back({exit_tool, exit_description, exit_schema});
    if (choice != Kind::tool) context.overlay.tool_choice = Kind::any;
}

Filter tooluse_filter(const Options& /*options*/, const FilterContext& /*context*/,
                      chat::EventSink& next) {
    return std::make_unique<ToolUse>(next);
}

}  // namespace ccr::transform
