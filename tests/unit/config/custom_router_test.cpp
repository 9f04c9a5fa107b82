// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "tests/unit/config/helpers.hpp"

namespace ccr::config {
namespace {

namespace fs = std::filesystem;
using Kind = CustomRouter::Kind;

class CustomRouterKey : public ::testing::Test {
  protected:
    CustomRouterKey()
        : path_(fs::temp_directory_path() / ("ccr-hook-" + std::to_string(::getpid()))) {
        fs::create_directories(path_);
        write("router.js", fs::perms::owner_read);
        write("hook", fs::perms::owner_all);
        write("plain", fs::perms::owner_read);
    }
    ~CustomRouterKey() override {
        std::error_code code;
        fs::remove_all(path_, code);
    }

    void write(const std::string& name, fs::perms mode) const {
        std::ofstream(path_ / name) << "x";
        fs::permissions(path_ / name, mode);
    }

    [[nodiscard]] Loaded load(const std::string& members, const std::string& search = {}) const {
        return load_text("{" + members + "}", (path_ / "config.json").string(),
                         testing::variables({{"PATH", search}, {"DIR", path_.string()}}));
    }

    // The problem with a value, without its place.
    [[nodiscard]] std::string refusal(const std::string& value,
                                      const std::string& search = {}) const {
        const Loaded loaded = load("CUSTOM_ROUTER:'" + value + "'", search);
        EXPECT_FALSE(loaded.ok()) << value;
        return loaded.problems.empty() ? "" : loaded.problems[0].message;
    }

    fs::path path_;
};

TEST_F(CustomRouterKey, TellsTheKindFromTheValue) {
    const auto hook = [this](const std::string& value) {
        const Loaded loaded = load("CUSTOM_ROUTER:'" + value + "'");
        EXPECT_TRUE(loaded.ok()) << value;
        return loaded.ok() ? loaded.config->custom_router : CustomRouter();
    };
    const std::string path = (path_ / "hook").string();
    EXPECT_EQ(hook("").kind, Kind::none);
    EXPECT_EQ(hook("$DIR/hook").kind, Kind::executable);
    EXPECT_EQ(hook("$DIR/hook").path, path);
    EXPECT_EQ(hook("hook").path, path);  // beside the config file
    EXPECT_EQ(hook("unix:/run/hook").kind, Kind::unix_socket);
    EXPECT_EQ(hook("unix:///run/hook").path, "/run/hook");
    EXPECT_EQ(hook("http://localhost:9/route").kind, Kind::http);
    EXPECT_EQ(hook("http://localhost:9/route").url.port, 9);
    EXPECT_EQ(hook("http://localhost:9/route").budget, 250ms);
}

TEST_F(CustomRouterKey, RunsScriptsByNodeWhereThereIsOne) {
    write("node", fs::perms::owner_all);
    const std::string search = "/no/such:relative:" + path_.string();
    for (const std::string key : {"CUSTOM_ROUTER", "CUSTOM_ROUTER_PATH"}) {
        const Loaded loaded = load(key + ":'$DIR/router.js'", search);
        ASSERT_TRUE(loaded.ok());
        EXPECT_EQ(loaded.config->custom_router.kind, Kind::javascript);
        EXPECT_EQ(loaded.config->custom_router.node, (path_ / "node").string());
        EXPECT_EQ(loaded.config->custom_router.path, (path_ / "router.js").string());
    }
    EXPECT_EQ(refusal("router.js", "/no/such"),
              "a JavaScript router needs node, which is not in PATH; install Node.js, or set "
              "CUSTOM_ROUTER to an executable, unix:/PATH of a socket, or an http:// URL");
    EXPECT_EQ(refusal("none.mjs", search), "cannot read " + (path_ / "none.mjs").string());
}

TEST_F(CustomRouterKey, RefusesWhatCannotBeAsked) {
    EXPECT_EQ(refusal("plain"), (path_ / "plain").string() +
                                    " is no executable file; name one, a .js file, unix:/PATH of a "
                                    "socket, or an http:// URL");
    EXPECT_EQ(refusal("$DIR"), path_.string() +
                                   " is no executable file; name one, a .js file, unix:/PATH of a "
                                   "socket, or an http:// URL");
    EXPECT_EQ(refusal("unix:relative"), "expected unix:/PATH with the absolute path of a socket");
    EXPECT_EQ(refusal("unix:/" + std::string(120, 'x')), "the socket's path is too long");
    EXPECT_EQ(refusal("http://user:secret@localhost/"), "a user or password cannot be sent");
    EXPECT_EQ(refusal("https://h/").substr(0, 36), "a custom router is asked by http://,");
    EXPECT_NE(refusal("ftp://h/"), "");
}

TEST_F(CustomRouterKey, TheMainKeyGoesBeforeTheOther) {
    const Loaded loaded = load("CUSTOM_ROUTER_PATH:'$DIR/router.js',CUSTOM_ROUTER:'unix:/s'");
    ASSERT_TRUE(loaded.ok());
    EXPECT_EQ(loaded.config->custom_router.path, "/s");
    EXPECT_EQ(loaded.problems.size(), 1U);
}

}  // namespace
}  // namespace ccr::config
