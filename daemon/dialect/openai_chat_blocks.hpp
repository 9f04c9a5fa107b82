// SPDX-License-Identifier: MIT
// Content blocks as message content for Chat Completions. Private to the dialect.
#pragma once

#include <string>
#include <string_view>

#include "common/result.hpp"
#include "daemon/chat/request.hpp"
#include "daemon/dialect/openai_chat_content.hpp"
#include "daemon/dialect/profile.hpp"
#include "daemon/dialect/tool_names.hpp"

namespace ccr::dialect::openai_chat {

constexpr std::string_view paragraph = R"(\n\n)";  // between texts; escaped, as all here
constexpr std::string_view line_break = R"(\n)";

// Turns blocks into pieces of a Content. Texts that it has to make up are kept by the request.
class BlockRenderer {
  public:
    BlockRenderer(chat::Request& request, const Profile& profile, ToolNames& names)
        : request_(request), profile_(profile), names_(names) {}

    // A block of a user turn, tool results excepted.
    Result<void> user(const chat::Block& block, Content& out);
    // A tool result: its text to `text`; media too if the provider takes them there, else they go
    // to `media`, to be sent with a user message. `say_error`: the text of a failure says that it
    // is one.
    Result<void> tool_result(const chat::ToolResult& result, std::string_view call_id,
                             Content& text, Content& media, bool say_error = true);
    // A result that answers no call.
    Result<void> orphan(const chat::ToolResult& result, Content& out);
    // What an assistant's block that is neither text, reasoning nor tool use says as text; nothing
    // if there is nothing to say.
    std::string_view assistant_text(const chat::Block& block);
    // A mid-conversation system message for a provider that takes none.
    void reminder(const chat::Message& message, Content& out);

  private:
    Result<void> image(const chat::Image& image, Content& out);
    Result<void> document(const chat::Document& document, Content& out);
    Result<void> document_parts(const chat::Document& document, Content& out);
    Result<void> search_result(const chat::SearchResult& result, Content& out);
    Result<void> result_block(const chat::Block& block, std::string_view call_id, Content& text,
                              Content& media, unsigned& attached);
    void references(const chat::ToolResult& result, Content& text);
    std::string_view escaped(std::string_view text);
    std::string_view keep(std::string text) { return request_.keep(std::move(text)); }

    chat::Request& request_;
    const Profile& profile_;
    ToolNames& names_;
};

}  // namespace ccr::dialect::openai_chat
