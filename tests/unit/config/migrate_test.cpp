// SPDX-License-Identifier: MIT
#include "common/config/migrate.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/config/helpers.hpp"

namespace ccr::config {
namespace {

using testing::sample;
using Lines = std::vector<std::string>;

std::optional<std::string> any(std::string_view name) {
    if (name == "SERVICE_PORT" || name.find("roxy") != std::string_view::npos ||
        name.find("PROXY") != std::string_view::npos) {
        return std::nullopt;
    }
    return "1";
}

Lines notes(const Migration& migration) {
    Lines out;
    for (const MigrationNote& note : migration.notes)
        out.push_back(std::string(what_name(note.what)) + " " + note.json_path);
    return out;
}

std::string target(const Loaded& loaded, const TargetRef Router::*route) {
    const TargetRef& ref = loaded.config->router.*route;
    return ref.empty() ? "" : ref.text();
}

// The old file and the new one mean the same to the loader.
void expect_same(const std::string& text, const Migration& migration) {
    const Loaded before = load_text(text, "c.json", any);
    const Loaded after = load_text(migration.text, "c.json", any);
    ASSERT_TRUE(before.ok());
    ASSERT_TRUE(after.ok()) << migration.text;
    for (const auto route : {&Router::default_target, &Router::background, &Router::think,
                             &Router::long_context, &Router::web_search, &Router::image}) {
        EXPECT_EQ(target(before, route), target(after, route));
    }
    EXPECT_EQ(before.config->router.tiers, after.config->router.tiers);
    EXPECT_EQ(before.config->router.tier_retries, after.config->router.tier_retries);
    EXPECT_EQ(before.config->fallback, after.config->fallback);
    EXPECT_EQ(before.config->presets.size(), after.config->presets.size());
    EXPECT_EQ(before.config->server.api_key, after.config->server.api_key);
    EXPECT_EQ(before.config->server.port, after.config->server.port);
    EXPECT_EQ(before.config->server.host, after.config->server.host);
    EXPECT_EQ(before.config->server.body_limit, after.config->server.body_limit);
    ASSERT_EQ(before.config->providers.size(), after.config->providers.size());
    for (std::size_t i = 0; i < before.config->providers.size(); ++i) {
        const Provider& a = before.config->providers[i];
        const Provider& b = after.config->providers[i];
        EXPECT_EQ(a.name, b.name);
        EXPECT_EQ(a.dialect, b.dialect) << a.name;
        EXPECT_EQ(a.endpoint.origin() + a.endpoint.target, b.endpoint.origin() + b.endpoint.target);
        EXPECT_EQ(a.keys, b.keys);
        EXPECT_EQ(a.headers, b.headers);
        EXPECT_EQ(a.models.size(), b.models.size());
        EXPECT_EQ(a.transformers.size(), b.transformers.size());
        EXPECT_EQ(a.bearer_only, b.bearer_only);
        EXPECT_EQ(a.unsupported, b.unsupported);
    }
    const Migration again = migrate(migration.text, "c.json", migration.origin);
    EXPECT_EQ(again.text, migration.text);
}

TEST(Migrate, CarriesEverySample) {
    struct Case {
        const char* file;
        Origin origin;
    };
    for (const Case& c : {Case{"node-v1.json", Origin::node_v1},
                          {"node-example.json", Origin::node_v1},
                          {"node-v2.json", Origin::node_v2},
                          {"node-v2-ui.json", Origin::node_v2},
                          {"ccr-rust.json", Origin::ccr_rust},
                          {"ccr-rust-readme.json", Origin::ccr_rust},
                          {"ccr-rust-full.json", Origin::ccr_rust}}) {
        SCOPED_TRACE(c.file);
        const std::string text = sample(c.file);
        const Migration migration = migrate(text, "c.json");
        EXPECT_EQ(migration.origin, c.origin);
        EXPECT_TRUE(migration.problems.empty());
        expect_same(text, migration);
    }
}

TEST(Migrate, ReportsEveryKeyThatDoesNotComeAlong) {
    EXPECT_EQ(notes(migrate(sample("node-example.json"), "c.json")),
              (Lines{"dropped OPENAI_API_KEY", "changed Providers[6]", "changed Router.think"}));
    EXPECT_EQ(notes(migrate(sample("node-v2-ui.json"), "c.json")),
              (Lines{"changed Router.think", "without effect plugins"}));
}

TEST(Migrate, LeavesOutWhatCannotBeHonoured) {
    const Migration migration = migrate(R"({
        transformers: [{path: "/x/secret-1.js"}],
        bogus: "secret-2",
        providers: [
            {name: "p", api_base_url: "https://x/v1/chat/completions", api_key: "secret-3", models: ["m"],
             transformer: {use: ["gemini-cli", "groq", ["maxtoken", {}]], m: {use: ["gemini"]}},
             tokenizer: {default: {type: "huggingface", model: "a/b"}}},
            {name: "q", api_key: "secret-4"},
            {name: "env", api_base_url: "${BASE}", api_key: "$KEY"},
        ],
        Router: {default: "q,m", think: "p,m", background: "just-a-name", longContext: "$LONG",
                 longContextThreshold: [1]},
        PORT: "x",
    })",
                                        "c.json");
    EXPECT_EQ(migration.origin, Origin::node_v2);
    EXPECT_EQ(
        notes(migration),
        (Lines{"dropped transformers[0]", "dropped bogus",
               "dropped providers[0].transformer.use[0]", "dropped providers[0].transformer.use[2]",
               "dropped providers[0].transformer.m.use[0]",
               "dropped providers[0].tokenizer.default", "dropped providers[1]",
               "dropped Router.default", "changed Router.think", "dropped Router.background",
               "dropped Router.longContextThreshold", "dropped PORT"}));
    for (const MigrationNote& note : migration.notes) {
        EXPECT_EQ((note.why + note.suggestion + note.json_path).find("secret"), std::string::npos);
        EXPECT_FALSE(note.why.empty());
    }
    // What hangs on a variable stays: only its owner knows what it is.
    EXPECT_NE(migration.text.find("${BASE}"), std::string::npos);
    EXPECT_NE(migration.text.find("$LONG"), std::string::npos);
    const Loaded loaded =
        load_text(migration.text, "c.json",
                  testing::variables({{"BASE", "https://y/v1"}, {"KEY", "k"}, {"LONG", "p,m"}}));
    EXPECT_TRUE(loaded.ok()) << migration.text;
}

