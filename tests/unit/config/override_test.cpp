// SPDX-License-Identifier: MIT
#include "common/config/override.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "tests/unit/config/helpers.hpp"

namespace ccr::config {
namespace {

namespace fs = std::filesystem;

// "default think", or the error.
std::string outcome(std::string_view text) {
    const fs::path file =
        fs::temp_directory_path() / ("ccr-override-" + std::to_string(::getpid()) + ".json");
    std::ofstream(file, std::ios::binary) << text;
    const Loaded main = testing::load(
        "{Providers:[{name:'p',api_base_url:'https://x/v1',models:['m','n']}],"
        "Router:{default:'p,m',think:'p,n'}}");
    const auto router =
        load_router_override(file.string(), *main.config, testing::variables({{"ROUTE", "p,env"}}));
    fs::remove(file);
    if (!router) {
        std::string detail = router.error().detail;
        const auto at = detail.find(file.string());
        if (at == 0) detail.erase(0, file.string().size());
        return std::string(traits(router.error().kind).name) + " " + detail;
    }
    return router->default_target.text() + " " + router->think.text();
}

TEST(Override, TakesThePlaceOfTheWholeRouter) {
    EXPECT_EQ(outcome(R"({"Router": {"default": "p,n"}})"), "p,n ,");
    EXPECT_EQ(outcome("// mine\n{router: {think: 'm', default: '$ROUTE'}}"), "p,env p,m");
    EXPECT_EQ(outcome("{Router: {}}"), ", ,");
    EXPECT_EQ(outcome("{permissions: {allow: []}, PORT: 'x', Router: {default: 'p,m'}}"), "p,m ,");
}

TEST(Override, SaysWhyItCannotBeUsed) {
    EXPECT_EQ(outcome("{}"), "not_found : holds no Router");
    EXPECT_EQ(outcome("{Router: {default: 'x,n'}}"),
              "config :1:20: error: Router.default: no provider is named x");
    EXPECT_EQ(outcome("{Router: 5}"),
              "config :1:10: error: Router: expected an object, found a number");
    EXPECT_EQ(outcome("{Router: {default: 'p,n', tierRetries: {'tier-1': {max_retries: 1}}}}"),
              "config :1:40: error: Router.tierRetries: retries hold for a target, whoever asks; "
              "write them in the router's own configuration and take them out of this file");
    EXPECT_EQ(outcome("{Router: {"),
              "config :1:11: error: the file ends, but the '{' at 1:10 is never closed");
    EXPECT_EQ(outcome(std::string(max_override + 1, ' ')), "config : is too large");
    EXPECT_EQ(outcome(std::string(1000, '[')).substr(0, 7), "config ");
    const Loaded main = testing::load("{}");
    EXPECT_EQ(load_router_override("/no/such/file", *main.config).error().kind,
              ErrorKind::not_found);
    EXPECT_EQ(load_router_override("/tmp", *main.config).error().kind, ErrorKind::config);
}

}  // namespace
}  // namespace ccr::config
