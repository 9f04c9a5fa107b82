// SPDX-License-Identifier: MIT
// What a wire format has to offer. A dialect serves as a door (clients speak it to us), as a
// provider's language (we speak it upstream), or both; dialects.cpp holds the table. All of it is
// pure: bytes in, bytes or events out.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/error_body.hpp"
#include "common/json.hpp"
#include "common/result.hpp"
#include "common/time.hpp"
#include "daemon/chat/event.hpp"
#include "daemon/chat/request.hpp"
#include "daemon/dialect/overlay.hpp"
#include "daemon/dialect/profile.hpp"
#include "daemon/dialect/sse.hpp"

namespace ccr::dialect {

class Keepsakes;

// What the encoder has to know about the target beside the profile.
struct EncodeOptions {
    std::string_view model;              // the provider's name for it
    const Profile* profile = nullptr;    // never null
    std::int64_t max_output_tokens = 0;  // the model's cap, 0 = unknown
    std::string_view envelope_key;       // signs the reasoning we hand out, see envelope.hpp
    const Overlay* overlay = nullptr;    // what the target's transformers change; null: nothing
    std::optional<bool> force_stream;    // overrides the client's `stream`
    bool model_in_url = false;           // the URL names the model, and the body does not

    [[nodiscard]] bool stream(const chat::Request& request) const {
        return force_stream.value_or(request.stream);
    }
};

struct Encoded {
    std::string body;
    // Client-side tool names that had to be changed for this provider: {sent, original}.
    std::vector<std::pair<std::string, std::string>> renamed_tools;
    // Stop sequences the provider cannot take; the reply side has to scan for them.
    std::vector<std::string> emulated_stops;
    bool reply_shows_more = false;  // than the client asked for: it cannot pass as it is
    bool single_tool_call = false;  // keep the first call only: the provider has no such switch
};

struct HeaderField {
    std::string_view name;
    std::string_view value;
};

// What turns a provider's complaint into the sentence that clients act on.
struct ClassifyContext {
    std::string_view model;                   // as the client named it
    std::int64_t estimated_input_tokens = 0;  // 0 = unknown
    std::int64_t context_window = 0;          // configured for the target, 0 = unknown
    std::int64_t max_tokens = 0;              // asked for
    WallTime now = {};                        // for dates in headers and texts
};

// What a decoder has to know. Everything referred to outlives the decoder.
struct DecodeOptions {
    const Profile* profile = nullptr;  // never null
    // Shared by the decoders of one loop: in use during a call only, so idle streams hold nothing.
    json::Document* scratch = nullptr;  // never null
    ClassifyContext classify = {};
};

// Turns a provider's reply into events. One per attempt. After Failed or Ended it says nothing
// more, except that end() gives the Ended that was not given yet.
class ReplyDecoder {
  public:
    virtual ~ReplyDecoder() = default;
    // One server-sent event. `name` is its `event:` field or empty. Emits Ended at once when the
    // provider marks its end ([DONE], message_stop); nobody has to wait for the connection.
    virtual void event(std::string_view name, std::string_view data, chat::EventSink& sink) = 0;
    // A whole reply that is not a stream; end() must follow.
    virtual void body(std::string_view json, chat::EventSink& sink) = 0;
    // No more bytes follow. `clean` is false if the connection broke. Emits Ended unless event()
    // did; complete if the provider had said why it stopped, however the connection ended.
    virtual void end(bool clean, chat::EventSink& sink) = 0;
};

// What the writer has to know to answer one request.
struct ReplyContext {
    std::string_view message_id;  // ours
    std::string_view request_id;  // ours
    std::string_view model;       // as the client named it
    std::int64_t estimated_input_tokens = 0;
    std::int64_t created = 0;  // when we got the request, in seconds since 1970
    bool omit_thinking_text = false;
    std::string_view envelope_key;
    std::string_view reasoning_family;       // whose reasoning this is, for the envelope
    const Encoded* encoded = nullptr;        // renamed tools, emulated stops
    const chat::Request* request = nullptr;  // for ids already used in the conversation
    // With omit_thinking_text: carry the text in the signature, because the provider wants it back.
    bool return_hidden_thinking = true;
    // Bodies only: arguments that are no JSON become a text block instead of Error{malformed}.
    bool bad_arguments_as_text = false;
    // The provider speaks the client's format: its own signatures go out as they are.
    bool native_reasoning = false;
    // Takes what has to come back with tool calls, for clients that lose it; null: nothing has to.
    Keepsakes* keepsakes = nullptr;
};

// Turns events into the client's stream. It owns the block indices: there is no way to make it
// write an illegal sequence. Failed and Ended{complete = false} become the terminal error frame, so
// whoever wants to try again elsewhere holds these two back while committed() is false.
class StreamWriter : public chat::EventSink {
  public:
    // Bytes ready to be sent since the last call; the caller empties the string.
    virtual std::string& output() = 0;
    // True once a content-bearing event was written: from then on a failure is visible.
    [[nodiscard]] virtual bool committed() const = 0;
    // True after the last frame (normal end or error).
    [[nodiscard]] virtual bool done() const = 0;
    // True when all is said and only a late usage report could follow: linger briefly, then end()
    // the decoder. (When a stop sequence matched, done() is true at once: cancel the provider.)
    [[nodiscard]] virtual bool satisfied() const = 0;
    // A keep-alive frame. Every so often it is an empty delta instead, since clients do not take
    // endless pings for progress; that commits the reply.
    virtual void ping() = 0;
    // The terminal error frame. Nothing is written after it.
    virtual void fail(const Error& error) = 0;
    [[nodiscard]] virtual const chat::Usage& usage() const = 0;
    // What the context's request said that still matters is in `digest` (see chat::reply_digest),
    // which has to outlive the writer; the request itself is not looked at any more.
    virtual void use_digest(const chat::Request& digest) = 0;
};

// Folds events into one reply body.
class BodyWriter : public chat::EventSink {
  public:
    // The complete body, or why there is none. Call once, after Ended.
    virtual Result<std::string> finish() = 0;
    [[nodiscard]] virtual const chat::Usage& usage() const = 0;
};

// Looks at a reply in the client's own format on its way through and changes nothing: for the
// commit point, usage, and an end that is none. A dialect's tap reads events; the rest is here.
class Tap {
  public:
    explicit Tap(const DecodeOptions& options) : options_(options) {}
    virtual ~Tap() = default;

