// SPDX-License-Identifier: MIT
#include "daemon/dialect/plain_delta.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "common/utf8.hpp"

namespace ccr::dialect {
namespace {

// Members of a chunk that mean nothing to us as long as they are a string, a number or null.
constexpr std::array<std::string_view, 8> idle_members{
    "id",           "created",  "model", "system_fingerprint",
    "service_tier", "provider", "usage", "obfuscation"};
// Members of a choice that have to be null to mean nothing.
constexpr std::array<std::string_view, 6> null_members{"finish_reason",        "logprobs",
                                                       "native_finish_reason", "stop_reason",
                                                       "matched_stop",         "token_ids"};

template <std::size_t Count>
bool among(std::string_view key, const std::array<std::string_view, Count>& keys) {
    return std::find(keys.begin(), keys.end(), key) != keys.end();
}

class Reader {
  public:
    explicit Reader(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

    bool chunk();
    PlainDelta delta;

  private:
    bool choices();
    bool choice();
    bool delta_object();
    bool delta_member(std::string_view key);
    bool piece(chat::Escaped& into);

    // An object whose members `member(key)` reads. False as soon as anything is unexpected.
    template <typename Read>
    bool object(Read member);

    void space() {
        while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t'))
            ++at_;
    }
    bool take(char c) {
        space();
        if (at_ == end_ || *at_ != c) return false;
        ++at_;
        return true;
    }
    bool string(std::string_view& content);
    bool literal(std::string_view word);
    bool number();
    // null, or a string or a number that nobody wants to know.
    bool idle_value();

    const char* at_;
    const char* end_;
};

template <typename Read>
bool Reader::object(Read member) {
    if (!take('{')) return false;
    if (take('}')) return true;
    do {
        std::string_view key;
        space();
        if (!string(key) || !take(':')) return false;
        space();
        if (!member(key)) return false;
    } while (take(','));
    return take('}');
}

// The content up to the closing quote; escapes are passed over, not checked.
bool Reader::string(std::string_view& content) {
    if (at_ == end_ || *at_ != '"') return false;
    const char* const begin = ++at_;
    for (;;) {
        const auto left = static_cast<std::size_t>(end_ - at_);
        const auto* quote = static_cast<const char*>(std::memchr(at_, '"', left));
        if (quote == nullptr) return false;
        const char* backslash = quote;
        while (backslash != begin && backslash[-1] == '\\')
            --backslash;
        at_ = quote + 1;
        if ((quote - backslash) % 2 != 0) continue;
        content = {begin, static_cast<std::size_t>(quote - begin)};
        return true;
    }
}

bool Reader::literal(std::string_view word) {
    if (static_cast<std::size_t>(end_ - at_) < word.size()) return false;
    if (std::memcmp(at_, word.data(), word.size()) != 0) return false;
    at_ += word.size();
    return true;
}

bool Reader::number() {
    const char* const begin = at_;
    while (at_ != end_ && ((*at_ >= '0' && *at_ <= '9') || *at_ == '.' || *at_ == '-'))
        ++at_;
    return at_ != begin;
}

bool Reader::idle_value() {
    std::string_view ignored;
    return string(ignored) || literal("null") || number();
}

bool Reader::chunk() {
    const bool read = object([this](std::string_view key) {
        if (key == "choices") return choices();
        if (among(key, idle_members)) return idle_value();
        std::string_view kind;
        return key == "object" && string(kind) && kind == "chat.completion.chunk";
    });
    space();
    return read && at_ == end_;
}

bool Reader::choices() {
    return take('[') && choice() && take(']');
}

bool Reader::choice() {
    return object([this](std::string_view key) {
        if (key == "delta") return delta_object();
        if (key == "index") return literal("0");
        return among(key, null_members) && literal("null");
    });
}

bool Reader::delta_object() {
    return object([this](std::string_view key) { return delta_member(key); });
}

bool Reader::delta_member(std::string_view key) {
    if (key == "content") return piece(delta.text);
    // Two names for one text: which one counts is for the decoder to say.
    if (key == "reasoning_content" || key == "reasoning") {
        const bool first = delta.reasoning.empty();
        return piece(delta.reasoning) && (first || delta.reasoning.empty());
    }
    std::string_view ignored;
    if (key == "role") return string(ignored) || literal("null");
    return (key == "refusal" || key == "tool_calls" || key == "function_call") && literal("null");
}

// An escape at text[at]; its length, or 0 if it is none that may be passed on without a look.
std::size_t escape_length(std::string_view text, std::size_t at) {
    if (at + 1 >= text.size()) return 0;
    const char c = text[at + 1];
    if (c != 'u') return std::string_view("\"\\/bfnrt").find(c) == std::string_view::npos ? 0 : 2;
    if (at + 6 > text.size()) return 0;
    const std::string_view digits = text.substr(at + 2, 4);
    const bool hex = digits.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
    const bool surrogate = digits[0] == 'd' || digits[0] == 'D';
    return hex && !surrogate ? 6 : 0;
}

// True if the content of a string may go into another JSON text as it is.
bool clean(std::string_view text) {
    bool ascii = true;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte < 0x20) return false;
        if (byte >= 0x80) ascii = false;
        if (byte != '\\') continue;
        const std::size_t length = escape_length(text, i);
        if (length == 0) return false;
        i += length - 1;
    }
    return ascii || utf8::valid(text);
}

bool Reader::piece(chat::Escaped& into) {
    if (literal("null")) return true;
    std::string_view content;
    if (!string(content) || !clean(content)) return false;
    into.bytes = content;
    return true;
}

}  // namespace

std::optional<PlainDelta> read_plain_delta(std::string_view chunk) {
    Reader reader(chunk);
    if (!reader.chunk()) return std::nullopt;
    if (!reader.delta.text.empty() && !reader.delta.reasoning.empty()) return std::nullopt;
    return reader.delta;
}

}  // namespace ccr::dialect
