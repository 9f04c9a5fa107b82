// SPDX-License-Identifier: MIT
#include "ctl/sse.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace ccr::ctl {
namespace {

using Seen = std::vector<std::pair<std::string, std::string>>;

constexpr std::string_view stream =
    ": a comment\n\nevent: drain\ndata: {\"left\":1}\n\ndata:a\r\ndata: b\r\n\r\nevent: x\n\n";

TEST(EventReader, GivesTheSameHoweverTheBytesAreCut) {
    const Seen expected{{"drain", "{\"left\":1}"}, {"", "a\nb"}};
    for (std::size_t step = 1; step <= stream.size(); ++step) {
        EventReader reader;
        Seen seen;
        for (std::size_t at = 0; at < stream.size(); at += step) {
            EXPECT_TRUE(reader.feed(stream.substr(at, step), [&](auto name, auto data) {
                seen.emplace_back(name, data);
                return true;
            }));
        }
        EXPECT_EQ(seen, expected) << "step " << step;
    }
}

TEST(EventReader, StopsWhenToldAndWhenAnEventIsTooLarge) {
    const auto no = [](std::string_view, std::string_view) { return false; };
    EXPECT_FALSE(EventReader().feed("data: 1\n\ndata: 2\n\n", no));
    EXPECT_FALSE(EventReader().feed("data: " + std::string(EventReader::max_event, 'x'), no));
}

}  // namespace
}  // namespace ccr::ctl
