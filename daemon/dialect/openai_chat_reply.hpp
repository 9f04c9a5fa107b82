// SPDX-License-Identifier: MIT
// Replies in the Chat Completions format, as OpenAI and everybody who copies it sends them. Private
// to the dialect; the table in dialects.cpp makes it reachable.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "daemon/dialect/dialect.hpp"
#include "daemon/dialect/openai_tool_calls.hpp"
#include "daemon/dialect/reasoning_details.hpp"
#include "daemon/dialect/search_notes.hpp"
#include "daemon/dialect/think_tags.hpp"

namespace ccr::dialect {

class OpenaiChatReply final : public ReplyDecoder {
  public:
    explicit OpenaiChatReply(const DecodeOptions& options)
        : options_(options),
          tools_(*options.profile),
          tags_({options.profile->think_tags, options.profile->think_implicit}) {}

    void event(std::string_view name, std::string_view data, chat::EventSink& sink) override;
    void body(std::string_view json, chat::EventSink& sink) override;
    void end(bool clean, chat::EventSink& sink) override;

  private:
    struct Root;
    struct Choice;
    struct Delta;

    static Root fields_of(json::Value root);
    static Choice choice_of(json::Value choice);
    static Delta delta_of(json::Value delta);

    void read_root(std::string_view name, json::Value root, chat::EventSink& sink);
    void read_object(const Root& root, chat::EventSink& sink);
    void read_results(const Root& root, chat::EventSink& sink);
    void read_choice(json::Value value, bool whole, chat::EventSink& sink);
    void read_delta(json::Value value, bool repeats, chat::EventSink& sink);
    void read_reasoning(const Delta& delta, chat::EventSink& sink);
    void read_content(json::Value content, bool with_reasoning, chat::EventSink& sink);
    void read_part(json::Value part, bool with_reasoning, chat::EventSink& sink);
    void read_tools(const Delta& delta, chat::EventSink& sink);
    void read_finish(const Choice& choice, chat::EventSink& sink);
    void read_usage(json::Value usage, chat::EventSink& sink);
    void read_streamed_body(std::string_view text, chat::EventSink& sink);

    void text(chat::Escaped text, chat::EventSink& sink);
    void plain_text(chat::Escaped text, chat::EventSink& sink);
    void told_apart(const std::vector<ThinkTags::Piece>& pieces, chat::EventSink& sink);
    void settle_tags(chat::EventSink& sink);
    void reasoning(chat::Escaped text, chat::EventSink& sink);
    // Opaque reasoning state goes out before anything that ends the thinking it belongs to.
    void flush_details(chat::EventSink& sink);
    void finished(chat::Finished reason, chat::EventSink& sink);
    void fail(Error error, chat::EventSink& sink);
    void ended(chat::EventSink& sink);
    [[nodiscard]] bool silent() const { return failed_ || ended_; }

    DecodeOptions options_;
    OpenaiToolCalls tools_;
    ReasoningDetails details_;
    ThinkTags tags_;
    SearchNotes searches_;
    std::int64_t prompt_tokens_ = 0;
    chat::Stop stop_ = chat::Stop::end_turn;
    bool started_ = false;
    bool saw_text_ = false;
    bool saw_reasoning_ = false;
    bool in_tags_ = false;  // the reasoning comes out of the text
    bool saw_refusal_ = false;
    bool finished_ = false;
    bool failed_ = false;
    bool ended_ = false;
};

[[nodiscard]] std::unique_ptr<ReplyDecoder> openai_chat_reply_decoder(const DecodeOptions& options);

}  // namespace ccr::dialect
