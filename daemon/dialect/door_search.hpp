// SPDX-License-Identifier: MIT
// Searches and citations on their way to clients of OpenAI's two formats. Private to the doors.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/json.hpp"
#include "daemon/chat/event.hpp"
#include "daemon/dialect/block_machine.hpp"

namespace ccr::dialect {

// Finds the searches among the blocks that an Anthropic provider sends.
class ForeignSearches {
  public:
    // Gives `sink` the search when its results are there. Other blocks mean nothing to these
    // formats.
    void read(const chat::ForeignBlock& block, BlockSink& sink);

  private:
    struct Call {
        std::string id;
        std::string query;  // escaped
    };
    void read_call(json::Value block, chat::Escaped input);
    void read_result(json::Value block, BlockSink& sink) const;

    std::vector<Call> calls_;
};

// A part of a text, in characters.
struct TextSpan {
    std::int64_t from = 0;
    std::int64_t to = 0;
};

// Counts the characters of a reply's texts, which are one to the provider and may be several here.
class TextPlaces {
  public:
    void text(chat::Escaped piece);
    // What follows is another text.
    void next_text() { before_ = said_; }
    // Where in the present text; at its end if the provider does not say.
    [[nodiscard]] TextSpan place(const chat::Cited& cited) const;
    [[nodiscard]] TextSpan end() const;

  private:
    std::uint64_t said_ = 0;
    std::uint64_t before_ = 0;  // of them, in earlier texts
};

// url, title, start_index and end_index, as members of the object being written.
void write_place(json::Writer& writer, const chat::Cited& cited, TextSpan span);

}  // namespace ccr::dialect
