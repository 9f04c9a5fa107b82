// SPDX-License-Identifier: MIT
#include "common/config/text_edit.hpp"

#include <gtest/gtest.h>

namespace ccr::config {
namespace {

std::string set(std::string_view text, std::string_view path, std::string_view json) {
    const auto parts = parse_path(path);
    if (!parts) return "path: " + parts.error().detail;
    const Result<std::string> out = set_in_text(text, *parts, json);
    return out ? *out : "error: " + out.error().detail;
}

std::string removed(std::string_view text, std::string_view path) {
    const auto parts = parse_path(path);
    if (!parts) return "path: " + parts.error().detail;
    const Result<std::string> out = remove_from_text(text, *parts);
    return out ? *out : "error: " + out.error().detail;
}

struct Case {
    std::string_view name;
    std::string_view text;
    std::string_view path;
    std::string_view value;
    std::string_view expected;
};

TEST(TextEdit, ChangesOneValueAndNothingElse) {
    const Case cases[] = {
        {"a value", "{ // c\n  'PORT' : 1, /* d */ HOST:'x' }\n", "PORT", "4000",
         "{ // c\n  'PORT' : 4000, /* d */ HOST:'x' }\n"},
        {"a byte order mark", "\xEF\xBB\xBF{PORT:1}", "PORT", "2", "\xEF\xBB\xBF{PORT:2}"},
        {"brackets in strings and comments", "{a:'}]', /* } */ b:[{c:1}], PORT: 1}", "PORT", "2",
         "{a:'}]', /* } */ b:[{c:1}], PORT: 2}"},
        {"an alias in the file", "{router:{'default':'a,b'}}", "Router.default", "\"c,d\"",
         "{router:{'default':\"c,d\"}}"},
        {"an element by name", "{Providers:[{name:'a',models:['m']},{name:'b',models:[]}]}",
         "Providers[B].models", "[\"n\"]",
         "{Providers:[{name:'a',models:['m']},{name:'b',models:[\"n\"]}]}"},
        {"an element by index", "{Providers:[{name:'a'},{name:'b'}]}", "Providers[1].name", "\"c\"",
         "{Providers:[{name:'a'},{name:\"c\"}]}"},
        {"a quoted key", "{Providers:[{transformer:{'glm-4.7':{use:[]}}}]}",
         "Providers[0].transformer[\"glm-4.7\"].use", "[\"x\"]",
         "{Providers:[{transformer:{'glm-4.7':{use:[\"x\"]}}}]}"},
        {"an object by a number", "{PORT:'1',}", "PORT", "{\"a\": 1}", "{PORT:{\"a\": 1},}"},
    };
    for (const Case& each : cases)
        EXPECT_EQ(set(each.text, each.path, each.value), each.expected) << each.name;
}

TEST(TextEdit, AddsWhatIsMissingAsItsNeighboursAreWritten) {
    const Case cases[] = {
        {"on its own line behind the comment", "{\n  \"a\": 1 // one\n}\n", "PORT", "2",
         "{\n  \"a\": 1, // one\n  \"PORT\": 2\n}\n"},
        {"with the trailing comma", "{\n\ta: 1, /* one */\n\t// end\n}\n", "PORT", "2",
         "{\n\ta: 1, /* one */\n\tPORT: 2,\n\t// end\n}\n"},
        {"on the same line", "{\"a\":1}", "PORT", "2", "{\"a\":1, \"PORT\": 2}"},
        {"behind a trailing comma", "{a:1,}", "PORT", "2", "{a:1, PORT: 2}"},
        {"bracket on the last entry's line", "{\n  a: 1,\n  b: 2}", "PORT", "3",
         "{\n  a: 1,\n  b: 2,\n  PORT: 3}"},
        {"into an empty file", "{}", "PORT", "1", "{\n  \"PORT\": 1\n}"},
        {"into an empty object", "{\n  \"Router\": {}\n}", "Router.think", "\"a,b\"",
         "{\n  \"Router\": { \"think\": \"a,b\" }\n}"},
        {"into one with a comment", "{\n  Router: {\n    // none\n  }\n}", "Router.think",
         "\"a,b\"", "{\n  Router: {\n    // none\n    \"think\": \"a,b\"\n  }\n}"},
        {"objects on the way", "{\n  \"a\": 1\n}", "Router.default", "\"a,b\"",
         "{\n  \"a\": 1,\n  \"Router\": { \"default\": \"a,b\" }\n}"},
        {"line breaks of the file", "{\r\n  \"a\": 1\r\n}\r\n", "PORT", "2",
         "{\r\n  \"a\": 1,\r\n  \"PORT\": 2\r\n}\r\n"},
        {"at the end of an array", "{Providers:[{name:'a'}]}", "Providers[1]", "{\"name\":\"b\"}",
         "{Providers:[{name:'a'}, {\"name\":\"b\"}]}"},
        {"an array on the way", "{\"a\":1}", "allowedHosts[0]", "\"h\"",
         "{\"a\":1, \"allowedHosts\": [\"h\"]}"},
    };
    for (const Case& each : cases)
        EXPECT_EQ(set(each.text, each.path, each.value), each.expected) << each.name;
}

TEST(TextEdit, RemovesAMemberWithItsLine) {
    const Case cases[] = {
        {"in the middle", "{\n  a: 1,\n  PORT: 2, // gone\n  b: 3\n}", "PORT", "",
         "{\n  a: 1,\n  b: 3\n}"},
        {"the last one", "{\n  \"a\": 1, // stays\n  \"PORT\": 2\n}\n", "PORT", "",
         "{\n  \"a\": 1 // stays\n}\n"},
        {"within a line", "{a: 1, PORT: 2, b: 3}", "PORT", "", "{a: 1, b: 3}"},
        {"the only one", "{PORT: 2}", "PORT", "", "{}"},
        {"an element", "{models:['a', 'b']}", "models[0]", "", "{models:['b']}"},
        {"nothing", "{a: 1}", "PORT", "", "{a: 1}"},
    };
    for (const Case& each : cases)
        EXPECT_EQ(removed(each.text, each.path), each.expected) << each.name;
}

TEST(TextEdit, SaysWhatIsWrongWithThePath) {
    const Case cases[] = {
        {"below a number", "{PORT:1}", "PORT.x", "1",
         "error: PORT holds no object, so that there is no PORT.x in it"},
        {"an array without an element", "{Providers:[]}", "Providers.name", "1",
         "error: Providers is an array: name an element, as in Providers[0].name"},
        {"an element that is not there", "{Providers:[{name:'a'}]}", "Providers[zai].name", "1",
         "error: there is no Providers[zai]"},
        {"an index too far", "{Providers:[]}", "Providers[3].name", "1",
         "error: there is no Providers[3]"},
        {"no path", "{}", "", "1", "path: the key is empty"},
        {"an empty part", "{}", "a..b", "1", "path: \"a..b\" has an empty part"},
        {"an open bracket", "{}", "a[1", "1", "path: \"a[1\" has a bracket that is not closed"},
        {"a broken file", "{a:", "PORT", "1",
         "error: 1:4: the file ends where a value is expected"},
        {"a file without an object", "[]", "PORT", "1", "error: the file holds no object"},
    };
    for (const Case& each : cases)
        EXPECT_EQ(set(each.text, each.path, each.value), each.expected) << each.name;
    EXPECT_TRUE(set("{}", "PORT", "{").starts_with("error: the value is not JSON: "));
}

TEST(TextEdit, FindsTheRowOfThePath) {
    const auto row = [](std::string_view path) {
        const auto parts = parse_path(path);
        return parts ? schema_path(*parts).value_or("none") : "bad";
    };
    EXPECT_EQ(row("router.default"), "Router.default");
    EXPECT_EQ(row("Providers[0].api_key"), "Providers[].api_key");
    EXPECT_EQ(row("providers[zai].headers.x-y"), "Providers[].headers.*");
    EXPECT_EQ(row("Router.nothing"), "none");
}

}  // namespace
}  // namespace ccr::config
