// SPDX-License-Identifier: MIT
// The "messages" of a Chat Completions request. Private to the dialect.
#pragma once

#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "common/result.hpp"
#include "daemon/dialect/dialect.hpp"
#include "daemon/dialect/openai_chat_reasoning.hpp"
#include "daemon/dialect/openai_chat_turns.hpp"
#include "daemon/dialect/tool_answers.hpp"

namespace ccr::dialect::openai_chat {

class MessageWriter {
  public:
    // `instruction` (escaped, may be empty) is put at the end of the system message.
    MessageWriter(chat::Request& request, const EncodeOptions& options, ToolNames& names,
                  std::string_view instruction, json::Writer& out);

    // Writes the array. Fails if the provider cannot take what is in it, or if nothing is.
    Result<void> write();

  private:
    void system();
    void begin_turn(std::size_t index);
    void assistant(std::span<const Item> items, bool last);
    void collect_assistant(std::span<const Item> items);
    void assistant_content();
    void think_tags(Content& content) const;
    void tag_reasoning();
    void thinking_part();
    void tool_calls();
    void prefill(bool last);
    Result<void> user(std::span<const Item> items);
    Result<void> tool_messages(const Content* behind_last);
    Result<void> rest(std::span<const Item> items, bool may_split);
    void flush_user();
    void native_system(const chat::Message& message);
    [[nodiscard]] std::string_view system_role() const;

    chat::Request& request_;
    const Profile& profile_;
    CacheMarks marks_;
    ToolNames& names_;
    std::string_view instruction_;
    const Overlay* overlay_;
    json::Writer& out_;
    BlockRenderer renderer_;
    ReasoningReader reasoning_reader_;
    Turns turns_;
    bool any_turn_ = false;  // a message other than the leading system one was written
    bool tagged_ = false;    // the turn at hand gives its thinking back in the overlay's tag
    bool tailed_ = false;    // the turn at hand takes the overlay's texts

    // Of the turn at hand; kept for their capacity.
    ToolAnswers answers_;  // to the calls of the turn before
    Content content_;
    Content rest_;
    Content media_;
    Reasoning reasoning_;
};

}  // namespace ccr::dialect::openai_chat
