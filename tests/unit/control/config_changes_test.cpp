// SPDX-License-Identifier: MIT
#include "daemon/config_changes.hpp"

#include <gtest/gtest.h>

namespace ccr {
namespace {

using Keys = std::vector<std::string>;

Keys changes(std::string_view before, std::string_view after) {
    return changed_keys(json5::parse(before).root, json5::parse(after).root);
}

TEST(ConfigChanges, NameTheKeysThatDiffer) {
    EXPECT_EQ(changes("{a: 1, b: {c: 2}}", "{b: {c: 2},\n a: 1}"), Keys{});
    EXPECT_EQ(changes("{a: 1}", "{a: 2, n: 3}"), (Keys{"a", "n"}));
    EXPECT_EQ(changes("{a: 1, Router: {x: 1, y: 2}}", "{Router: {x: 1, y: 3}}"),
              (Keys{"Router.y", "a"}));
}

TEST(ConfigChanges, ProvidersGoByTheirNames) {
    EXPECT_EQ(changes("{Providers: [{name: 'a', api_key: 'old'}, {name: 'b'}]}",
                      "{Providers: [{name: 'b'}, {name: 'a', api_key: 'new'}, {name: 'c'}]}"),
              (Keys{"Providers.a.api_key", "Providers.c"}));
    // Without names of their own the list differs as a whole.
    EXPECT_EQ(changes("{Providers: [{x: 1}]}", "{Providers: [{x: 2}]}"), Keys{"Providers"});
}

}  // namespace
}  // namespace ccr
