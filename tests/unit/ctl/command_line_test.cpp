// SPDX-License-Identifier: MIT
#include "ctl/command_line.hpp"

#include <gtest/gtest.h>

#include <set>

#include "ctl/completion.hpp"
#include "ctl/help.hpp"
#include "ctl/print.hpp"
#include "ctl/table.hpp"

namespace ccr::ctl {
namespace {

using Words = std::vector<std::string>;

TEST(CommandLine, FindsTheCommandBehindCommonOptions) {
    const Parsed parsed = parse_command_line({"--control", "/x y", "--user", "status", "--json"});
    ASSERT_EQ(parsed.what, Parsed::What::command) << parsed.error;
    EXPECT_EQ(parsed.command->name, "status");
    EXPECT_EQ(parsed.arguments.control(), "/x y");
    EXPECT_EQ(parsed.arguments.scope(), Scope::user);
    EXPECT_TRUE(parsed.arguments.json());
}

TEST(CommandLine, TakesValuesWithAndWithoutEqualsAndTheLastOne) {
    const Parsed parsed =
        parse_command_line({"usage", "--since=24h", "--by", "day", "--by", "model"});
    ASSERT_EQ(parsed.what, Parsed::What::command) << parsed.error;
    EXPECT_EQ(parsed.arguments.value("since"), "24h");
    EXPECT_EQ(parsed.arguments.value("by"), "model");
    EXPECT_FALSE(parsed.arguments.json());
}

TEST(CommandLine, TakesLetters) {
    const Parsed parsed = parse_command_line({"logs", "-f", "-n", "5"});
    ASSERT_EQ(parsed.what, Parsed::What::command) << parsed.error;
    EXPECT_TRUE(parsed.arguments.has("follow"));
    EXPECT_EQ(parsed.arguments.value("lines"), "5");
}

TEST(CommandLine, TakesWordsThatLookLikeOptionsAfterTwoDashes) {
    const Parsed parsed = parse_command_line({"check", "--", "-odd name"});
    ASSERT_EQ(parsed.what, Parsed::What::command) << parsed.error;
    EXPECT_EQ(parsed.arguments.operands, Words{"-odd name"});
}

TEST(CommandLine, KnowsAliasesAndVerbs) {
    EXPECT_EQ(parse_command_line({"env"}).command->name, "activate");
    EXPECT_EQ(parse_command_line({"config", "path"}).command->name, "config path");
}

TEST(CommandLine, LeavesTheArgumentsOfCodeAlone) {
    if (find_command("code", "") == nullptr) GTEST_SKIP() << "no command code in this build";
    const Words rest{"-h", "--json", "--", "", "a b", "--user", "-v", "code"};
    Words words{"--config", "/c", "code"};
    words.insert(words.end(), rest.begin(), rest.end());
    const Parsed parsed = parse_command_line(words);
    ASSERT_EQ(parsed.what, Parsed::What::command) << parsed.error;
    EXPECT_EQ(parsed.command->name, "code");
    EXPECT_EQ(parsed.arguments.operands, rest);
    EXPECT_EQ(parsed.arguments.config(), "/c");
    EXPECT_EQ(parsed.arguments.scope(), Scope::automatic);
}

TEST(CommandLine, AnUnknownWordMayBeAPreset) {
    const Parsed parsed = parse_command_line({"--config", "/c", "mine", "-p", "a b", "--user"});
    EXPECT_EQ(parsed.what, Parsed::What::unknown);
    EXPECT_EQ(parsed.word, "mine");
    EXPECT_EQ(parsed.arguments.operands, (Words{"-p", "a b", "--user"}));
    EXPECT_EQ(parsed.arguments.config(), "/c");
}

struct Wrong {
    Words words;
    std::string_view error;
};

class WrongCommandLine : public ::testing::TestWithParam<Wrong> {};

TEST_P(WrongCommandLine, IsExplainedInOneLine) {
    const Parsed parsed = parse_command_line(GetParam().words);
    EXPECT_TRUE(parsed.what == Parsed::What::error || parsed.what == Parsed::What::unknown);
    EXPECT_EQ(parsed.error, GetParam().error);
}

INSTANTIATE_TEST_SUITE_P(
    CommandLine, WrongCommandLine,
    ::testing::Values(
        Wrong{{}, "which command? ccr -h lists them"},
        Wrong{{"zzzzzz"}, "unknown command zzzzzz; ccr -h lists them"},
        Wrong{{"statsu"}, "unknown command statsu; did you mean ccr status?"},
        Wrong{{"--jsn"}, "unknown option --jsn; ccr -h lists what there is"},
        Wrong{{"status", "--jsn"}, "status: unknown option --jsn; did you mean --json?"},
        Wrong{{"status", "--zzzzzz"}, "status: unknown option --zzzzzz; see ccr status -h"},
        Wrong{{"start", "x"}, "start: too many arguments from \"x\" on; see ccr start -h"},
        Wrong{{"check", "a", "b"}, "check: too many arguments from \"b\" on; see ccr check -h"},
        Wrong{{"completion"}, "completion: SHELL is missing; see ccr completion -h"},
        Wrong{{"status", "--user", "--system"},
              "--system and --user exclude each other; give one of them"}));

TEST(CommandLine, AsksForAVerb) {
    const Parsed none = parse_command_line({"config"});
    EXPECT_TRUE(none.error.starts_with("config: which of path")) << none.error;
    const Parsed unknown = parse_command_line({"config", "zzz"});
    EXPECT_TRUE(unknown.error.starts_with("config: there is no zzz; it knows ")) << unknown.error;
}

TEST(CommandLine, HelpIsForWhatItIsAskedOf) {
    EXPECT_EQ(parse_command_line({"-h"}).what, Parsed::What::help);
    EXPECT_EQ(parse_command_line({"--help"}).command, nullptr);
    EXPECT_EQ(parse_command_line({"start", "--help"}).command->name, "start");
    EXPECT_EQ(parse_command_line({"config", "-h"}).word, "config");
    EXPECT_EQ(parse_command_line({"-v"}).what, Parsed::What::version);
    EXPECT_EQ(parse_command_line({"--version"}).what, Parsed::What::version);
}

TEST(CommandTable, RowsAreWhole) {
    std::set<std::string_view> names;
    for (const Command* command : all_commands()) {
        EXPECT_TRUE(names.insert(command->name).second) << command->name;
        EXPECT_NE(command->run, nullptr) << command->name;
        EXPECT_FALSE(command->help.empty()) << command->name;
        EXPECT_LE(command->help.size(), 60U) << command->name;
        EXPECT_FALSE(command->help.ends_with(".")) << command->name;
        EXPECT_FALSE(command->text.ends_with(" ")) << command->name;
        for (const Option* option : all_options(*command)) {
            EXPECT_FALSE(option->help.empty()) << command->name << " " << option->name;
            EXPECT_EQ(option->completes == Completes::words, !option->choices.empty())
                << command->name << " " << option->name;
        }
    }
}

TEST(CommandTable, EveryHelpFitsATerminal) {
    std::vector<std::string> texts{help_text()};
    for (const Command* command : all_commands())
        texts.push_back(help_text(*command));
    for (const std::string& text : texts) {
        for (const std::string& line : wrapped(text, 100'000))
            EXPECT_LE(text_width(line), 80U) << line;
    }
}

TEST(CommandTable, HelpNamesEveryCommand) {
    const std::string text = help_text();
    for (const Command* command : all_commands())
        EXPECT_EQ(text.find("\n  " + std::string(command->name)) == std::string::npos,
                  command->hidden)
            << command->name;
}

}  // namespace
}  // namespace ccr::ctl
