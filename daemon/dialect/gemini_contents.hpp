// SPDX-License-Identifier: MIT
// systemInstruction and contents of a generateContent request. Private to the dialect.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "daemon/dialect/dialect.hpp"
#include "daemon/dialect/openai_chat_turns.hpp"
#include "daemon/dialect/tool_answers.hpp"

namespace ccr::dialect::gemini {

class ContentsWriter {
  public:
    // `instruction` (escaped, may be empty) is put at the end of the system instruction.
    ContentsWriter(chat::Request& request, const EncodeOptions& options, ToolNames& names,
                   std::string_view instruction, json::Writer& out);

    // Writes both members. Fails if the provider cannot take what is in them, or if nothing is.
    Result<void> write();

  private:
    using Content = openai_chat::Content;
    using Item = openai_chat::Item;

    void system_instruction();
    void lead_in();
    void lead_out();
    void begin_turn(std::size_t index);
    void model(std::span<const Item> items);
    void model_text(std::string_view escaped, std::string_view signature);
    void thinking(std::string_view sealed);
    [[nodiscard]] std::string_view signature_behind(std::span<const Item> items) const;
    void call(const chat::ToolUse& use);
    Result<void> user(std::span<const Item> items);
    Result<void> responses();
    Result<void> response(const chat::ToolUse& use);
    Result<void> rest(std::span<const Item> items);
    void parts(const Content& content);
    void part(const Content::View& view);
    void open(std::string_view role);
    void close();
    [[nodiscard]] bool sends_ids() const;

    chat::Request& request_;
    const EncodeOptions& options_;
    const Profile& profile_;
    ToolNames& names_;
    std::string_view instruction_;
    const Overlay* overlay_;
    json::Writer& out_;
    openai_chat::BlockRenderer renderer_;
    openai_chat::Turns turns_;
    bool any_turn_ = false;
    bool begun_ = false;  // a content was written
    bool open_ = false;   // one is being written
    bool user_spoke_last_ = false;
    bool tailed_ = false;

    // Of the turn at hand; kept for their capacity.
    ToolAnswers answers_;  // to the calls of the turn before
    Content content_;
    Content rest_;
    Content media_;
    std::string signature_;  // waits for the part that it came with
    bool called_ = false;    // the turn has a call already
};

}  // namespace ccr::dialect::gemini
