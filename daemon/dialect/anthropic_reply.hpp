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
    // The text block that is open, and what it rests on: how far it goes is known when it ends.
    struct OpenText {
        std::uint32_t key = 0;
        std::uint64_t from = 0;              // characters of the reply in front of it
        std::vector<std::string> citations;  // raw JSON
    };
    void read_text(chat::Escaped piece, chat::EventSink& sink);
    void add_citation(json::Value citation);
    void tell_citations(chat::EventSink& sink);
    void extend_foreign(std::uint32_t key, chat::Escaped piece, chat::EventSink& sink);

    DecodeOptions options_;
    std::vector<std::uint32_t> open_tools_;
    std::vector<Foreign> foreign_;
    OpenText text_;
    std::uint64_t characters_ = 0;  // said so far
    std::size_t citations_ = 0;
    chat::Usage usage_;
    bool finished_ = false;
    bool failed_ = false;
    bool ended_ = false;
};

// Adds a usage object of the Anthropic format to what is known: each count that it holds counts.
void merge_anthropic_usage(chat::Usage& usage, json::Value object);

// Deltas, the bulk of a stream, are told by their name alone.
class AnthropicTap final : public Tap {
  public:
    using Tap::Tap;
    void body(std::string_view json) override;
    [[nodiscard]] std::string error_frame(const Error& error,
                                          std::string_view request_id) const override;

  private:
    void look_at(const SseEvent& event) override;
    void look_into(std::string_view type, json::Value root);
    void take_stop(json::Value holder);
};

[[nodiscard]] std::unique_ptr<Tap> anthropic_tap(const DecodeOptions& options);
[[nodiscard]] std::unique_ptr<ReplyDecoder> anthropic_reply_decoder(const DecodeOptions& options);

}  // namespace ccr::dialect
