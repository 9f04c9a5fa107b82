// SPDX-License-Identifier: MIT
#include "common/config/interpolate.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/unit/config/helpers.hpp"

namespace ccr::config {
namespace {

using testing::variables;

TEST(Interpolate, ExpandsEveryForm) {
    const Lookup lookup =
        variables({{"A", "1"}, {"B_2", "two"}, {"lower", "low"}, {"EMPTY", ""}, {"D", "$A"}});
    struct Case {
        std::string_view text;
        std::string_view expanded;
    };
    const Case cases[] = {
        {"", ""},
        {"plain", "plain"},
        {"$A", "1"},
        {"${A}", "1"},
        {"x${A}y$B_2-z", "x1ytwo-z"},
        {"${lower}", "low"},
        {"$lower", "$lower"},
        {"$Alower", "1lower"},
        {"$", "$"},
        {"$$A", "$1"},
        {"${", "${"},
        {"${}", "${}"},
        {"${A", "${A"},
        {"$5", "$5"},
        {"${X:-fall back}", "fall back"},
        {"${A:-other}", "1"},
        {"${EMPTY:-other}", "other"},
        {"${X:-}", ""},
        {"${X:-$A}", "$A"},
        {"$D", "$A"},
        {"$X", "$X"},
        {"a${X}b", "a${X}b"},
        {"$EMPTY", "$EMPTY"},
    };
    for (const Case& c : cases)
        EXPECT_EQ(expand(c.text, lookup).text, c.expanded) << c.text;
}

TEST(Interpolate, NamesWhatIsUndefined) {
    const Expanded out = expand("${X} $Y ${Z:-z} $A", variables({{"A", "1"}}));
    EXPECT_EQ(out.undefined, (std::vector<std::string>{"X", "Y"}));
    EXPECT_TRUE(out.used_variable);
    EXPECT_FALSE(expand("no $reference", variables({})).used_variable);
}

class Credentials : public ::testing::Test {
  protected:
    void SetUp() override {
        directory_ = std::filesystem::temp_directory_path() / "ccr-credentials-XXXXXX";
        std::string pattern = directory_.string();
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        directory_ = pattern;
        ::setenv("CREDENTIALS_DIRECTORY", pattern.c_str(), 1);
        ::setenv("CCR_TEST_KEY", "from the environment", 1);
    }
    void TearDown() override {
        ::unsetenv("CREDENTIALS_DIRECTORY");
        ::unsetenv("CCR_TEST_KEY");
        std::filesystem::remove_all(directory_);
    }
    void store(const std::string& name, std::string_view text) {
        std::ofstream(directory_ / name, std::ios::binary) << text;
    }

    std::filesystem::path directory_;
};

TEST_F(Credentials, ComeBeforeTheEnvironmentAndLoseOneNewline) {
    store("CCR_TEST_KEY", "from the credential\n");
    EXPECT_EQ(system_lookup()("CCR_TEST_KEY"), "from the credential");
    store("CCR_TEST_KEY", "two\n\n");
    EXPECT_EQ(system_lookup()("CCR_TEST_KEY"), "two\n");
}

TEST_F(Credentials, FallBackToTheEnvironment) {
    EXPECT_EQ(system_lookup()("CCR_TEST_KEY"), "from the environment");
    store("CCR_TEST_KEY", "");
    EXPECT_EQ(system_lookup()("CCR_TEST_KEY"), "from the environment");
    EXPECT_EQ(system_lookup()("CCR_TEST_NO_SUCH"), std::nullopt);
}

TEST_F(Credentials, NeverLeaveTheirDirectory) {
    std::ofstream(directory_.string() + "-outside") << "secret";
    const std::string name = "../" + directory_.filename().string() + "-outside";
    EXPECT_EQ(system_lookup()(name), std::nullopt);
    EXPECT_EQ(system_lookup()("."), std::nullopt);
    EXPECT_EQ(system_lookup()(""), std::nullopt);
    std::filesystem::remove(directory_.string() + "-outside");
}

}  // namespace
}  // namespace ccr::config
