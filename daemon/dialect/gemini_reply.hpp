// SPDX-License-Identifier: MIT
// Replies of generateContent and streamGenerateContent. Private to the dialect.
#pragma once

#include <string>
#include <string_view>

#include "daemon/dialect/dialect.hpp"
#include "daemon/dialect/gemini_grounding.hpp"

namespace ccr::dialect::gemini {

class Reply final : public ReplyDecoder {
  public:
    explicit Reply(const DecodeOptions& options) : options_(options) {}

    void event(std::string_view name, std::string_view data, chat::EventSink& sink) override;
    void body(std::string_view json, chat::EventSink& sink) override;
    void end(bool clean, chat::EventSink& sink) override;

  private:
    enum class Last : std::uint8_t { nothing, thought, text, call };

    void read_root(json::Value root, chat::EventSink& sink);
    void read_chunk(json::Value chunk, chat::EventSink& sink);
    void read_candidate(json::Value candidate, chat::EventSink& sink);
    void read_part(json::Value part, chat::EventSink& sink);
    void read_thought(json::Value part, std::string_view signature, chat::EventSink& sink);
    void read_text(json::Value text, std::string_view signature, chat::EventSink& sink);
    void read_call(json::Value call, std::string_view signature, chat::EventSink& sink);
    void read_finish(json::Value candidate, chat::EventSink& sink);
    void read_feedback(json::Value feedback, chat::EventSink& sink);
    void read_usage(json::Value usage, chat::EventSink& sink);
    void state(char mark, std::string_view signature, chat::EventSink& sink);
    void finished(chat::Finished reason, chat::EventSink& sink);
    void fail(Error error, chat::EventSink& sink);
    [[nodiscard]] bool silent() const { return failed_ || ended_; }

    DecodeOptions options_;
    // Of a text that is over. It is told if a call follows; behind the last text it would only be
    // an empty thinking block at the end of the message, where clients look for the answer.
    std::string text_signature_;
    Grounding grounding_;
    std::uint32_t calls_ = 0;
    Last last_ = Last::nothing;
    bool started_ = false;
    bool finished_ = false;
    bool failed_ = false;
    bool ended_ = false;
};

}  // namespace ccr::dialect::gemini
