// SPDX-License-Identifier: MIT
// Reasoning that a model writes into its text between tags, told apart. At the very beginning of a
// reply unless said otherwise: a tag that is written about further down is text. The result is the
// same however the text is cut into pieces.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/dialect/code_tracker.hpp"
#include "daemon/dialect/profile.hpp"

namespace ccr::dialect {

struct TagPair {
    std::string open;
    std::string close;
};

// "name" stands for <name> and </name>; anything with a bracket in front is an opening tag as it
// is, and its closing tag has a slash behind that bracket ("[THINK]", "◁think▷"). Nothing if the
// text makes no tag.
[[nodiscard]] std::optional<TagPair> tag_pair(std::string_view text);

// The pairs to look for. Models mix them up, so any closing tag closes what any has opened.
class TagSet {
  public:
    struct Match {
        std::size_t size = 0;   // of a whole tag at the front, else 0
        bool possible = false;  // what is there so far may become one
    };

    explicit TagSet(std::vector<TagPair> pairs);
    // <think>, <thinking>, <thought>, <reasoning>, ◁think▷.
    [[nodiscard]] static const TagSet& usual();

    [[nodiscard]] Match opening(std::string_view text) const;
    [[nodiscard]] Match closing(std::string_view text) const;
    [[nodiscard]] bool may_open(char c) const { return openers_[static_cast<unsigned char>(c)]; }
    [[nodiscard]] bool may_close(char c) const { return closers_[static_cast<unsigned char>(c)]; }

  private:
    std::vector<TagPair> pairs_;
    std::bitset<256> openers_;
    std::bitset<256> closers_;
};

struct ThinkTagOptions {
    ThinkTagMode mode = ThinkTagMode::strip;
    bool implicit = false;  // the chat template has opened the tag, so only its end is to be seen
    bool anywhere = false;  // not only at the beginning, but never in code
    const TagSet* tags = &TagSet::usual();  // outlives the machine
};

class ThinkTags {
  public:
    struct Piece {
        bool reasoning = false;  // never with ThinkTagMode::strip
        std::string text;        // decoded, never empty
    };

    explicit ThinkTags(const ThinkTagOptions& options);

    // From here on text is nothing but text: there is no need to ask any more.
    [[nodiscard]] bool settled() const { return state_ == State::plain; }
    // Settles if a reply that begins with this byte of a JSON string holds no tags; asked first,
    // it spares most replies all else.
    bool settles_with(char first);
    // Takes decoded text and gives what is certain of all so far, in order.
    [[nodiscard]] std::vector<Piece> feed(std::string_view text);
    // No more text comes before whatever comes next: gives what was held back. Settles, unless tags
    // are looked for anywhere.
    [[nodiscard]] std::vector<Piece> settle();

  private:
    enum class State : std::uint8_t { start, thinking, closed, text, plain };
    using Pieces = std::vector<Piece>;
    struct Place {
        std::size_t at = std::string_view::npos;
        std::size_t size = 0;  // of a whole tag there, else 0: it may become one
    };

    bool step(Pieces& out);
    bool at_start();
    bool in_thinking(Pieces& out);
    bool behind_tag();
    bool in_text(Pieces& out);
    void begin_text() { state_ = options_.anywhere ? State::text : State::plain; }
    [[nodiscard]] Place find_closing(std::string_view text) const;
    void give(Pieces& out, bool reasoning, std::size_t size);
    [[nodiscard]] std::string_view rest() const { return std::string_view(held_).substr(begin_); }

    ThinkTagOptions options_;
    State state_;
    CodeTracker code_;
    std::string held_;
    std::size_t begin_ = 0;  // of what is left of held_, during a call
};

}  // namespace ccr::dialect
