// SPDX-License-Identifier: MIT
#include "daemon/check_config.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace ccr {
namespace {

namespace fs = std::filesystem;
using Lines = std::vector<std::string>;

class CheckConfig : public ::testing::Test {
  protected:
    CheckConfig()
        : path_(fs::temp_directory_path() / ("ccr-check-" + std::to_string(::getpid()))),
          file_((path_ / "config.json").string()) {
        fs::create_directories(path_ / "presets/mine");
    }
    ~CheckConfig() override {
        std::error_code code;
        fs::remove_all(path_, code);
    }

    [[nodiscard]] ConfigCheck check(std::string_view text) const {
        std::ofstream(file_) << text;
        return check_config(file_, [](std::string_view) { return std::optional<std::string>(); });
    }

    // Each problem as it is printed, without the directory.
    [[nodiscard]] Lines lines(const ConfigCheck& result) const {
        Lines out;
        for (const config::Problem& problem : result.problems)
            out.push_back(config::format(problem).substr(path_.string().size() + 1));
        return out;
    }

    fs::path path_;
    std::string file_;
};

TEST_F(CheckConfig, FindsTheProblemsOfAllPartsAtOnce) {
    std::ofstream(path_ / "presets/mine/manifest.json") << "{Router: {default: 'x,m'}}";
    const ConfigCheck result = check(
        "{Providers: [\n"
        "{name: 'p', api_base_url: 'https://x/v1', profile: 'nobody'},\n"
        "{name: 'q', api_base_url: 'https://x/v1', profile: {max_toolz: 3}},\n"
        "{name: 'r', api_base_url: 'https://x/v1', modles: []}],\n"
        "Router: {default: 'p,m'}}");
    EXPECT_FALSE(result.ok);
    const Lines found = lines(result);
    ASSERT_EQ(found.size(), 4U);
    EXPECT_TRUE(found[0].starts_with(
        "config.json:2:52: error: Providers: provider p: no profile nobody; known are"))
        << found[0];
    EXPECT_TRUE(found[1].starts_with("config.json:3:52: error: Providers: provider q: profile"))
        << found[1];
    EXPECT_EQ(found[2],
              "config.json:4:43: warning: Providers[2].modles: unknown key, ignored (did you mean "
              "\"models\"?)");
    EXPECT_EQ(found[3],
              "presets/mine/manifest.json:1:20: error: Router.default: no provider is named x");
}

TEST_F(CheckConfig, WarningsAndBadPresetsAreNoFailure) {
    const ConfigCheck result = check(
        "{Providers: [{name: 'g', api_base_url: 'https://x/v1', protocol: 'openai-responses'}],"
        "Router: {default: 'g,m'}}");
    EXPECT_TRUE(result.ok);
    EXPECT_EQ(result.problems.size(), 1U);  // an empty preset folder
    EXPECT_FALSE(check("{").ok);
    EXPECT_TRUE(check("{}").ok);
}

}  // namespace
}  // namespace ccr
