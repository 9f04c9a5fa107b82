// SPDX-License-Identifier: MIT
#include "daemon/dialect/freeform_input.hpp"

#include <algorithm>
#include <utility>

#include "common/json.hpp"

namespace ccr::dialect {
namespace {

// An escape in front of `at` that still lacks a part: its end, or the second half of a character.
std::size_t whole_escape(std::string_view text, std::size_t at) {
    constexpr std::size_t short_escape = 2;
    constexpr std::size_t unicode_escape = 6;
    if (at + 1 >= text.size()) return 0;
    if (text[at + 1] != 'u') return short_escape;
    if (at + unicode_escape > text.size()) return 0;
    const bool high = (text[at + 2] == 'd' || text[at + 2] == 'D') &&
                      std::string_view("89abAB").find(text[at + 3]) != std::string_view::npos;
    if (!high) return unicode_escape;
    return at + 2 * unicode_escape > text.size() ? 0 : 2 * unicode_escape;
}

}  // namespace

std::string FreeformInput::feed(chat::Escaped fragment) {
    std::string out;
    if (state_ == State::behind) return out;
    held_ += json::unescape(fragment.bytes);
    if (state_ == State::before) enter();
    if (state_ == State::text) take_text(out);
    return out;
}

// Looks for {"input":" in front.
void FreeformInput::enter() {
    constexpr std::string_view opening[] = {"{", "\"input\"", ":", "\""};
    constexpr std::string_view space = " \t\r\n";
    std::string_view rest = held_;
    for (const std::string_view token : opening) {
        rest.remove_prefix(std::min(rest.find_first_not_of(space), rest.size()));
        if (!rest.starts_with(token)) return;
        rest.remove_prefix(token.size());
    }
    held_.erase(0, held_.size() - rest.size());
    state_ = State::text;
    any_ = true;
}

void FreeformInput::take_text(std::string& out) {
    std::size_t at = 0;
    while (at < held_.size()) {
        if (held_[at] == '"') {
            state_ = State::behind;
            break;
        }
        const std::size_t length = held_[at] == '\\' ? whole_escape(held_, at) : 1;
        if (length == 0) break;
        at += length;
    }
    // Inside of a JSON string the two spellings are one.
    out.append(held_, 0, at);
    held_.erase(0, state_ == State::behind ? held_.size() : at);
}

std::string FreeformInput::finish() {
    if (any_) return {};
    const std::string rest = std::exchange(held_, {});
    return rest == "{}" ? std::string() : json::escape(rest);
}

}  // namespace ccr::dialect
