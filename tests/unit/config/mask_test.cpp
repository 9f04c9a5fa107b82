// SPDX-License-Identifier: MIT
#include "common/config/mask.hpp"

#include <gtest/gtest.h>

namespace ccr::config {
namespace {

std::string masked_json(std::string_view text) {
    json5::Parsed parsed = json5::parse(text);
    mask_secrets(parsed.root);
    return json5::to_json(parsed.root);
}

TEST(Mask, HidesSecretsWhereverTheyMayStand) {
    const std::string text = masked_json(R"({
        APIKEY: 'canary', CLIENT_API_KEY: 'canary', PORT: 1, HOST: 'h',
        PROXY_URL: 'http://user:canary@proxy:1/', MY_TOKEN: 'canary',
        Providers: [{
            name: 'n', api_base_url: 'https://h/v1?key=canary', api_key: 'canary',
            api_keys: ['canary', 'canary'], headers: {'x-thing': 'canary'}, models: ['m'],
            transformer: {use: [['customparams', {some_secret: 'canary', top_k: 1}]]},
            profile: {auth_header: 'canary'}}],
        plugins: [{name: 'p', options: {webhook: {password: 'canary'}}}]})");
    EXPECT_EQ(text.find("canary"), std::string::npos) << text;
    for (const char* kept : {"\"PORT\":1", "\"HOST\":\"h\"", "https://h/v1?***",
                             "http://***@proxy:1/", "\"models\":[\"m\"]", "\"top_k\":1"})
        EXPECT_NE(text.find(kept), std::string::npos) << kept << " in " << text;
}

TEST(Mask, ShowsWhichVariableASecretComesFrom) {
    EXPECT_EQ(masked_json("{APIKEY:'${MY_KEY}'}"), "{\"APIKEY\":\"${MY_KEY}\"}");
    EXPECT_EQ(masked_json("{APIKEY:'$MY_KEY'}"), "{\"APIKEY\":\"$MY_KEY\"}");
    EXPECT_EQ(masked_json("{APIKEY:''}"), "{\"APIKEY\":\"\"}");
    EXPECT_EQ(masked_json("{PROXY_URL:'http://${UP}@h'}"), "{\"PROXY_URL\":\"http://${UP}@h\"}");
    for (const char* hidden : {"${MY_KEY:-canary}", "canary${MY_KEY}", "$canary", "${}"}) {
        const std::string text = std::string("{APIKEY:'") + hidden + "'}";
        EXPECT_EQ(masked_json(text), "{\"APIKEY\":\"***\"}") << hidden;
    }
}

}  // namespace
}  // namespace ccr::config
