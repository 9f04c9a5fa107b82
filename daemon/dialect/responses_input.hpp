// SPDX-License-Identifier: MIT
// The "input" of a Responses request: the conversation as items. Private to the dialect.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/dialect/dialect.hpp"
#include "daemon/dialect/openai_chat_turns.hpp"
#include "daemon/dialect/responses.hpp"
#include "daemon/dialect/tool_answers.hpp"

namespace ccr::dialect::responses {

class InputWriter {
  public:
    // `instruction` (escaped, may be empty) is put at the end of the leading developer message.
    InputWriter(chat::Request& request, const EncodeOptions& options, ToolNames& names,
                std::string_view instruction, json::Writer& out);

    // Writes the array. Fails if the provider cannot take what is in it, or if nothing is.
    Result<void> write();

  private:
    using Content = openai_chat::Content;
    using Item = openai_chat::Item;
    // Of the model's reasoning that waits for what it led to.
    struct Thought {
        ReasoningItem item;
        std::string_view text;  // what the client was shown of it, escaped
    };

    void system();
    void assistant(std::span<const Item> items);
    void prefill();
    void thought(std::string_view sealed, std::string_view text);
    void flush_thoughts();
    void flush_assistant();
    void call(const chat::ToolUse& use);
    Result<void> user(std::span<const Item> items);
    Result<void> outputs();
    Result<void> rest(std::span<const Item> items);
    void flush_user();
    void native_system(const chat::Message& message);
    void message(std::string_view role, std::string_view text_type);
    void parts(std::string_view text_type);
    void part(const Content::View& view, std::string_view text_type);

    chat::Request& request_;
    const Profile& profile_;
    openai_chat::CacheMarks marks_;
    std::string_view envelope_key_;
    ToolNames& names_;
    std::string_view instruction_;
    const Overlay* overlay_;
    json::Writer& out_;
    openai_chat::BlockRenderer renderer_;
    openai_chat::Turns turns_;
    bool any_turn_ = false;  // an item other than the leading developer message was written
    bool tailed_ = false;    // the turn at hand takes the overlay's texts

    // Of the turn at hand; kept for their capacity.
    ToolAnswers answers_;  // to the calls of the turn before
    Content content_;
    Content media_;
    std::vector<Thought> thoughts_;
};

}  // namespace ccr::dialect::responses
