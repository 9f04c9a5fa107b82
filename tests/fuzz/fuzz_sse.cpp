// SPDX-License-Identifier: MIT
// Server-sent events: the same ones, however the bytes are cut.
#include <string>
#include <utility>
#include <vector>

#include "daemon/dialect/sse.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace {

using Events = std::vector<std::pair<std::string, std::string>>;

// Bare JSON over several lines keeps their ends, where a CRLF that was cut counts as a CR.
std::string with_plain_line_ends(std::string_view data) {
    std::string out;
    for (const char c : data) {
        if (c != '\n' || out.empty() || out.back() != '\r') out += c;
    }
    return out;
}

void drain(ccr::dialect::SseParser& parser, Events& events) {
    ccr::dialect::SseEvent event;
    while (parser.next(event))
        events.emplace_back(event.name, with_plain_line_ends(event.data));
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto input = ccr::fuzz::steered(data, size);
    Events whole;
    ccr::dialect::SseParser parser;
    parser.feed(input.input);
    drain(parser, whole);
    parser.finish();
    drain(parser, whole);

    Events cut;
    ccr::dialect::SseParser other;
    ccr::fuzz::in_pieces(input, [&](std::string_view piece) {
        // A copy in its own allocation: reading past it is seen.
        const std::string bytes(piece);
        other.feed(bytes);
        drain(other, cut);
    });
    other.finish();
    drain(other, cut);
    ccr::fuzz::check(whole == cut, "cutting the bytes changes no event");
    for (const auto& [name, text] : whole)
        ccr::fuzz::check(!text.empty(), "an event has data");
    return 0;
}
