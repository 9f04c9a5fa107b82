// SPDX-License-Identifier: MIT
#include "daemon/proxy/overrides.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "common/config/load.hpp"

namespace ccr::proxy {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

class OverrideFiles : public ::testing::Test {
  protected:
    OverrideFiles() {
        std::string name = fs::temp_directory_path() / "ccr-overrides-XXXXXX";
        home_ = ::mkdtemp(name.data());
        fs::create_directories(home_ + "/.claude/projects/-work-app");
    }
    ~OverrideFiles() override { fs::remove_all(home_); }

    static std::shared_ptr<const Config> config() {
        auto loaded = config::load_text(
            "{Providers:[{name:'p',api_base_url:'http://x/v1',models:['a','b','c']}],"
            "Router:{default:'p,a'}}",
            "config.json");
        EXPECT_TRUE(loaded.ok());
        return loaded.config;
    }

    void write(const std::string& name, const std::string& text) const {
        const fs::path file = home_ + "/" + name;
        fs::create_directories(file.parent_path());
        // Replaced whole, so that the change shows whatever the clock's grain.
        std::ofstream(file.string() + ".new") << text;
        fs::rename(file.string() + ".new", file);
    }
    void begin_session(const std::string& id) const {
        write(".claude/projects/-work-app/" + id + ".jsonl", "{}\n");
    }
    void write_router(const std::string& file, const std::string& target) const {
        write(".claude-code-router/-work-app/" + file,
              "{\"Router\":{\"default\":\"" + target + "\"}}");
    }

    // The default route in force; empty: the config's own.
    std::string route(Overrides& overrides, const std::string& session) {
        const auto router = overrides.find(session, config_, now_);
        return router ? router->default_target.text() : "";
    }

    std::string home_;
    std::shared_ptr<const Config> config_ = config();
    SteadyTime now_{1h};
};

TEST_F(OverrideFiles, TheSessionsFileGoesBeforeTheProjects) {
    write_router("config.json", "p,b");
    write_router("s1.json", "p,c");
    begin_session("s1");
    begin_session("s2");
    Overrides overrides(home_);
    EXPECT_EQ(route(overrides, "s1"), "p,c");
    EXPECT_EQ(route(overrides, "s2"), "p,b");
    EXPECT_EQ(route(overrides, "s3"), "") << "a session of no project";
    EXPECT_EQ(route(overrides, ""), "");
}

TEST_F(OverrideFiles, AChangeCountsFromTheNextRequestOn) {
    write_router("config.json", "p,b");
    begin_session("s1");
    Overrides overrides(home_);
    EXPECT_EQ(route(overrides, "s1"), "p,b");
    write_router("config.json", "p,c");
    EXPECT_EQ(route(overrides, "s1"), "p,c");
    write_router("s1.json", "p,b");
    EXPECT_EQ(route(overrides, "s1"), "p,b");
    fs::remove(home_ + "/.claude-code-router/-work-app/s1.json");
    EXPECT_EQ(route(overrides, "s1"), "p,c");
}

TEST_F(OverrideFiles, ASessionThatAppearsLaterIsFound) {
    write_router("config.json", "p,b");
    Overrides overrides(home_);
    EXPECT_EQ(route(overrides, "s1"), "");
    begin_session("s1");
    EXPECT_EQ(route(overrides, "s1"), "") << "not looked for with every request";
    now_ += Overrides::recheck;
    EXPECT_EQ(route(overrides, "s1"), "p,b");
}

TEST_F(OverrideFiles, NobodyPaysWhereThereAreNone) {
    Overrides none("");
    EXPECT_FALSE(none.any(now_));
    fs::create_directories(home_ + "/.claude-code-router/logs");
    fs::create_directories(home_ + "/.claude-code-router/presets");
    Overrides overrides(home_);
    EXPECT_FALSE(overrides.any(now_)) << "these folders have other uses";
    write_router("config.json", "p,b");
    EXPECT_FALSE(overrides.any(now_));
    now_ += Overrides::recheck;
    EXPECT_TRUE(overrides.any(now_));
}

TEST_F(OverrideFiles, AFileWithErrorsDoesNotCount) {
    begin_session("s1");
    write_router("config.json", "p,b");
    for (const char* text : {"{", "{\"Router\":{\"default\":\"nobody,x\"}}", "[]", ""}) {
        write(".claude-code-router/-work-app/s1.json", text);
        Overrides overrides(home_);
        EXPECT_EQ(route(overrides, "s1"), "p,b") << text;
    }
    write(".claude-code-router/-work-app/s1.json", std::string(300 * 1024, ' '));
    Overrides overrides(home_);
    EXPECT_EQ(route(overrides, "s1"), "p,b");
}

TEST_F(OverrideFiles, AreResolvedAgainWithANewConfiguration) {
    write_router("config.json", "p,b");
    begin_session("s1");
    Overrides overrides(home_);
    const auto before = overrides.find("s1", config_, now_);
    EXPECT_EQ(overrides.find("s1", config_, now_), before);
    config_ = config();
    const auto after = overrides.find("s1", config_, now_);
    ASSERT_NE(after, nullptr);
    EXPECT_NE(after, before);
}

TEST_F(OverrideFiles, KnowsSoManySessionsOnly) {
    write_router("config.json", "p,b");
    begin_session("first");
    Overrides overrides(home_);
    EXPECT_EQ(route(overrides, "first"), "p,b");
    for (std::size_t i = 0; i < Overrides::max_sessions + 10; ++i)
        EXPECT_EQ(route(overrides, "s" + std::to_string(i)), "");
    EXPECT_EQ(route(overrides, "first"), "p,b") << "looked for anew";
}

}  // namespace
}  // namespace ccr::proxy
