// SPDX-License-Identifier: MIT
// The wire-neutral reply: what a provider dialect's decoder says, in the provider's order. Events
// may interleave (text, reasoning and the arguments of several tools); making a legal sequence of
// content blocks out of them is the client dialect's writer's work, and only its.
//
// Views inside an event are valid during the call that delivers it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <variant>

#include "common/result.hpp"
#include "daemon/chat/request.hpp"
#include "daemon/chat/usage.hpp"

namespace ccr::chat {

struct Started {
    std::string_view id;     // the provider's own id of the reply
    std::string_view model;  // the model that the provider says it used
};
struct TextDelta {
    Escaped text;
};
struct ReasoningDelta {
    Escaped text;
};
// Opaque reasoning state that must come back with the next request (encrypted content, thought
// signature, reasoning_details). Belongs to the current or next thinking block.
struct ReasoningState {
    std::string_view blob;  // decoded bytes
};
// `key` tells the calls of one reply apart; it means nothing outside of it.
struct ToolOpened {
    std::uint32_t key = 0;
    std::string_view id;    // may be empty: the provider gave none
    std::string_view name;  // never empty
};
struct ToolArguments {
    std::uint32_t key = 0;
    Escaped fragment;  // a piece of the arguments' JSON text
};
struct ToolClosed {
    std::uint32_t key = 0;
};
struct RefusalDelta {
    Escaped text;
};
// A page that a web search found.
struct SearchHit {
    Escaped url;
    Escaped title;
    Escaped age = {};              // "3 days ago", as the searcher says it; may be empty
    std::string_view opaque = {};  // decoded; what the provider wants back with the page, or empty
};
// The web was searched, by the provider or by the router: once for each query. It comes whole, and
// may come behind the text that rests on it.
struct Searched {
    std::string_view id = {};  // the provider's own, may be empty
    Escaped query = {};        // empty: the provider does not say
    std::span<const SearchHit> hits = {};
    std::string_view failure = {};  // Anthropic's error_code ("unavailable" ...), or empty
};
// The text that was said last, or a part of it, rests on a page.
struct Cited {
    Escaped url;
    Escaped title = {};
    Escaped quote = {};            // what the page says, may be empty
    std::string_view opaque = {};  // decoded; as SearchHit's, of the place in the page
    // The part, in characters of the whole text of the reply; both 0: not said.
    std::uint64_t from = 0;
    std::uint64_t to = 0;
    // As Anthropic spells it, where the provider speaks its format: it goes out as it came to those
    // who speak it too, and there may be no url.
    std::string_view json = {};
};
// A whole content block of a kind that only the client's own format has (server tools and their
// results, redacted thinking): it goes out as it came.
struct ForeignBlock {
    std::string_view json;  // the block's object, as it began
    Escaped input;          // text of its `input` that came afterwards; empty: it is in there
};

enum class Stop : std::uint8_t {
    end_turn,
    max_tokens,
    stop_sequence,
    tool_use,
    refusal,
    pause_turn,
    context_window,
};
struct Finished {
    Stop reason = Stop::end_turn;
    std::string_view matched = {};  // the stop sequence, decoded
    bool unknown = false;           // the provider's word was not in the table
};
struct UsageReported {
    Usage usage;
};
// The provider reports a failure inside its reply.
struct Failed {
    Error error;
};
// Bytes without meaning for the client (comments, provider pings): the provider is alive.
struct Idle {};
// The provider's reply is over. `complete` is false if it broke off.
struct Ended {
    bool complete = true;
};

using Event = std::variant<Started, TextDelta, ReasoningDelta, ReasoningState, ToolOpened,
                           ToolArguments, ToolClosed, RefusalDelta, Searched, Cited, ForeignBlock,
                           Finished, UsageReported, Failed, Idle, Ended>;

class EventSink {
  public:
    virtual ~EventSink() = default;
    virtual void on(const Event& event) = 0;
};

}  // namespace ccr::chat
