// SPDX-License-Identifier: MIT
#include "common/config/preset.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "tests/unit/config/helpers.hpp"

namespace ccr::config {
namespace {

namespace fs = std::filesystem;
using Lines = std::vector<std::string>;

constexpr std::string_view main_config =
    "{PORT: 99, Providers: [{name: 'p', api_base_url: 'https://x/v1', models: ['m']}],"
    "Router: {default: 'p,m', think: 'p,t'}, fallback: {default: ['p,m']},"
    "Presets: {quick: {route: 'p,q', max_tokens: 100, temperature: 0.2}, dir: {route: 'p,m'}}}";

std::shared_ptr<const Config> main_of(std::string_view text = main_config) {
    const Loaded loaded = testing::load(text);
    EXPECT_TRUE(loaded.ok());
    return loaded.config;
}

LoadedPreset manifest(std::string_view text, testing::Variables values = {}) {
    return load_manifest(text, "m.json", *main_of(), testing::variables(std::move(values)));
}

Lines lines(const std::vector<Problem>& problems) {
    Lines out;
    for (const Problem& problem : problems)
        out.push_back(format(problem));
    return out;
}

TEST(Manifest, OwnProvidersAndRoutesTakeThePlaceOfTheMainOnes) {
    const LoadedPreset loaded = manifest(
        "{name: 'My preset', version: '1.2.0', author: 'a', keywords: ['x', 'y'], PORT: 1, "
        "APIKEY: '$UNDEFINED', Providers: [{name: 'q', api_base_url: 'https://y/v1', "
        "api_key: '${QK}'}], Router: {default: 'q,n'}}",
        {{"QK", "key"}});
    EXPECT_EQ(lines(loaded.problems), Lines{});
    ASSERT_TRUE(loaded.preset.config);
    const Config& config = *loaded.preset.config;
    EXPECT_EQ(loaded.preset.name, "My preset");
    EXPECT_EQ(loaded.preset.version, "1.2.0");
    EXPECT_EQ(loaded.preset.keywords, (Lines{"x", "y"}));
    EXPECT_EQ(config.source, "m.json");
    EXPECT_EQ(config.server.port, 99);
    ASSERT_EQ(config.providers.size(), 1U);
    EXPECT_TRUE(config.providers[0].keys.at(0).matches("key"));
    EXPECT_EQ(config.router.default_target.text(), "q,n");
    EXPECT_TRUE(config.router.think.empty());
    EXPECT_TRUE(config.fallback.empty());
    EXPECT_TRUE(config.presets.empty());
}

TEST(Manifest, WhatItDoesNotSayIsTheMainConfigs) {
    const LoadedPreset routes = manifest("{Router: {default: 'p,other'}}");
    ASSERT_TRUE(routes.preset.config);
    EXPECT_EQ(routes.preset.config->router.default_target.text(), "p,other");
    EXPECT_NE(routes.preset.config->find_provider("p"), nullptr);

    const LoadedPreset none = manifest("{description: 'd'}");
    ASSERT_TRUE(none.preset.config);
    EXPECT_EQ(none.preset.config->router.think.text(), "p,t");

    // The main routes do not lead to the preset's providers.
    const LoadedPreset providers =
        manifest("{Providers: [{name: 'q', api_base_url: 'https://y/v1'}]}");
    ASSERT_TRUE(providers.preset.config);
    EXPECT_TRUE(providers.preset.config->router.default_target.empty());
}

TEST(Manifest, FillsInTheUsersValues) {
    const LoadedPreset loaded = manifest(R"({
        schema: [{id: 'key', type: 'password'}, {id: 'model', defaultValue: 'm1'},
                 {id: 'models', type: 'multiselect'}, {id: 'limit', type: 'number'},
                 {id: 'note', required: false}, {id: 'extra', when: {field: 'model', value: 'z'}}],
        template: {Providers: [{name: 'q', api_base_url: 'https://y/v1/#{note}', api_key: '#{key}',
                                models: '#{models}', maxOutputTokens: '#{limit}'}],
                   Router: {default: 'q,#{model}'}},
        configMappings: [
            {target: 'Router.think', value: 'q,#{model}-t'},
            {target: 'Router.image', value: 'q,i', when: {field: 'limit', operator: 'gt', value: 5}},
            {target: 'Router.background', value: 'q,b',
             when: [{field: 'model', operator: 'in', value: ['m1']}, {field: 'note', operator: 'exists'}]},
            {target: 'Providers[0].headers.X', value: '#{extra}', when: {field: 'extra', operator: 'exists'}},
        ],
        userValues: {key: 'k', models: ['a', 'b'], limit: 7, 'Router.webSearch': 'q,w',
                     'Providers[0].tier_name': 'tier'},
        Router: {default: 'q,raw'},
    })");
    ASSERT_TRUE(loaded.preset.config);
    const Config& config = *loaded.preset.config;
    const Provider& q = config.providers.at(0);
    EXPECT_TRUE(q.keys.at(0).matches("k"));
    EXPECT_EQ(q.models.size(), 2U);
    EXPECT_EQ(q.max_output_tokens, 7U);
    EXPECT_EQ(q.tier_name, "tier");
    EXPECT_EQ(config.router.default_target.text(), "q,m1");
    EXPECT_EQ(config.router.think.text(), "q,m1-t");
    EXPECT_EQ(config.router.image.text(), "q,i");
    EXPECT_TRUE(config.router.background.empty());
    EXPECT_EQ(config.router.web_search.text(), "q,w");
}

TEST(Manifest, ConditionsFollowTheirOperators) {
    const auto holds = [](const std::string& when) {
        const LoadedPreset loaded = manifest(
            "{Router: {default: 'p,no'}, userValues: {n: 3, s: 'x'}, configMappings: [{target: "
            "'Router.default', value: 'p,yes', when: " +
            when + "}]}");
        return loaded.preset.config && loaded.preset.config->router.default_target.model == "yes";
    };
    for (const std::string when :
         {"null", "[]", "{field:'s',value:'x'}", "{field:'s',operator:'ne',value:'y'}",
          "{field:'n',operator:'gte',value:3}", "{field:'n',operator:'lt',value:'4'}",
          "{field:'n',operator:'lte',value:3}", "{field:'s',operator:'nin',value:['y']}"}) {
        EXPECT_TRUE(holds(when)) << when;
    }
    for (const std::string when :
         {"{field:'s',value:'y'}", "{field:'z',operator:'exists'}",
          "{field:'n',operator:'gt',value:3}", "{field:'s',operator:'lt',value:4}",
          "{field:'n',operator:'in',value:['3']}", "{field:'n',operator:'odd',value:3}",
          "[{field:'s',value:'x'},{field:'n',value:4}]"}) {
        EXPECT_FALSE(holds(when)) << when;
    }
}

TEST(Manifest, SaysWhichValueIsMissing) {
    const LoadedPreset loaded = manifest(
        "{schema: [{id: 'key'}], Providers: [{name: 'q', api_base_url: 'https://y/v1',\n"
        "api_key: '#{key}'}], Router: {default: 'q,m'}}");
    EXPECT_FALSE(loaded.preset.config);
    EXPECT_EQ(lines(loaded.problems),
              (Lines{"m.json:2:10: error: userValues.key: the preset needs a value for key"}));
}

TEST(Manifest, RefusesWhatIsHostile) {
    const std::string big(300'000, 'x');
    std::string many = "{userValues: {v: '" + big + "'}, Router: {default: '";
    for (int i = 0; i < 50; ++i)
        many += "#{v}";
    std::string mappings = "{configMappings: [";
    for (int i = 0; i < 500; ++i) {
        mappings += "{target: 'Router.a" + std::to_string(i) + "[1023][1023]', value: 1},";
    }
    const std::vector<std::string> cases{
        "",
        "[]",
        "PK\x03\x04",
        std::string(5000, '['),
        many + "'}}",
        mappings + "]}",
        "{configMappings: [{target: 'Router[0]', value: 1}], Router: {}}",
        "{configMappings: [{target: 'Router.x[99999999999]', value: 1}]}",
        "{configMappings: [{target: '..', value: 1}]}",
        "{transformers: [{path: './x.js'}]}",
        "{CUSTOM_ROUTER: '/no/such/program'}",
        "{Router: {default: 'nobody,m'}}",
    };
    for (const std::string& text : cases) {
        const LoadedPreset loaded = manifest(text);
        EXPECT_FALSE(loaded.preset.config) << text.substr(0, 80);
        EXPECT_FALSE(loaded.problems.empty()) << text.substr(0, 80);
    }
}

class Folder : public ::testing::Test {
  protected:
    Folder() : path_(fs::temp_directory_path() / ("ccr-presets-" + std::to_string(::getpid()))) {
        fs::remove_all(path_);
        fs::create_directories(path_ / "presets");
    }
    ~Folder() override {
        std::error_code code;
        fs::remove_all(path_, code);
    }

    void write(const std::string& name, std::string_view text) const {
        const fs::path file = path_ / name;
        fs::create_directories(file.parent_path());
        std::ofstream(file, std::ios::binary) << text;
    }

    [[nodiscard]] Presets read() const {
        return load_presets(path_.string(), main_of(), testing::variables({}));
    }

    fs::path path_;
};

Lines ids(const Presets& presets) {
    Lines out;
    for (const Preset& preset : presets.list)
        out.push_back(preset.id);
    return out;
}

TEST_F(Folder, ListsDirectoriesAndThoseOfTheConfig) {
    write("presets/dir/manifest.json", "{name: 'nice', Router: {default: 'p,m'}}");
    write("presets/b/manifest.json", "// remark\n{name: 'twin'}");
    write("presets/c/manifest.json", "{name: 'twin'}");
    const Presets presets = read();
    EXPECT_EQ(ids(presets), (Lines{"b", "c", "dir", "quick"}));
    EXPECT_EQ(lines(presets.problems).size(), 1U);  // Presets.dir has its directory
    ASSERT_NE(presets.find("nice"), nullptr);
    EXPECT_EQ(presets.find("nice"), presets.find("dir"));
    EXPECT_EQ(presets.find("twin"), nullptr);
    EXPECT_EQ(presets.find("Dir"), nullptr);

    const Config& quick = *presets.find("quick")->config;
    EXPECT_EQ(quick.router.default_target.text(), "p,q");
    EXPECT_TRUE(quick.router.ignore_direct);
    EXPECT_EQ(quick.providers[0].output_limit("q"), 100U);
    EXPECT_EQ(quick.providers[0].output_limit("m"), std::nullopt);
    ASSERT_EQ(quick.providers[0].transformers.size(), 1U);
    EXPECT_EQ(quick.providers[0].transformers[0].name, "sampling");
    EXPECT_EQ(quick.providers[0].transformers[0].model, "q");
    EXPECT_EQ(json5::to_json(quick.providers[0].transformers[0].options), R"({"temperature":0.2})");
}

TEST_F(Folder, NoFolderIsNoProblem) {
    fs::remove_all(path_ / "presets");
    EXPECT_EQ(ids(read()), (Lines{"dir", "quick"}));
    EXPECT_TRUE(read().problems.empty());
}

TEST_F(Folder, LeavesOutWhatIsNotSafe) {
    write("outside/manifest.json", "{}");
    fs::create_directory_symlink(path_ / "outside", path_ / "presets/link");
    write("presets/file-link/x", "");
    fs::create_symlink(path_ / "outside/manifest.json", path_ / "presets/file-link/manifest.json");
    write("presets/a b/manifest.json", "{}");
    write("presets/" + std::string(65, 'x') + "/manifest.json", "{}");
    write("presets/evil.zip", "PK");
    write("presets/notes.txt", "");
    write("presets/.hidden", "");
    write("presets/empty/readme", "");
    write("presets/large/manifest.json", std::string(max_manifest + 1, ' ') + "{}");
    write("presets/good/manifest.json", "{}");
    const Presets presets = read();
    EXPECT_EQ(ids(presets), (Lines{"dir", "good", "quick"}));
    Lines messages;
    for (const Problem& problem : presets.problems)
        messages.push_back(problem.message);
    std::sort(messages.begin(), messages.end());
    const std::string rule(preset_name_rule);
    EXPECT_EQ(messages,
              (Lines{"\"a b\": " + rule, '"' + std::string(64, 'x') + "\": " + rule,
                     "archives are not read; unpack it into a directory of its own",
                     "is larger than 1 MiB", "is no directory, left out",
                     "leads out of the presets' directory, left out",
                     "leads out of the presets' directory, left out", "there is no such file"}));
}

TEST_F(Folder, ReadsABoundedNumber) {
    for (std::size_t i = 0; i < max_presets + 3; ++i)
        write("presets/n" + std::to_string(i) + "/manifest.json", "{}");
    const Presets presets = read();
    EXPECT_EQ(presets.list.size(), max_presets + 2);  // and two of the config
    EXPECT_EQ(presets.problems.size(), 1U);
}

}  // namespace
}  // namespace ccr::config