TEST(Migrate, WritesThisProgramsSpelling) {
    const Migration migration = migrate(
        R"({providers: [{name: "p", api_base_url: "https://x/anthropic", api_key: "k", models: ["m"],
            extra_headers: {A: "1"}, tier_name: "t"}], CLIENT_API_KEY: "c", presets: {},
            Router: {default: "p,m", web_search: {enabled: true, search_provider: "p,m"}}})",
        "c.json");
    EXPECT_EQ(migration.text, R"({
  "Providers": [
    {
      "name": "p",
      "api_base_url": "https://x/anthropic",
      "api_key": "k",
      "models": ["m"],
      "headers": {
        "A": "1"
      },
      "tier_name": "t",
      "protocol": "openai"
    }
  ],
  "APIKEY": "c",
  "Presets": {},
  "Router": {
    "default": "p,m",
    "webSearch": "p,m"
  }
}
)");
    EXPECT_EQ(notes(migration), Lines{"changed Router.web_search"});
}

TEST(Migrate, SaysWhyATextCannotBeRead) {
    for (const std::string text : {"", "[]", "{", "{a:1,a:2}"}) {
        const Migration migration = migrate(text, "c.json");
        EXPECT_TRUE(migration.text.empty());
        EXPECT_FALSE(migration.problems.empty());
    }
    EXPECT_EQ(migrate("{}", "c.json").text, "{}\n");
    EXPECT_EQ(migrate("{}", "c.json", Origin::ccr_rust).origin, Origin::ccr_rust);
}

}  // namespace
}  // namespace ccr::config