    // The next bytes of a stream.
    void feed(std::string_view bytes) {
        parser_.feed(bytes);
        drain();
    }
    // The stream's last bytes were fed.
    void finish() {
        parser_.finish();
        drain();
    }
    // A whole reply that is no stream.
    virtual void body(std::string_view json) = 0;
    // The last frame of a stream that broke off behind what was fed.
    [[nodiscard]] virtual std::string error_frame(const Error& error,
                                                  std::string_view request_id) const = 0;

    // Content has begun: the client has seen something, or will with these bytes.
    [[nodiscard]] bool committed() const { return committed_; }
    // The reply is whole: its stop reason was given.
    [[nodiscard]] bool complete() const { return complete_; }
    // The format's own end mark was seen, or a whole body.
    [[nodiscard]] bool ended() const { return ended_; }
    // The provider reported a failure, or what it sends cannot be understood.
    [[nodiscard]] const std::optional<Error>& error() const { return error_; }
    // The frame that reported it says so in the words of the client's format.
    [[nodiscard]] bool told() const { return told_; }
    // So many of the bytes fed so far belong to a frame that is not complete.
    [[nodiscard]] std::size_t unfinished() const { return parser_.unfinished(); }
    // A frame is too large to be looked at: error() speaks of what the client has not been told.
    [[nodiscard]] bool overflowed() const { return parser_.overflowed(); }
    [[nodiscard]] const chat::Usage& usage() const { return usage_; }

  protected:
    virtual void look_at(const SseEvent& event) = 0;

    DecodeOptions options_;
    chat::Usage usage_;
    std::optional<Error> error_;
    bool told_ = true;
    bool committed_ = false;
    bool complete_ = false;
    bool ended_ = false;

  private:
    void drain();

    SseParser parser_;
};

// One row of the table. A null function means: not in this role.
struct Dialect {
    std::string_view name;  // as in the config key `protocol`
    std::string_view path;  // appended to a base URL that names no endpoint

    // As a door.
    Result<void> (*decode_request)(std::string body, chat::Request& request) = nullptr;
    // The same for a body that is only to be counted: it needs no max_tokens.
    Result<void> (*decode_count_request)(std::string body, chat::Request& request) = nullptr;
    std::unique_ptr<StreamWriter> (*stream_writer)(const ReplyContext& context) = nullptr;
    std::unique_ptr<BodyWriter> (*body_writer)(const ReplyContext& context) = nullptr;
    const ErrorForm* errors = nullptr;
    // The last frame of a stream that no writer has begun.
    std::string (*error_frame)(const Error& error, std::string_view request_id) = nullptr;
    // Events have numbers: only who has seen those before can add one.
    bool numbers_events = false;
    std::string_view keep_alive;  // a frame that means nothing
    std::string_view end_mark;    // what a whole stream ends with, for providers that forget it
    bool prewarms = false;        // max_tokens 0 is a request, see proxy/local_answer.hpp
    bool own_errors = false;      // a provider of the same format tells its refusals in its words

    // Where client and provider agree. Without `splice` such a request is encoded like any other.
    // The client's bytes with as little changed as possible, or why there is no serving it.
    Result<Encoded> (*splice)(chat::Request& request, const EncodeOptions& options) = nullptr;
    // False: more has to be changed than `splice` can. Null: it can do everything.
    bool (*can_splice)(const chat::Request& request, const EncodeOptions& options) = nullptr;
    std::unique_ptr<Tap> (*tap)(const DecodeOptions& options) = nullptr;

    // As a provider's language.
    Result<Encoded> (*encode_request)(chat::Request& request,
                                      const EncodeOptions& options) = nullptr;
    std::unique_ptr<ReplyDecoder> (*reply_decoder)(const DecodeOptions& options) = nullptr;
    // A failed response: its class, in words for the client, with retry_after, upstream_status and
    // code as far as known. `body` may be anything.
    Error (*classify)(int status, const std::vector<HeaderField>& headers, std::string_view body,
                      const ClassifyContext& context) = nullptr;
};

// The dialect of that name, or null.
const Dialect* find(std::string_view name);

}  // namespace ccr::dialect
