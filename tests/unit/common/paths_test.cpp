// SPDX-License-Identifier: MIT
#include "common/paths.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <map>

namespace ccr::paths {
namespace {

Env env(std::map<std::string, std::string, std::less<>> values) {
    return [values = std::move(values)](std::string_view name) -> std::optional<std::string> {
        const auto found = values.find(name);
        return found == values.end() ? std::nullopt : std::optional(found->second);
    };
}

TEST(Paths, ConfigFileInSearchOrder) {
    const std::string own_pid = std::to_string(::getpid());
    const std::string user = "/h/.claude-code-router/config.json";
    EXPECT_EQ(config_file("x.json", env({{"HOME", "/h"}, {"CCR_CONFIG", "/c"}})), "x.json");
    EXPECT_EQ(config_file("", env({{"HOME", "/h"}, {"CCR_CONFIG", "/c"}})), "/c");
    EXPECT_EQ(config_file("", env({{"HOME", "/h"}, {"CCR_CONFIG", "~/c"}})), "/h/c");
    EXPECT_EQ(config_file("", env({{"HOME", "/h"}})), user);
    EXPECT_EQ(config_file("", env({{"HOME", "/h"}, {"SYSTEMD_EXEC_PID", own_pid}})),
              "/etc/ccr/config.json");
}

TEST(Paths, ServicesOfUsersAndChildrenOfServicesAreNoSystemService) {
    const std::string own_pid = std::to_string(::getpid());
    EXPECT_TRUE(system_service(env({{"SYSTEMD_EXEC_PID", own_pid}})));
    EXPECT_FALSE(system_service(env({{"SYSTEMD_EXEC_PID", own_pid}, {"MANAGERPID", "7"}})));
    EXPECT_FALSE(system_service(env({{"SYSTEMD_EXEC_PID", "1"}})));
    EXPECT_FALSE(system_service(env({})));
}

TEST(Paths, HomeIsExpandedOnlyInFront) {
    const Env at_home = env({{"HOME", "/h"}});
    EXPECT_EQ(expand_home("~", at_home), "/h");
    EXPECT_EQ(expand_home("~/a", at_home), "/h/a");
    EXPECT_EQ(expand_home("~user/a", at_home), "~user/a");
    EXPECT_EQ(expand_home("/a/~", at_home), "/a/~");
    EXPECT_FALSE(home(env({})).empty());
}

}  // namespace
}  // namespace ccr::paths
