// SPDX-License-Identifier: MIT
#include "ctl/top_view.hpp"

#include <gtest/gtest.h>

namespace ccr::ctl {
namespace {

control::Event request(int number) {
    control::Event event;
    event.type = "request";
    event.at = number;
    event.status = 200;
    event.method = "POST";
    event.path = "/v1/messages/" + std::to_string(number);
    return event;
}

Top busy() {
    Top top;
    top.status.version = "9.9.9";
    top.status.state = "serving";
    for (int i = 1; i <= 6; ++i) {
        control::TierStatus tier;
        tier.tier = "tier-" + std::to_string(i);
        tier.provider = "provider";
        tier.model = "a-model-with-a-rather-long-name-" + std::to_string(i);
        tier.state = "healthy";
        top.status.tiers.push_back(tier);
    }
    for (int i = 0; i < 40; ++i)
        top.add(request(i));
    return top;
}

TEST(TopView, FillsTheTerminalAndNoMore) {
    for (const std::size_t rows : {4U, 10U, 24U, 60U}) {
        for (const std::size_t columns : {20U, 80U, 200U}) {
            const auto lines = view(busy(), {.columns = columns, .rows = rows});
            EXPECT_EQ(lines.size(), rows);
            if (columns < 80) continue;  // numbers are not clipped, so 20 columns may be exceeded
            for (const std::string& line : lines)
                EXPECT_LE(text_width(line), columns) << line;
        }
    }
}

TEST(TopView, NewestFirstAndScrollingStaysInPlace) {
    Top top = busy();
    EXPECT_TRUE(top.recent.front().path.ends_with("/39"));
    top.scroll(3);
    EXPECT_EQ(top.recent[top.scrolled].path, "/v1/messages/36");
    top.add(request(40));
    EXPECT_EQ(top.recent[top.scrolled].path, "/v1/messages/36");
    top.scroll(-100);
    EXPECT_EQ(top.scrolled, 0U);
    top.scroll(100);
    EXPECT_EQ(top.scrolled, top.recent.size() - 1);
}

TEST(TopView, KeepsABoundedNumber) {
    Top top;
    for (std::size_t i = 0; i < 2 * Top::max_recent; ++i)
        top.add(request(static_cast<int>(i)));
    EXPECT_EQ(top.recent.size(), Top::max_recent);
}

TEST(TopView, SaysWhyItIsOld) {
    Top top = busy();
    top.trouble = "ccrd is not running";
    const auto lines = view(top, {.columns = 80, .rows = 24});
    EXPECT_EQ(lines[2], "ccrd is not running");
}

TEST(TopView, ShowsAllWithoutATerminal) {
    const auto lines = view(busy(), {.columns = 0, .rows = 0});
    EXPECT_NE(lines.front().find("9.9.9"), std::string::npos);
    EXPECT_TRUE(lines.back().ends_with("/v1/messages/0"));
}

}  // namespace
}  // namespace ccr::ctl
