// SPDX-License-Identifier: MIT
// The manual, the completions and README against the tables that the programs are made of.
#include "ctl/manual.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "common/config/schema.hpp"
#include "ctl/completion.hpp"
#include "ctl/table.hpp"
#include "daemon/stats/exposition.hpp"
#include "daemon/stats/report.hpp"

namespace ccr::ctl {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& file) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
}

fs::path source(std::string_view name) {
    return fs::path(CCR_SOURCE_DIR) / name;
}

// roff's spelling of what a reader sees.
std::string unescaped(std::string text) {
    for (const auto& [from, to] :
         {std::pair{"\\-", "-"}, {"\\e", "\\"}, {"\\&", ""}, {"\\(dq", "\""}}) {
        const std::string_view what = from;
        for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at))
            text.replace(at, what.size(), to);
    }
    return text;
}

TEST(Manual, PagesAreWhatTheTableGives) {
    for (const std::string& name : manual_pages()) {
        const std::string file = "man/" + name + ".1";
        EXPECT_TRUE(read(source(file)) == manual_page(name))
            << file << " is old; write it again with: ccr man-page " << name << " > " << file;
    }
}

TEST(Manual, NamesEveryCommandAndOption) {
    const std::string page = unescaped(*manual_page("ccr"));
    for (const Command* command : all_commands()) {
        if (command->hidden) continue;
        EXPECT_NE(page.find(".It Ic \"" + std::string(command->name) + "\""), std::string::npos)
            << command->name;
        for (const Option& option : command->options)
            EXPECT_NE(page.find("Fl -" + std::string(option.name)), std::string::npos)
                << command->name << " --" << option.name;
    }
}

TEST(Manual, ReadmeNamesEveryCommand) {
    const std::string readme = read(source("README.md"));
    for (const auto& [word, help] : first_words()) {
        EXPECT_NE(readme.find("ccr " + word), std::string::npos) << word;
    }
}

TEST(Manual, DescribesEveryConfigKey) {
    const std::string page = unescaped(read(source("man/ccr-config.5")));
    for (const auto& row : config::schema()) {
        std::string_view name = row.name();
        while (name.ends_with("[]"))
            name.remove_suffix(2);
        EXPECT_NE(page.find(name), std::string::npos) << row.path;
    }
}

TEST(Manual, DescribesEveryMetric) {
    const std::string text = unescaped(read(source("man/ccrd.8"))) + read(source("README.md"));
    const std::string metrics = stats::metrics({}, "1", stats::Format::prometheus_text);
    std::istringstream lines(metrics);
    std::size_t found = 0;
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with("# TYPE ")) continue;
        const std::string name = line.substr(7, line.find(' ', 7) - 7);
        if (!name.starts_with("ccr_")) continue;
        ++found;
        EXPECT_NE(text.find(name), std::string::npos) << name;
    }
    EXPECT_GT(found, 10U);
}

}  // namespace
}  // namespace ccr::ctl
