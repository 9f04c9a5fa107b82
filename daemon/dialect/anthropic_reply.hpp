// SPDX-License-Identifier: MIT
// Replies in the Anthropic format coming from a provider.
//
// The decoder makes neutral events of them: for clients who speak something else, for providers
// whose imitation of the format has to be put in order, and for replies that are folded into a
// body. The tap only watches a reply that is passed on byte by byte.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/dialect/dialect.hpp"
#include "daemon/dialect/sse.hpp"

namespace ccr::dialect {

class AnthropicReply final : public ReplyDecoder {
  public:
    explicit AnthropicReply(const DecodeOptions& options) : options_(options) {}

    void event(std::string_view name, std::string_view data, chat::EventSink& sink) override;
    void body(std::string_view json, chat::EventSink& sink) override;
    void end(bool clean, chat::EventSink& sink) override;

  private:
    void read(std::string_view type, json::Value root, chat::EventSink& sink);
    void read_start(json::Value message, chat::EventSink& sink);
    void read_block(std::uint32_t key, json::Value block, chat::EventSink& sink);
    void read_delta(std::uint32_t key, json::Value delta, chat::EventSink& sink);
    void read_ending(json::Value ending, chat::EventSink& sink);
    void read_usage(json::Value usage, chat::EventSink& sink);
    void close_block(std::uint32_t key, chat::EventSink& sink);
    void ended(bool complete, chat::EventSink& sink);
    void fail(Error error, chat::EventSink& sink);
    [[nodiscard]] bool silent() const { return failed_ || ended_; }
    [[nodiscard]] bool is_tool(std::uint32_t key) const;

    // A block that we know nothing of, until it is complete.
    struct Foreign {
        std::uint32_t key = 0;
        std::string json;
        std::string input;
    };
    void extend_foreign(std::uint32_t key, chat::Escaped piece, chat::EventSink& sink);

    DecodeOptions options_;
    std::vector<std::uint32_t> open_tools_;
    std::vector<Foreign> foreign_;
    chat::Usage usage_;
    bool finished_ = false;
    bool failed_ = false;
    bool ended_ = false;
};

// Adds a usage object of the Anthropic format to what is known: each count that it holds counts.
void merge_anthropic_usage(chat::Usage& usage, json::Value object);

// Looks at an Anthropic reply on its way through and changes nothing. Deltas, the bulk of a stream,
// are told by their name alone.
class AnthropicTap {
  public:
    explicit AnthropicTap(const DecodeOptions& options) : options_(options) {}

    // The next bytes of a stream.
    void feed(std::string_view bytes);
    // The stream's last bytes were fed.
    void finish();
    // A whole reply that is no stream.
    void body(std::string_view json);

    // A content block has begun: the client has seen something, or will with these bytes.
    [[nodiscard]] bool committed() const { return committed_; }
    // The reply is whole: its stop reason was given.
    [[nodiscard]] bool complete() const { return complete_; }
    // message_stop was seen, or a whole body.
    [[nodiscard]] bool ended() const { return ended_; }
    // The provider reported a failure, or what it sends cannot be understood.
    [[nodiscard]] const std::optional<Error>& error() const { return error_; }
    // So many of the bytes fed so far belong to a frame that is not complete.
    [[nodiscard]] std::size_t unfinished() const { return parser_.unfinished(); }
    // A frame is too large to be looked at: error() speaks of what the client has not been told.
    [[nodiscard]] bool overflowed() const { return parser_.overflowed(); }
    [[nodiscard]] const chat::Usage& usage() const { return usage_; }
    [[nodiscard]] const std::string& stop_reason() const { return stop_reason_; }
    [[nodiscard]] const std::string& upstream_id() const { return id_; }
    [[nodiscard]] const std::string& upstream_model() const { return model_; }

  private:
    void drain();
    void look_at(const SseEvent& event);
    void look_into(std::string_view type, json::Value root);
    void take_message(json::Value message);
    void take_stop(json::Value holder);

    DecodeOptions options_;
    SseParser parser_;
    chat::Usage usage_;
    std::optional<Error> error_;
    std::string id_;
    std::string model_;
    std::string stop_reason_;
    bool committed_ = false;
    bool complete_ = false;
    bool ended_ = false;
};

[[nodiscard]] std::unique_ptr<ReplyDecoder> anthropic_reply_decoder(const DecodeOptions& options);

}  // namespace ccr::dialect
