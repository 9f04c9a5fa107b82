// SPDX-License-Identifier: MIT
#include "daemon/dialect/openai_chat_thinking.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>
#include <utility>

namespace ccr::dialect::openai_chat {
namespace {

using Kind = chat::ThinkingMode::Kind;

constexpr auto effort_words =
    std::to_array<std::string_view>({"", "none", "low", "medium", "high", "xhigh", "max"});

Effort effort_named(std::string_view name) {
    const auto found = std::find(effort_words.begin(), effort_words.end(), name);
    return found == effort_words.end() ? Effort::unset
                                       : static_cast<Effort>(found - effort_words.begin());
}

Effort effort_of_budget(std::int64_t tokens) {
    constexpr std::pair<std::int64_t, Effort> steps[] = {
        {4096, Effort::low}, {16384, Effort::medium}, {32768, Effort::high}};
    for (const auto& [below, effort] : steps)
        if (tokens < below) return effort;
    return Effort::xhigh;
}

struct ThinkingWriter {
    const chat::Request& request;
    const Profile& profile;
    ToolUseHints tools;
    json::Writer& out;
    Kind kind;
    bool stream;
    Effort effort;

    [[nodiscard]] bool off() const { return effort == Effort::none; }
    [[nodiscard]] bool asked() const { return kind != Kind::absent && kind != Kind::disabled; }
    [[nodiscard]] bool explicitly_on() const { return kind == Kind::enabled; }

    void effort_member(Effort wanted) {
        const Effort sent = sent_effort(profile, wanted);
        if (sent != Effort::unset) out.key("reasoning_effort").escaped(effort_word(sent));
    }

    bool none() { return false; }

    bool reasoning_effort() {
        // Some models refuse functions unless reasoning is switched off explicitly.
        const bool must_not = profile.tools_need_no_reasoning && tools.any;
        if (must_not) {
            effort_member(Effort::none);
        } else if (effort != Effort::unset) {
            effort_member(effort);
        }
        return !must_not && !off();
    }

    bool deepseek() {
        // A call can be forced only while it does not think.
        const bool forced = tools.forced && !asked();
        if (off() || forced) {
            out.key("thinking").raw(R"({"type":"disabled"})");
            return false;
        }
        if (explicitly_on()) out.key("thinking").raw(R"({"type":"enabled"})");
        if (effort == Effort::unset) return asked();
        const Effort sent = effort == Effort::low    ? Effort::low
                            : effort <= Effort::high ? Effort::high
                                                     : Effort::max;
        out.key("reasoning_effort").escaped(effort_word(std::min(sent, profile.max_effort)));
        return asked();
    }

    bool glm() {
        if (off()) {
            out.key("thinking").raw(R"({"type":"disabled"})");
        } else if (asked()) {
            out.key("thinking").raw(R"({"type":"enabled","clear_thinking":false})");
        }
        return !off();
    }

    bool kimi() {
        if (off()) {
            if (profile.thinking_off) out.key("thinking").raw(R"({"type":"disabled"})");
        } else if (asked()) {
            out.key("thinking")
                .raw(profile.thinking_keep ? R"({"type":"enabled","keep":"all"})"
                                           : R"({"type":"enabled"})");
        }
        return !off();
    }

    bool qwen() {
        // Open models think by default, but only in streams.
        const bool refuse = off() || (!asked() && !stream);
        if (refuse) {
            out.key("enable_thinking").boolean(false);
            return false;
        }
        if (explicitly_on()) {
            out.key("enable_thinking").boolean(true);
            if (thinking_budget(request) > 0)
                out.key("thinking_budget").number(thinking_budget(request));
        }
        if (profile.thinking_keep) out.key("preserve_thinking").boolean(true);
        return asked();
    }

    bool minimax() {
        if (off()) {
            out.key("thinking").raw(R"({"type":"disabled"})");
        } else if (asked()) {
            out.key("thinking").raw(R"({"type":"adaptive"})");
        }
        out.key("reasoning_split").boolean(true);
        return !off();
    }

    bool openrouter() {
        if (off()) {
            out.key("reasoning").raw(R"({"enabled":false})");
            return false;
        }
        const bool by_budget =
            request.effort.empty() && explicitly_on() && thinking_budget(request) > 0;
        if (!asked() && effort == Effort::unset) return false;
        out.key("reasoning").begin_object();
        if (by_budget) {
            out.key("max_tokens").number(thinking_budget(request));
        } else if (effort != Effort::unset) {
            out.key("effort").escaped(effort_word(std::min(effort, profile.max_effort)));
        } else {
            out.key("enabled").boolean(true);
        }
        out.end_object();
        return true;
    }

