// SPDX-License-Identifier: MIT
#include "daemon/dialect/openai_tool_calls.hpp"

#include <algorithm>

namespace ccr::dialect {
namespace {

constexpr std::size_t none = static_cast<std::size_t>(-1);

// An id may be a number (LM Studio).
std::string_view text_of(json::Value value) {
    return value.is_number() ? value.raw() : value.str();
}

}  // namespace

void OpenaiToolCalls::read(json::Value tool_calls, chat::EventSink& sink) {
    for (Call& call : calls_)
        call.in_this_delta = false;
    for (const json::Value element : tool_calls.elements()) {
        Fragment fragment;
        json::Value function;
        for (const json::Member member : element.members()) {
            const std::string_view key = member.key.str();
            if (key == "index") fragment.index = member.value.integer().value_or(no_index);
            if (key == "id") fragment.id = text_of(member.value);
            if (key == "function") function = member.value;
            if (key == "extra_content") {
                const auto google = member.value["google"]["thought_signature"].str();
                if (!google.empty()) sink.on(chat::ReasoningState{"x" + std::string(google)});
            }
        }
        for (const json::Member member : function.members()) {
            const std::string_view key = member.key.str();
            if (key == "name") fragment.name = member.value.str();
            if (key == "arguments") fragment.arguments = member.value;
        }
        read(fragment, sink);
    }
}

void OpenaiToolCalls::read_function_call(json::Value function, chat::EventSink& sink) {
    Fragment fragment;
    fragment.name = function["name"].str();
    fragment.arguments = function["arguments"];
    read(fragment, sink);
}

void OpenaiToolCalls::read(const Fragment& fragment, chat::EventSink& sink) {
    Call& call = call_for(fragment, sink);
    call.in_this_delta = true;
    if (call.id.empty()) call.id = fragment.id;
    if (!call.opened) take_name(call, fragment.name);
    const bool name_may_grow =
        profile_->name_fragments && call.arguments.empty() && !fragment.arguments.present();
    if (!call.name.empty() && !call.opened && !name_may_grow) open(call, sink);
    take_arguments(call, fragment.arguments, sink);
}

OpenaiToolCalls::Call& OpenaiToolCalls::call_for(const Fragment& fragment, chat::EventSink& sink) {
    const std::size_t at = find(fragment);
    if (at == none || starts_another(calls_[at], fragment)) return add(fragment, sink);
    current_ = at;
    return calls_[at];
}

// The newest call that the fragment's index, or else its id, or else its place says it is part of.
std::size_t OpenaiToolCalls::find(const Fragment& fragment) const {
    if (calls_.empty()) return none;
    if (fragment.index == no_index && fragment.id.empty()) return current_;
    const auto match = std::find_if(calls_.rbegin(), calls_.rend(), [&](const Call& call) {
        return fragment.index != no_index ? call.index == fragment.index : call.id == fragment.id;
    });
    if (match != calls_.rend()) return static_cast<std::size_t>(calls_.rend() - match) - 1;
    // An id that comes late names the call that has none yet.
    const Call& current = calls_[current_];
    const bool late_id = fragment.index == no_index && current.id.empty() &&
                         current.index == no_index && fragment.name.empty();
    return late_id ? current_ : none;
}

bool OpenaiToolCalls::starts_another(const Call& call, const Fragment& fragment) const {
    if (!fragment.id.empty() && !call.id.empty()) {
        return fragment.id != call.id;
    }
    if (profile_->cumulative_args || call.name.empty()) return false;
    const bool named = !fragment.name.empty();
    if (fragment.index == no_index && named && call.in_this_delta) return true;
    if (!call.arguments.complete()) return false;
    return repeats_whole(call, fragment) || (named && fragment.name != call.name) ||
           (named && fragment.index == no_index);
}

// A second whole value cannot be part of the first one's call.
bool OpenaiToolCalls::repeats_whole(const Call& call, const Fragment& fragment) const {
    if (!fragment.id.empty() && fragment.id == call.id) return false;
    if (fragment.arguments.is_object()) return true;
    return first_character(chat::Escaped{fragment.arguments.escaped()}) == '{';
}

OpenaiToolCalls::Call& OpenaiToolCalls::add(const Fragment& fragment, chat::EventSink& sink) {
    std::string inherited;
    if (!calls_.empty()) {
        const Call& last = calls_[current_];
        if (profile_->sequential_tools && last.opened) sink.on(chat::ToolClosed{last.key});
        // Nothing but a second value says that this is another call: then of the same tool.
        if (fragment.id.empty() && fragment.name.empty() && last.index == fragment.index) {
            inherited = last.name;
        }
    }
    Call& call = calls_.emplace_back();
    call.index = fragment.index;
    call.name = std::move(inherited);
    call.key = static_cast<std::uint32_t>(calls_.size() - 1);
    current_ = call.key;
    return call;
}

void OpenaiToolCalls::take_name(Call& call, std::string_view name) const {
    if (name.empty() || name == call.name) return;
    if (call.name.empty()) {
        call.name = name;
    } else if (profile_->name_fragments) {
        call.name += name;
    }
}

void OpenaiToolCalls::take_arguments(Call& call, json::Value arguments, chat::EventSink& sink) {
    if (arguments.is_object()) {
        if (!call.arguments.empty()) return;  // sent once more with the last chunk
        const std::string text = json::escape(arguments.raw());
        pass_on(call, chat::Escaped{text}, sink);
        return;
    }
    std::string_view fragment = arguments.escaped();
    if (fragment.empty()) return;
    if (profile_->cumulative_args && fragment.starts_with(call.held)) {
        fragment.remove_prefix(call.held.size());
    }
    pass_on(call, chat::Escaped{fragment}, sink);
}

void OpenaiToolCalls::pass_on(Call& call, chat::Escaped fragment, chat::EventSink& sink) {
    if (fragment.empty()) return;
    call.arguments.read(fragment);
    if (call.opened) sink.on(chat::ToolArguments{call.key, fragment});
    if (!call.opened || profile_->cumulative_args) call.held += fragment.bytes;
}

void OpenaiToolCalls::open(Call& call, chat::EventSink& sink) {
    call.opened = true;
    usable_ = true;
    sink.on(chat::ToolOpened{call.key, call.id, call.name});
    if (call.held.empty()) return;
    sink.on(chat::ToolArguments{call.key, chat::Escaped{call.held}});
    if (!profile_->cumulative_args) std::string().swap(call.held);
}

void OpenaiToolCalls::finish(chat::EventSink& sink) {
    for (Call& call : calls_) {
        if (!call.opened && !call.name.empty()) open(call, sink);
    }
}

}  // namespace ccr::dialect
