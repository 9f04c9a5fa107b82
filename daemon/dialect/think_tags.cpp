// SPDX-License-Identifier: MIT
#include "daemon/dialect/think_tags.hpp"

#include <algorithm>

#include "common/text.hpp"

namespace ccr::dialect {
namespace {

// A reply that was opened by its template and says nothing of thinking for so long has none.
constexpr std::size_t max_implicit = 8192;
constexpr std::size_t max_blank = 64;

// Bytes of the first character of an UTF-8 text.
std::size_t first_size(std::string_view text) {
    std::size_t size = 1;
    while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U)
        ++size;
    return size;
}

bool is_name(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '-' || c == ':';
    });
}

void note_first(std::bitset<256>& firsts, char c) {
    firsts.set(static_cast<unsigned char>(c));
    if (c >= 'a' && c <= 'z') firsts.set(static_cast<unsigned char>(c - 'a' + 'A'));
    if (c >= 'A' && c <= 'Z') firsts.set(static_cast<unsigned char>(c - 'A' + 'a'));
}

// The shortest of several tags counts, because the others' ends may not have come yet.
void consider(std::string_view text, std::string_view tag, TagSet::Match& found) {
    const std::size_t size = std::min(tag.size(), text.size());
    if (!iequals(text.substr(0, size), tag.substr(0, size))) return;
    found.possible = true;
    if (size == tag.size() && (found.size == 0 || size < found.size)) found.size = size;
}

}  // namespace

std::optional<TagPair> tag_pair(std::string_view text) {
    if (text.empty()) return std::nullopt;
    if (is_name(text)) {
        const std::string name(text);
        return TagPair{"<" + name + ">", "</" + name + ">"};
    }
    const std::size_t bracket = first_size(text);
    if (bracket + 1 >= text.size() || ascii_space(text.front()) || is_name(text.substr(0, 1))) {
        return std::nullopt;
    }
    TagPair pair{std::string(text), std::string(text)};
    pair.close.insert(bracket, 1, '/');
    return pair;
}

TagSet::TagSet(std::vector<TagPair> pairs) : pairs_(std::move(pairs)) {
    for (const TagPair& pair : pairs_) {
        note_first(openers_, pair.open.front());
        note_first(closers_, pair.close.front());
    }
}

const TagSet& TagSet::usual() {
    static const TagSet set({{"<think>", "</think>"},
                             {"<thinking>", "</thinking>"},
                             {"<thought>", "</thought>"},
                             {"<reasoning>", "</reasoning>"},
                             {"\u25C1think\u25B7", "\u25C1/think\u25B7"}});
    return set;
}

TagSet::Match TagSet::opening(std::string_view text) const {
    Match found;
    for (const TagPair& pair : pairs_)
        consider(text, pair.open, found);
    return found;
}

TagSet::Match TagSet::closing(std::string_view text) const {
    Match found;
    for (const TagPair& pair : pairs_)
        consider(text, pair.close, found);
    return found;
}

ThinkTags::ThinkTags(const ThinkTagOptions& options) : options_(options), state_(State::start) {
    if (options_.mode != ThinkTagMode::keep) return;
    options_.anywhere = false;
    state_ = State::plain;
}

bool ThinkTags::settles_with(char first) {
    if (state_ != State::start || !held_.empty() || options_.implicit || options_.anywhere) {
        return settled();
    }
    // White space may come in front of a tag, and an escape may be anything.
    if (first == ' ' || first == '\\' || options_.tags->may_open(first)) return false;
    state_ = State::plain;
    return true;
}

std::vector<ThinkTags::Piece> ThinkTags::feed(std::string_view text) {
    Pieces out;
    held_ += text;
    while (step(out)) {
    }
    held_.erase(0, begin_);
    begin_ = 0;
    return out;
}

// True if there may be more to do with what is held.
bool ThinkTags::step(Pieces& out) {
    switch (state_) {
        case State::start:
            return at_start();
        case State::thinking:
            return in_thinking(out);
        case State::closed:
            return behind_tag();
        case State::text:
            return in_text(out);
        case State::plain:
            give(out, false, rest().size());
            return false;
    }
    return false;
}

bool ThinkTags::at_start() {
    const auto first = std::find_if_not(rest().begin(), rest().end(), ascii_space);
    const auto blank = static_cast<std::size_t>(first - rest().begin());
    if (blank <= max_blank) {
        const std::string_view text = rest().substr(blank);
        if (text.empty()) return false;
        const TagSet::Match tag = options_.tags->opening(text);
        if (tag.size > 0) {
            begin_ += blank + tag.size;
            state_ = State::thinking;
            return true;
        }
        if (tag.possible) return false;
    }
    if (options_.implicit) {
        const Place closing = find_closing(rest().substr(0, max_implicit));
        if (closing.size > 0) {
            state_ = State::thinking;
            return true;
        }
        if (rest().size() < max_implicit) return false;
    }
    begin_text();
    return true;
}

bool ThinkTags::in_thinking(Pieces& out) {
    const Place closing = find_closing(rest());
    give(out, true, std::min(closing.at, rest().size()));
    if (closing.size == 0) return false;
    begin_ += closing.size;
    state_ = State::closed;
    return true;
}

// One line end behind the tag belongs to the tag.
bool ThinkTags::behind_tag() {
    if (rest().empty() || rest() == "\r") return false;
    if (rest().starts_with("\r\n")) {
        begin_ += 2;
    } else if (rest().starts_with('\n')) {
        begin_ += 1;
    }
    begin_text();
    return true;
}

bool ThinkTags::in_text(Pieces& out) {
    const std::string_view text = rest();
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (options_.tags->may_open(text[i]) && !code_.inside()) {
            const TagSet::Match tag = options_.tags->opening(text.substr(i));
            if (tag.possible) {
                give(out, false, i);
                if (tag.size == 0) return false;
                begin_ += tag.size;
                state_ = State::thinking;
                return true;
            }
        }
        code_.read(text[i]);
    }
    give(out, false, text.size());
    return false;
}

// The first closing tag, or what may become one at the end of the text.
ThinkTags::Place ThinkTags::find_closing(std::string_view text) const {
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (!options_.tags->may_close(text[at])) continue;
        const TagSet::Match tag = options_.tags->closing(text.substr(at));
        if (tag.possible) return {at, tag.size};
    }
    return {};
}

void ThinkTags::give(Pieces& out, bool reasoning, std::size_t size) {
    if (size == 0) return;
    const bool wanted = !reasoning || options_.mode != ThinkTagMode::strip;
    if (wanted) out.push_back({reasoning, std::string(rest().substr(0, size))});
    begin_ += size;
}

std::vector<ThinkTags::Piece> ThinkTags::settle() {
    Pieces out;
    give(out, state_ == State::thinking, rest().size());
    held_.clear();
    begin_ = 0;
    begin_text();
    return out;
}

}  // namespace ccr::dialect
