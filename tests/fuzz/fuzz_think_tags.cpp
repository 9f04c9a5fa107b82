// SPDX-License-Identifier: MIT
// Think tags: what comes out does not depend on how the text is cut, and nothing is made up.
#include <string>
#include <utility>

#include "daemon/dialect/think_tags.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace {

using namespace ccr;
using Said = std::pair<std::string, std::string>;  // text, reasoning

void add(Said& said, const std::vector<dialect::ThinkTags::Piece>& pieces) {
    for (const auto& piece : pieces) {
        fuzz::check(!piece.text.empty(), "no piece is empty");
        (piece.reasoning ? said.second : said.first) += piece.text;
    }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto input = fuzz::steered(data, size);
    dialect::ThinkTagOptions options;
    options.mode = static_cast<dialect::ThinkTagMode>((input.steer >> 4U) % 3U);
    options.implicit = (input.steer & 64U) != 0;
    options.anywhere = (input.steer & 128U) != 0;
    dialect::ThinkTags at_once(options);
    Said whole;
    add(whole, at_once.feed(input.input));
    add(whole, at_once.settle());
    dialect::ThinkTags by_pieces(options);
    Said pieces;
    fuzz::in_pieces(input, [&](std::string_view piece) { add(pieces, by_pieces.feed(piece)); });
    add(pieces, by_pieces.settle());
    fuzz::check(whole == pieces, "the same however it is cut");
    fuzz::check(whole.first.size() + whole.second.size() <= input.input.size(),
                "nothing is made up");
    if (options.mode == dialect::ThinkTagMode::keep) {
        fuzz::check(whole.first == input.input, "kept as it is");
    }
    return 0;
}
