// SPDX-License-Identifier: MIT
// Pieces of Responses replies that streams, bodies and errors share. Private to the door.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/json.hpp"
#include "daemon/chat/usage.hpp"
#include "daemon/dialect/block_machine.hpp"
#include "daemon/dialect/door_search.hpp"

namespace ccr::dialect::responses_door {

enum class ItemKind : std::uint8_t { message, refusal, reasoning, function, custom, search };

// One item of a response's output, while it is written and when it is done.
struct Item {
    ItemKind kind = ItemKind::message;
    std::string id;  // ours
    std::string call_id;
    std::string name;     // as in its namespace
    std::string space;    // namespace, or empty
    std::string text;     // escaped: text, summary, arguments, input or query
    std::string sealed;   // reasoning that comes back
    std::string extra;    // JSON, with commas between: a text's annotations, a search's sources
    bool failed = false;  // a search
};

// The item for a block that opens; `number` tells it from the response's others.
[[nodiscard]] Item make_item(BlockKind kind, std::string_view call_id, std::string_view name,
                             const chat::Request* request, std::string_view message_id,
                             std::int64_t number);
[[nodiscard]] Item make_refusal(std::string_view message_id, std::int64_t number);

// `sources`: the client wants to know which pages were found.
[[nodiscard]] Item make_search(const chat::Searched& search, bool sources,
                               std::string_view message_id, std::int64_t number);
[[nodiscard]] bool wants_sources(const chat::Request* request);
[[nodiscard]] std::string annotation(const chat::Cited& cited, TextSpan span);

// The item as an object; without `done` as it is announced.
void write_item(json::Writer& writer, const Item& item, bool done);
// Its only part, of a message or of reasoning; `text` is escaped.
void write_part(json::Writer& writer, ItemKind kind, std::string_view text,
                std::string_view annotations = {});

// Who a response is.
struct ResponseHead {
    std::string id;
    std::int64_t created = 0;  // seconds since 1970
    std::string model;
};

// The response object around its output: what does not change while it is made.
class ResponseFrame {
  public:
    explicit ResponseFrame(const ReplyContext& context);
    // Where nothing is known of the request.
    explicit ResponseFrame(const ResponseHead& head) : ResponseFrame(head, json::Value()) {}
    // `output` is the items, raw and with commas between them.
    void write(json::Writer& writer, std::string_view status, std::string_view output,
               const chat::Usage* usage, const Error* error = nullptr,
               std::string_view incomplete = {}) const;

  private:
    ResponseFrame(const ResponseHead& head, json::Value request);

    std::string head_;  // members that come first, and those that repeat the request
};

// The last event of a stream that broke off.
[[nodiscard]] std::string failed_event(const ResponseHead& head, std::int64_t number,
                                       const Error& error);

// "incomplete" and why, or "completed".
struct Verdict {
    std::string_view status;
    std::string_view reason;  // of an incomplete one
};
[[nodiscard]] Verdict verdict(chat::Stop stop);

}  // namespace ccr::dialect::responses_door
