// SPDX-License-Identifier: MIT
// The completion of bash as bash runs it; those of zsh and fish are parsed by them where they are
// installed.
#include "ctl/completion.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "ctl/table.hpp"

namespace ccr::ctl {
namespace {

namespace fs = std::filesystem;

class Completion : public ::testing::Test {
  protected:
    void SetUp() override {
        std::string pattern = (fs::temp_directory_path() / "ccr-complete-XXXXXX").string();
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
        std::ofstream(folder_ / "script") << bash_completion();
        std::ofstream(folder_ / "some file.json") << "{}";
    }
    void TearDown() override { fs::remove_all(folder_); }

    int shell(const std::string& line, std::string* printed = nullptr) {
        FILE* pipe = ::popen(("cd '" + folder_.string() + "' && " + line).c_str(), "r");
        char piece[4096];
        for (std::size_t n = std::fread(piece, 1, sizeof piece, pipe); n > 0;
             n = std::fread(piece, 1, sizeof piece, pipe)) {
            if (printed != nullptr) printed->append(piece, n);
        }
        const int status = ::pclose(pipe);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

    // What bash would offer for the last of these words.
    std::vector<std::string> offered(const std::vector<std::string>& words) {
        std::ofstream driver(folder_ / "driver");
        driver << "set -u\nsource ./script\nCOMP_WORDS=(ccr";
        for (const std::string& word : words)
            driver << " '" << word << "'";
        driver << ")\nCOMP_CWORD=" << words.size()
               << "\n_ccr\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n";
        driver.close();
        std::string printed;
        EXPECT_EQ(shell("bash ./driver 2>&1", &printed), 0) << printed;
        std::vector<std::string> found;
        std::istringstream lines(printed);
        for (std::string line; std::getline(lines, line);) {
            if (!line.empty()) found.push_back(line);
        }
        std::sort(found.begin(), found.end());
        return found;
    }

    fs::path folder_;
};

using Words = std::vector<std::string>;

TEST_F(Completion, Commands) {
    EXPECT_EQ(offered({"re"}), (Words{"reload", "restart"}));
    const Words all = offered({""});
    for (const auto& [word, help] : first_words())
        EXPECT_TRUE(std::binary_search(all.begin(), all.end(), word)) << word;
    EXPECT_FALSE(std::binary_search(all.begin(), all.end(), std::string("man-page")));
}

TEST_F(Completion, VerbsOfAGroup) {
    EXPECT_EQ(offered({"config", "pa"}), (Words{"path"}));
    EXPECT_EQ(offered({"--control", "x", "config", "pa"}), (Words{"path"}));
}

TEST_F(Completion, OptionsAndTheirValues) {
    EXPECT_EQ(offered({"usage", "--s"}), (Words{"--since", "--system"}));
    EXPECT_EQ(offered({"usage", "--by", "m"}), (Words{"model"}));
    EXPECT_EQ(offered({"--js"}), Words{});
    EXPECT_EQ(offered({"config", "path", "--co"}), (Words{"--config", "--control"}));
}

TEST_F(Completion, Operands) {
    EXPECT_EQ(offered({"completion", ""}), (Words{"bash", "fish", "zsh"}));
    EXPECT_EQ(offered({"check", "some"}), (Words{"some file.json"}));
    EXPECT_EQ(offered({"check", "--config", "some"}), (Words{"some file.json"}));
}

TEST_F(Completion, EveryOptionOfEveryCommand) {
    for (const Command* command : all_commands()) {
        if (command->hidden || command->verbatim) continue;
        Words words;
        std::istringstream name{std::string(command->name)};
        for (std::string word; name >> word;)
            words.push_back(word);
        words.emplace_back("--");
        const Words found = offered(words);
        for (const Option* option : all_options(*command))
            EXPECT_TRUE(
                std::binary_search(found.begin(), found.end(), "--" + std::string(option->name)))
                << command->name << " --" << option->name;
    }
}

TEST_F(Completion, OtherShellsCanReadTheirs) {
    std::ofstream(folder_ / "zsh") << zsh_completion();
    std::ofstream(folder_ / "fish") << fish_completion();
    int tried = 0;
    for (const std::string name : {"zsh", "fish"}) {
        if (shell("command -v " + name + " >/dev/null") != 0) continue;
        ++tried;
        std::string printed;
        EXPECT_EQ(shell(name + " -n ./" + name + " 2>&1", &printed), 0) << printed;
    }
    if (tried == 0) GTEST_SKIP() << "neither zsh nor fish is installed";
}

}  // namespace
}  // namespace ccr::ctl
