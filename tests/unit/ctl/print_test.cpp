// SPDX-License-Identifier: MIT
#include "ctl/print.hpp"

#include <gtest/gtest.h>

namespace ccr::ctl {
namespace {

TEST(Print, Durations) {
    EXPECT_EQ(duration(0), "0 ms");
    EXPECT_EQ(duration(-1), "0 ms");
    EXPECT_EQ(duration(0.0042), "4.2 ms");
    EXPECT_EQ(duration(0.25), "250 ms");
    EXPECT_EQ(duration(1.25), "1.25 s");
    EXPECT_EQ(duration(59.6), "1 min");
    EXPECT_EQ(duration(200), "3 min 20 s");
    EXPECT_EQ(duration(7500), "2 h 5 min");
    EXPECT_EQ(duration(90000), "1 d 1 h");
}

TEST(Print, SizesAndCounts) {
    EXPECT_EQ(size(512), "512 B");
    EXPECT_EQ(size(1536), "1.5 KiB");
    EXPECT_EQ(size(20U << 20U), "20 MiB");
    EXPECT_EQ(short_count(950), "950");
    EXPECT_EQ(short_count(12345), "12.3k");
    EXPECT_EQ(short_count(999'999), "1M");
    EXPECT_EQ(short_count(4'560'000), "4.56M");
    EXPECT_EQ(count(7), "7");
    EXPECT_EQ(count(1234567), "1 234 567");
}

TEST(Print, AnUnknownCostIsNotNothing) {
    EXPECT_EQ(dollars(std::nullopt), "unknown");
    EXPECT_EQ(dollars(0.0), "$0.00");
    EXPECT_EQ(dollars(0.0042), "$0.0042");
    EXPECT_EQ(dollars(12.345), "$12.35");
}

TEST(Print, WhatComesFromOutsideDoesNotSteerTheTerminal) {
    EXPECT_EQ(harmless("a\x1b[2Jb\nc\x7f"), "a?[2Jb?c?");
    EXPECT_EQ(harmless("\xC2\x9Bx"), "?x");
    EXPECT_EQ(harmless("grün €"), "grün €");
}

TEST(Print, ClipsByCharacters) {
    EXPECT_EQ(clipped("grün", 4), "grün");
    EXPECT_EQ(clipped("grüner", 4), "grü…");
    EXPECT_EQ(clipped("x", 0), "");
    EXPECT_EQ(text_width("grü…"), 4U);
}

TEST(Print, WrapsWordsAndKeepsEmptyLines) {
    EXPECT_EQ(wrapped("one two three\n\nfour", 8),
              (std::vector<std::string>{"one two", "three", "", "four"}));
    EXPECT_EQ(plain("say `ccr -h` now"), "say ccr -h now");
}

TEST(Table, AlignsAndLeavesEmptyColumnsOut) {
    Table table({{"NAME"}, {"NOTE"}, {"COUNT", Table::Align::right}});
    table.row({{"a"}, {""}, {"7"}}).row({{"longer"}, {""}, {"12"}});
    EXPECT_EQ(table.text({.columns = 0}),
              "NAME    COUNT\n"
              "a           7\n"
              "longer     12\n");
}

TEST(Table, ClipsTheWidestTextWhereTheTerminalIsNarrow) {
    Table table({{"A"}, {"B"}});
    table.row({{"a very long text that does not fit"}, {"short"}});
    const std::string text = table.text({.columns = 20});
    EXPECT_EQ(text,
              "A              B\n"
              "a very long …  short\n");
}

TEST(Table, ColoursCellsOnlyWhereColoursAre) {
    Table table({{"A"}});
    table.row({{"x", Colour::red}});
    EXPECT_EQ(table.text({.colour = false, .columns = 0}), "A\nx\n");
    EXPECT_EQ(table.text({.colour = true, .columns = 0}), "\x1b[1mA\x1b[0m\n\x1b[31mx\x1b[0m\n");
}

}  // namespace
}  // namespace ccr::ctl