    bool groq() {
        if (off()) {
            out.key("reasoning_effort").escaped("none");
        } else {
            out.key("reasoning_format").escaped("parsed");
        }
        return !off();
    }

    bool chat_template() {
        // Templates differ in the name; unknown variables are ignored.
        if (off()) {
            out.key("chat_template_kwargs").raw(R"({"enable_thinking":false,"thinking":false})");
        } else if (explicitly_on()) {
            out.key("chat_template_kwargs").raw(R"({"enable_thinking":true,"thinking":true})");
        }
        return explicitly_on();
    }

    bool switches() {
        if (off()) {
            out.key("thinking").raw(R"({"type":"disabled"})");
            out.key("enable_thinking").boolean(false);
        } else if (asked()) {
            out.key("thinking").begin_object().key("type").escaped("enabled");
            if (thinking_budget(request) > 0)
                out.key("budget_tokens").number(thinking_budget(request));
            out.end_object().key("enable_thinking").boolean(true);
        }
        return asked();
    }
};

struct StyleRow {
    ThinkingStyle style;
    bool (ThinkingWriter::*write)();
};
constexpr StyleRow styles[] = {
    {ThinkingStyle::none, &ThinkingWriter::none},
    {ThinkingStyle::reasoning_effort, &ThinkingWriter::reasoning_effort},
    {ThinkingStyle::deepseek, &ThinkingWriter::deepseek},
    {ThinkingStyle::glm, &ThinkingWriter::glm},
    {ThinkingStyle::kimi, &ThinkingWriter::kimi},
    {ThinkingStyle::qwen, &ThinkingWriter::qwen},
    {ThinkingStyle::minimax, &ThinkingWriter::minimax},
    {ThinkingStyle::openrouter, &ThinkingWriter::openrouter},
    {ThinkingStyle::groq, &ThinkingWriter::groq},
    {ThinkingStyle::chat_template, &ThinkingWriter::chat_template},
    {ThinkingStyle::switches, &ThinkingWriter::switches},
};

}  // namespace

std::string_view effort_word(Effort effort) {
    return effort_words[static_cast<std::size_t>(effort)];
}

Effort sent_effort(const Profile& profile, Effort wanted) {
    return wanted == Effort::none ? profile.off_effort : std::min(wanted, profile.max_effort);
}

Effort asked_effort(const chat::Request& request, Kind kind) {
    if (kind == Kind::disabled) return Effort::none;
    // A directive at the very end counts for the turn to come; earlier ones are history.
    std::string_view named = request.effort;
    if (!request.messages.empty() && request.messages.back().role == chat::Role::system &&
        !request.messages.back().effort.empty()) {
        named = request.messages.back().effort;
    }
    if (const Effort effort = effort_named(named); !named.empty() && effort != Effort::unset) {
        return effort;
    }
    if (kind != Kind::enabled || request.thinking.kind != Kind::enabled) return Effort::unset;
    return effort_of_budget(request.thinking.budget_tokens);
}

std::int64_t thinking_budget(const chat::Request& request) {
    const std::int64_t asked = request.thinking.budget_tokens;
    return asked > 0 && request.max_tokens > 1 ? std::min(asked, request.max_tokens - 1) : asked;
}

Kind thinking_kind(const chat::Request& request, const EncodeOptions& options) {
    const Kind kind = request.thinking.kind;
    if (options.overlay == nullptr || !options.overlay->thinking) return kind;
    if (!*options.overlay->thinking) return Kind::disabled;
    return kind == Kind::absent || kind == Kind::disabled ? Kind::enabled : kind;
}

bool write_thinking(const chat::Request& request, const EncodeOptions& options, ToolUseHints tools,
                    json::Writer& out) {
    const Profile& profile = *options.profile;
    const Kind kind = thinking_kind(request, options);
    ThinkingWriter writer{
        request, profile, tools, out, kind, options.stream(request), asked_effort(request, kind)};
    const auto* row =
        std::find_if(std::begin(styles), std::end(styles),
                     [&](const StyleRow& style) { return style.style == profile.thinking; });
    return row != std::end(styles) && (writer.*row->write)();
}

}  // namespace ccr::dialect::openai_chat
