// SPDX-License-Identifier: MIT
// What is said to a custom router and what it says.
#include <algorithm>
#include <array>
#include <ranges>

#include "common/json.hpp"
#include "common/text.hpp"
#include "daemon/proxy/custom_router.hpp"

namespace ccr::proxy {
namespace {

constexpr std::size_t max_text = 4096;  // bytes of a text, as spelt
constexpr std::size_t max_tools = 256;
constexpr std::size_t max_target = 512;

// Words in names of headers that may carry credentials.
constexpr std::array<std::string_view, 6> secret_words{"auth",   "key",    "token",
                                                       "cookie", "secret", "password"};

bool may_be_told(std::string_view name) {
    return std::none_of(secret_words.begin(), secret_words.end(),
                        [name](std::string_view word) { return icontains(name, word); });
}

// How many bytes the character or escape at `at` takes in a checked JSON string.
std::size_t step(std::string_view text, std::size_t at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte == '\\') {
        if (text[at + 1] != 'u') return 2;
        const char kind = ascii_lower(text[at + 2]);
        const char half = ascii_lower(text[at + 3]);
        const bool high = kind == 'd' && (half == '8' || half == '9' || half == 'a' || half == 'b');
        return high ? 12 : 6;  // both halves of a pair
    }
    if (byte < 0xC0) return 1;
    return byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

std::string_view beginning(std::string_view text) {
    if (text.size() <= max_text) return text;
    std::size_t at = 0;
    while (at + step(text, at) <= max_text)
        at += step(text, at);
    return text.substr(0, at);
}

struct Sizes {
    std::size_t bytes = 0;
    std::size_t images = 0;
};

void add(const chat::Blocks& blocks, Sizes& sizes) {
    for (const chat::Block& block : blocks) {
        if (const auto* text = std::get_if<chat::Text>(&block))
            sizes.bytes += text->text.bytes.size();
        if (const auto* use = std::get_if<chat::ToolUse>(&block)) sizes.bytes += use->input.size();
        if (std::holds_alternative<chat::Image>(block)) ++sizes.images;
        if (const auto* result = std::get_if<chat::ToolResult>(&block)) add(result->content, sizes);
    }
}

std::string_view last_user_text(const chat::Request& chat) {
    for (const auto& message : std::views::reverse(chat.messages)) {
        if (message.role != chat::Role::user) continue;
        for (const auto& block : std::views::reverse(message.content))
            if (const auto* text = std::get_if<chat::Text>(&block)) return text->text.bytes;
    }
    return {};
}

std::string_view kind_name(chat::ThinkingMode::Kind kind) {
    constexpr std::array<std::string_view, 5> names{"", "disabled", "enabled", "adaptive",
                                                    "between_tools"};
    return names[static_cast<std::size_t>(kind)];
}

void write_headers(const http::Headers& headers, json::Writer& out) {
    out.key("headers").begin_object();
    for (const auto field : headers) {
        if (!may_be_told(field.name)) continue;
        const std::string name = json::escape(lower(field.name));
        out.key(name).string(field.value);
    }
    out.end_object();
}

void write_system(const chat::Request& chat, json::Writer& out) {
    std::size_t bytes = 0;
    for (const auto& text : chat.system)
        bytes += text.text.bytes.size();
    const std::string_view last = chat.system.empty() ? "" : chat.system.back().text.bytes;
    out.key("system").begin_object();
    out.key("blocks").number(static_cast<std::int64_t>(chat.system.size()));
    out.key("bytes").number(static_cast<std::int64_t>(bytes));
    out.key("text").escaped(beginning(last)).end_object();
}

void write_messages(const chat::Request& chat, json::Writer& out) {
    Sizes sizes;
    for (const auto& message : chat.messages)
        add(message.content, sizes);
    out.key("messages").begin_object();
    out.key("count").number(static_cast<std::int64_t>(chat.messages.size()));
    out.key("bytes").number(static_cast<std::int64_t>(sizes.bytes));
    out.key("images").number(static_cast<std::int64_t>(sizes.images)).end_object();
    out.key("last_user_text").escaped(beginning(last_user_text(chat)));
}

void write_tools(const chat::Request& chat, json::Writer& out) {
    out.key("tools").begin_array();
    for (std::size_t i = 0; i < std::min(chat.tools.size(), max_tools); ++i) {
        const auto& tool = chat.tools[i];
        out.begin_object().key("name").string(tool.name);
        if (!tool.type.empty()) out.key("type").string(tool.type);
        out.end_object();
    }
    out.end_array();
}

}  // namespace

std::string summary(const Question& question) {
    const chat::Request& chat = question.chat;
    std::string text;
    json::Writer out(text);
    out.begin_object().key("model").string(chat.model);
    out.key("session_id").string(question.session);
    out.key("tokens").number(question.tokens);
    out.key("stream").boolean(chat.stream);
    out.key("max_tokens").number(chat.max_tokens);
    if (chat.thinking.kind != chat::ThinkingMode::Kind::absent) {
        out.key("thinking").begin_object().key("type").string(kind_name(chat.thinking.kind));
        out.key("budget_tokens").number(chat.thinking.budget_tokens).end_object();
    }
    if (!chat.effort.empty()) out.key("effort").string(chat.effort);
    write_system(chat, out);
    write_messages(chat, out);
    write_tools(chat, out);
    write_headers(question.headers, out);
    out.end_object();
    return text;
}

std::string whole_question(const Question& question, std::uint64_t id) {
    const std::string_view body = question.chat.document.source();
    std::string text;
    text.reserve(body.size() + 2048);
    json::Writer out(text);
    out.begin_object().key("id").number(static_cast<std::int64_t>(id));
    out.key("sessionId").string(question.session);
    out.key("tokenCount").number(question.tokens);
    write_headers(question.headers, out);
    out.key("body").raw(body).end_object();
    return text;
}

Result<std::string> target_in(std::string_view answer) {
    const std::string_view text = trim(answer);
    if (text.empty() || text == "null" || text == "false" || text == "undefined") {
        return std::string();
    }
    std::string target;
    if (text.front() == '{' || text.front() == '"') {
        json::Document document;
        const auto root = document.parse_view(text);
        if (!root) return root.error().wrap("its answer is no JSON");
        const json::Value value = root->is_string() ? *root : (*root)["target"];
        const bool no_opinion = !value.present() || value.type() == json::Type::null ||
                                value.type() == json::Type::boolean;
        if (!no_opinion && !value.is_string()) {
            return Error(ErrorKind::malformed, "its answer's target is no string");
        }
        target = trim(value.str());
    } else {
        target = trim(text.substr(0, text.find('\n')));
    }
    if (target.size() > max_target) return Error(ErrorKind::malformed, "its answer is no target");
    return target;
}

}  // namespace ccr::proxy
