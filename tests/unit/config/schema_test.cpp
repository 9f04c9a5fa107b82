// SPDX-License-Identifier: MIT
#include "common/config/schema.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "common/config/preset.hpp"
#include "tests/unit/config/helpers.hpp"

namespace ccr::config {
namespace {

std::string man_page() {
    return testing::read_file(std::string(CCR_SOURCE_DIR) + "/man/ccr-config.5");
}

bool documented(const std::string& page, std::string_view name) {
    const std::string wanted(name);
    // After the macro of a key, or in a list of keys behind one.
    for (const std::string line_start : {"Cm ", " , "}) {
        for (const char* end : {"\n", " "}) {
            if (page.find(line_start + wanted + end) != std::string::npos) return true;
        }
    }
    return false;
}

TEST(Schema, ManualPageNamesEveryKey) {
    const std::string page = man_page();
    ASSERT_FALSE(page.empty());
    for (const Key& key : schema()) {
        std::string_view name = key.name();
        if (name == "*" || name.ends_with("[]")) continue;
        EXPECT_TRUE(documented(page, name)) << key.path;
    }
}

TEST(Schema, ManualPageGivesEveryDefault) {
    const std::string page = man_page();
    for (const Key& key : schema()) {
        if (key.use != Use::active || key.fallback.empty() || key.kind == Kind::array ||
            key.kind == Kind::object) {
            continue;
        }
        const std::string line =
            ".It Cm " + std::string(key.name()) + " Pq default " + std::string(key.fallback) + "\n";
        EXPECT_NE(page.find(line), std::string::npos) << line;
    }
}

TEST(Schema, RowsAreUniqueAndHaveParents) {
    std::set<std::string_view> seen;
    for (const Key& key : schema()) {
        EXPECT_TRUE(seen.insert(key.path).second) << key.path;
        EXPECT_FALSE(key.doc.empty()) << key.path;
        EXPECT_LE(key.min, key.max) << key.path;
        const auto dot = key.path.rfind('.');
        if (dot != std::string_view::npos) {
            EXPECT_NE(find_key(key.path.substr(0, dot)), nullptr) << key.path;
        }
        if (key.kind == Kind::array) {
            EXPECT_NE(find_key(std::string(key.path) + "[]"), nullptr) << key.path;
        }
    }
}

// What has no effect says what has, or why nothing is lost.
TEST(Schema, KeysWithoutEffectSayWhatToUseInstead) {
    for (const Key& key : schema()) {
        if (key.use == Use::kept) EXPECT_FALSE(key.note.empty()) << key.path;
    }
}

TEST(Schema, FindsRowsByNameAliasAndWildcard) {
    EXPECT_EQ(find_child("", "PORT")->path, "PORT");
    EXPECT_EQ(find_child("", "providers")->path, "Providers");
    EXPECT_EQ(find_child("Providers[]", "extra_headers")->path, "Providers[].headers");
    EXPECT_EQ(find_child("Providers[].transformer", "use")->path, "Providers[].transformer.use");
    EXPECT_EQ(find_child("Providers[].transformer", "m")->path, "Providers[].transformer.*");
    EXPECT_EQ(find_child("", "use"), nullptr);
    EXPECT_EQ(find_child("", ""), nullptr);
}

// The table's defaults are the model's: a file that spells them all out changes nothing.
TEST(Schema, DefaultsAreThoseOfTheModel) {
    std::string text = "{";
    for (const Key& key : schema()) {
        if (key.use != Use::active || key.fallback.empty()) continue;
        if (key.path.find('.') != std::string_view::npos ||
            key.path.find('[') != std::string_view::npos) {
            continue;
        }
        const bool bare = is_number(key.kind) || key.kind == Kind::boolean ||
                          key.kind == Kind::array || key.kind == Kind::object;
        const std::string quote = bare ? "" : "'";
        for (const std::string_view part :
             {key.path, std::string_view(":"), std::string_view(quote), key.fallback,
              std::string_view(quote), std::string_view(",")}) {
            text += part;
        }
    }
    const Loaded spelled = testing::load(text + "}");
    const Loaded empty = testing::load("{}");
    EXPECT_EQ(testing::messages(spelled), std::vector<std::string>{});
    ASSERT_TRUE(spelled.ok() && empty.ok());
    const Config& a = *spelled.config;
    const Config& b = *empty.config;
    EXPECT_EQ(a.server.host, b.server.host);
    EXPECT_EQ(a.server.port, b.server.port);
    EXPECT_EQ(a.server.threads, b.server.threads);
    EXPECT_EQ(a.server.body_limit, b.server.body_limit);
    EXPECT_EQ(a.server.header_limit, b.server.header_limit);
    EXPECT_EQ(a.server.max_streams, b.server.max_streams);
    EXPECT_EQ(a.server.header_timeout, b.server.header_timeout);
    EXPECT_EQ(a.server.body_timeout, b.server.body_timeout);
    EXPECT_EQ(a.server.keep_alive_timeout, b.server.keep_alive_timeout);
    EXPECT_EQ(a.server.write_timeout, b.server.write_timeout);
    EXPECT_EQ(a.server.drain_timeout, b.server.drain_timeout);
    EXPECT_EQ(a.stream.ping_interval, b.stream.ping_interval);
    EXPECT_EQ(a.stream.keep_alive_after, b.stream.keep_alive_after);
    EXPECT_EQ(a.api_timeout, b.api_timeout);
    EXPECT_EQ(a.log_level, b.log_level);
}

TEST(Schema, UpstreamTimeoutDefaultsAreThoseOfTheModel) {
    const UpstreamTimeouts model;
    EXPECT_EQ(find_key("connectTimeoutMs")->fallback, std::to_string(model.connect.count()));
    EXPECT_EQ(find_key("firstByteTimeoutMs")->fallback, std::to_string(model.first_byte.count()));
    EXPECT_EQ(find_key("idleTimeoutMs")->fallback, std::to_string(model.idle.count()));
}

TEST(Schema, ExampleLoadsWithoutAWarning) {
    const std::string text =
        testing::read_file(std::string(CCR_SOURCE_DIR) + "/docs/examples/config.json");
    const Loaded loaded = testing::load(text, {{"DEEPSEEK_API_KEY", "k"}});
    EXPECT_EQ(testing::messages(loaded), std::vector<std::string>{});
    ASSERT_TRUE(loaded.ok());
    EXPECT_EQ(loaded.config->providers.size(), 4U);
    EXPECT_TRUE(loaded.config->find_provider("anthropic")->keys.empty());
    EXPECT_EQ(loaded.config->find_provider("inhouse")->profile.name, "vllm");
}

TEST(Schema, OtherExamplesLoadWithoutAWarning) {
    const std::string folder = std::string(CCR_SOURCE_DIR) + "/docs/examples";
    const Loaded routes = testing::load(testing::read_file(folder + "/routes.json"),
                                        {{"GLM_API_KEY", "g"}, {"DEEPSEEK_API_KEY", "d"}});
    EXPECT_EQ(testing::messages(routes), std::vector<std::string>{});
    ASSERT_TRUE(routes.ok());
    EXPECT_EQ(routes.config->fallback.size(), 2U);
    const Presets presets =
        load_presets(folder, routes.config, testing::variables({{"TEAM_KEY", "t"}}));
    EXPECT_TRUE(presets.problems.empty());
    ASSERT_NE(presets.find("team"), nullptr);
    EXPECT_EQ(presets.find("team")->config->router.default_target.text(), "gateway,large");
    EXPECT_TRUE(presets.find("team")->config->providers[0].keys.at(0).matches("t"));
    EXPECT_NE(presets.find("offline"), nullptr);
}

}  // namespace
}  // namespace ccr::config
