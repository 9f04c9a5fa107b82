// SPDX-License-Identifier: MIT
#include "daemon/dialect/think_tags.hpp"

#include <algorithm>
#include <array>

#include "common/text.hpp"

namespace ccr::dialect {
namespace {

// Models mix them up, so any of them closes what any of them opened.
constexpr std::array<std::string_view, 4> names{"think", "thinking", "thought", "reasoning"};
constexpr std::size_t longest_tag = std::string_view("</reasoning>").size();
// A reply that was opened by its template and says nothing of thinking for so long has none.
constexpr std::size_t max_implicit = 8192;
constexpr std::size_t max_blank = 64;

struct Tag {
    std::size_t size = 0;   // of a whole tag at the front, else 0
    bool possible = false;  // what is there so far may become one
};

// Looks for `opening` (either "<" or "</"), a name and ">" at the front of the text.
Tag read_tag(std::string_view text, std::string_view opening) {
    Tag found;
    for (const std::string_view name : names) {
        std::string tag(opening);
        tag += name;
        tag += '>';
        const std::size_t size = std::min(tag.size(), text.size());
        if (!iequals(text.substr(0, size), std::string_view(tag).substr(0, size))) continue;
        found.possible = true;
        if (size == tag.size()) found.size = size;
    }
    return found;
}

struct Place {
    std::size_t at = std::string_view::npos;
    std::size_t size = 0;  // of a whole closing tag there, else 0: it may become one
};

// The first closing tag, or what may become one at the end of the text.
Place find_closing(std::string_view text) {
    for (auto at = text.find('<'); at != text.npos; at = text.find('<', at + 1)) {
        const Tag tag = read_tag(text.substr(at, longest_tag), "</");
        if (tag.size > 0) return {at, tag.size};
        if (tag.possible) return {at, 0};
    }
    return {};
}

}  // namespace

std::vector<ThinkTags::Piece> ThinkTags::feed(std::string_view text) {
    Pieces out;
    held_ += text;
    while (step(out)) {
    }
    return out;
}

// True if there may be more to do with what is held.
bool ThinkTags::step(Pieces& out) {
    switch (state_) {
        case State::start:
            return at_start(out);
        case State::thinking:
            return in_thinking(out);
        case State::closed:
            return behind_tag();
        case State::text:
            give(out, false, held_.size());
            return false;
    }
    return false;
}

bool ThinkTags::at_start(Pieces& out) {
    const auto first = std::find_if_not(held_.begin(), held_.end(), ascii_space);
    const auto blank = static_cast<std::size_t>(first - held_.begin());
    const std::string_view text = std::string_view(held_).substr(blank);
    if (text.empty() && blank <= max_blank) return false;
    const Tag tag = read_tag(text, "<");
    if (tag.size > 0) {
        held_.erase(0, blank + tag.size);
        state_ = State::thinking;
        return true;
    }
    if (tag.possible && !text.empty()) return false;
    if (implicit_) {
        const Place closing = find_closing(held_);
        if (closing.size > 0) {
            state_ = State::thinking;
            return true;
        }
        if (held_.size() < max_implicit) return false;
    }
    state_ = State::text;
    give(out, false, held_.size());
    return false;
}

bool ThinkTags::in_thinking(Pieces& out) {
    const Place closing = find_closing(held_);
    give(out, true, std::min(closing.at, held_.size()));
    if (closing.size == 0) return false;
    held_.erase(0, closing.size);
    state_ = State::closed;
    return true;
}

// One line end behind the tag belongs to the tag.
bool ThinkTags::behind_tag() {
    if (held_.empty() || held_ == "\r") return false;
    if (held_.starts_with("\r\n")) {
        held_.erase(0, 2);
    } else if (held_.starts_with('\n')) {
        held_.erase(0, 1);
    }
    state_ = State::text;
    return true;
}

void ThinkTags::give(Pieces& out, bool reasoning, std::size_t size) {
    if (size == 0) return;
    out.push_back({reasoning, held_.substr(0, size)});
    held_.erase(0, size);
}

std::vector<ThinkTags::Piece> ThinkTags::settle() {
    Pieces out;
    give(out, state_ == State::thinking, held_.size());
    state_ = State::text;
    return out;
}

}  // namespace ccr::dialect
