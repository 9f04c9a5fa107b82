// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <map>

#include "common/control/channel.hpp"
#include "common/control/types.hpp"

namespace ccr::control {
namespace {

paths::Env environment_of(std::map<std::string, std::string> values) {
    return [values = std::move(values)](std::string_view name) -> std::optional<std::string> {
        const auto at = values.find(std::string(name));
        if (at == values.end()) return std::nullopt;
        return at->second;
    };
}

Status full_status() {
    Status status;
    status.version = "1.2.3";
    status.pid = 42;
    status.state = "draining";
    status.uptime_seconds = 1.5;
    status.config = {"/etc/ccr/config.json", 1000, 2.5, 3, 1};
    status.listeners.push_back({"http", "http://127.0.0.1:3456", true});
    TierStatus tier;
    tier.tier = "tier-1";
    tier.provider = "p \"quoted\"";
    tier.model = "m\n";
    tier.ttft_ewma_seconds = 0.25;
    tier.rate_limited_until = 1'700'000'000'000;
    status.tiers.push_back(tier);
    status.drain = Drain{"draining", 1, 2, 3, 4, false};
    status.last_reload = LastReload{7, false, "config.json:1:2: bad", {"Router.default"}};
    status.last_errors.push_back({9, "error", "boom"});
    status.set_aside.push_back("/var/lib/ccr/state.json.damaged-1");
    return status;
}

TEST(ControlTypes, AStatusComesBackAsItWasSent) {
    const auto text = to_json(full_status());
    const auto read = from_json<Status>(text);
    ASSERT_TRUE(read);
    EXPECT_EQ(to_json(*read), text);
    EXPECT_EQ(read->tiers.at(0).provider, "p \"quoted\"");
    EXPECT_EQ(read->tiers.at(0).rate_limited_until, 1'700'000'000'000);
    EXPECT_EQ(read->drain->left, 3);
    EXPECT_EQ(read->listeners.at(0).inherited, true);
}

TEST(ControlTypes, ProblemsKeepTheirPlace) {
    ReloadResult result;
    result.error = "x";
    result.problems.push_back(
        {config::Severity::warning, "a.json", 3, 7, "Router.defualt", "unknown key", "default"});
    const auto read = from_json<ReloadResult>(to_json(result));
    ASSERT_TRUE(read);
    ASSERT_EQ(read->problems.size(), 1U);
    EXPECT_EQ(config::format(read->problems[0]), config::format(result.problems[0]));
}

TEST(ControlTypes, AnEventSaysOnlyWhatApplies) {
    Event event;
    event.type = "request";
    event.at = 5;
    event.ttft_ms = 0;
    EXPECT_EQ(to_json(event), R"({"type":"request","at":5,"ttft_ms":0})");
}

TEST(ControlTypes, ReadingToleratesOtherVersions) {
    const auto read = from_json<Status>(
        R"({"version":7,"pid":"x","tiers":[{"tier":"tier-1","new":1},3],"drain":null,"more":{}})");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->version, "");
    EXPECT_EQ(read->pid, 0);
    EXPECT_EQ(read->tiers.size(), 2U);
    EXPECT_EQ(read->tiers[0].tier, "tier-1");
    EXPECT_FALSE(read->drain);
    for (const char* bad : {"", "[]", "{", "nope", "\"x\""})
        EXPECT_FALSE(from_json<Status>(bad)) << bad;
}

TEST(ControlChannel, ClientsLookInTheDocumentedOrder) {
    using Paths = std::vector<std::string>;
    const auto env = environment_of({{"XDG_RUNTIME_DIR", "/run/user/7"}, {"HOME", "/home/u"}});
    const std::string users = "/run/user/7/ccr/control.sock";
    EXPECT_EQ(sockets("", Scope::any, env), (Paths{std::string(system_socket), users}));
    EXPECT_EQ(sockets("", Scope::user, env), Paths{users});
    EXPECT_EQ(sockets("", Scope::system, env), Paths{std::string(system_socket)});
    EXPECT_EQ(sockets("~/x.sock", Scope::any, env), Paths{"/home/u/x.sock"});
    const auto named = environment_of({{"CCR_CONTROL", "/tmp/c.sock"}});
    EXPECT_EQ(sockets("", Scope::any, named), Paths{"/tmp/c.sock"});
    EXPECT_EQ(sockets("/a", Scope::any, named), Paths{"/a"});
}

TEST(ControlChannel, WithoutARuntimeDirectoryTheStateHomeIsUsed) {
    EXPECT_EQ(user_socket(environment_of({{"HOME", "/home/u"}})),
              "/home/u/.local/state/ccr/control.sock");
    EXPECT_EQ(user_socket(environment_of({{"HOME", "/home/u"}, {"XDG_STATE_HOME", "/s"}})),
              "/s/ccr/control.sock");
}

TEST(ControlChannel, AServiceListensAtTheSystemsPlace) {
    const auto self = std::to_string(::getpid());
    EXPECT_EQ(socket_to_bind("", environment_of({{"SYSTEMD_EXEC_PID", self}, {"HOME", "/h"}})),
              system_socket);
    EXPECT_EQ(socket_to_bind("", environment_of({{"SYSTEMD_EXEC_PID", self},
                                                 {"MANAGERPID", "1"},
                                                 {"XDG_RUNTIME_DIR", "/r"}})),
              "/r/ccr/control.sock");
    EXPECT_EQ(socket_to_bind("none", environment_of({})), no_socket);
}

}  // namespace
}  // namespace ccr::control
