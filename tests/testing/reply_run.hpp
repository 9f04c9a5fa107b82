// SPDX-License-Identifier: MIT
// A provider's reply through decoder and writer, for tests.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/dialect/dialect.hpp"
#include "tests/testing/anthropic_grammar.hpp"

namespace ccr::testing {

// Writes events down, one a line.
class EventLog : public chat::EventSink {
  public:
    void on(const chat::Event& event) override;
    std::string text;
};

class ReplyRun {
  public:
    ReplyRun();

    // Set before the first use.
    dialect::Profile profile;
    dialect::Encoded encoded;
    chat::Request request;
    dialect::ReplyContext context;
    dialect::ClassifyContext classify;
    bool anthropic_provider = false;
    std::string_view door = "anthropic";

    struct Streamed {
        std::string events;
        std::string client;  // the stream as the client gets it
        ReadReply reply;     // from another door than Anthropic's: only what is wrong with it
        chat::Usage usage;
        bool committed = false;
        bool done = false;
    };
    // The bytes in pieces of `cut` bytes (0: all at once), then the end of the connection.
    Streamed stream(std::string_view sse, std::size_t cut = 0, bool clean = true);
    // The same reply folded into a body.
    Result<std::string> fold(std::string_view sse);
    // A reply that is no stream: to a streaming client, and to one that wants a body.
    Streamed stream_body(std::string_view body);
    Result<std::string> fold_body(std::string_view body);

    [[nodiscard]] std::unique_ptr<dialect::ReplyDecoder> decoder();
    [[nodiscard]] std::unique_ptr<dialect::StreamWriter> writer();
    json::Document scratch;
};

// Events to a sink, as a relay does it.
void feed_stream(dialect::ReplyDecoder& decoder, std::string_view sse, std::size_t cut,
                 chat::EventSink& sink);

// Chat Completions chunks for tests: each one a delta object, the last one also
// {"finish_reason":…} if not empty. Ends with [DONE].
[[nodiscard]] std::string chat_stream(const std::vector<std::string>& deltas,
                                      std::string_view finish = "stop");
// One frame around a chunk.
[[nodiscard]] std::string frame(std::string_view json);
[[nodiscard]] std::string delta_frame(std::string_view delta);

}  // namespace ccr::testing
