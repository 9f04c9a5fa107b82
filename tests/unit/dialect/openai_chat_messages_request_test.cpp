// SPDX-License-Identifier: MIT
// How conversations are put together for Chat Completions.
#include <gtest/gtest.h>

#include "tests/testing/conversation.hpp"

namespace ccr::dialect {
namespace {

using testing::assistant;
using testing::call;
using testing::client_body;
using testing::list;
using testing::RequestRun;
using testing::result;
using testing::sent;
using testing::thinking;
using testing::tool;
using testing::use;
using testing::user;

TEST(ChatMessages, TextsOfOneTurnBecomeOneString) {
    EXPECT_EQ(sent(list({user(R"([{"type":"text","text":"a\n"},{"type":"text","text":"b\"ü"}])")})),
              list({user(R"("a\n\n\nb\"ü")")}));
}

TEST(Conformance, Case60_ParallelResultsComeInTheOrderOfTheCalls) {
    const std::string calls = assistant(list({use("a"), use("b"), use("c")}));
    const std::string expected =
        list({user("\"go\""),
              R"({"role":"assistant","content":null,"tool_calls":)" +
                  list({call("a"), call("b"), call("c")}) + "}",
              tool("a", "A"), tool("b", "B"), tool("c", "C"), user("\"and now\"")});
    // In one message, out of order, mixed with text.
    EXPECT_EQ(sent(list({user("\"go\""), calls,
                         user(list({result("c", "\"C\""), R"({"type":"text","text":"and now"})",
                                    result("a", "\"A\""), result("b", "\"B\"")}))})),
              expected);
    // As separate messages in completion order.
    EXPECT_EQ(sent(list({user("\"go\""), calls, user(list({result("b", "\"B\"")})),
                         user(list({result("a", "\"A\"")})), user(list({result("c", "\"C\"")})),
                         user("\"and now\"")})),
              expected);
}

TEST(Conformance, Case60_MissingExtraAndDuplicateResults) {
    const std::string calls = assistant(list({use("a"), use("b")}));
    EXPECT_EQ(sent(list({user("\"go\""), calls,
                         user(list({result("a", "\"old\""), result("a", "\"new\""),
                                    result("x", "\"stray\"")}))})),
              list({user("\"go\""),
                    R"({"role":"assistant","content":null,"tool_calls":)" +
                        list({call("a"), call("b")}) + "}",
                    tool("a", "new"), tool("b", "Error: the result of this call is missing."),
                    user("\"stray\"")}));
    // Calls at the very end.
    EXPECT_EQ(sent(list({user("\"go\""), assistant(list({use("a")}))})),
              list({user("\"go\""),
                    R"({"role":"assistant","content":null,"tool_calls":)" + list({call("a")}) + "}",
                    tool("a", "Error: the result of this call is missing.")}));
}

TEST(Conformance, Case60_NoUserMessageBehindToolMessagesWhereThatIsRefused) {
    const std::string messages =
        list({user("\"go\""), assistant(list({use("abcdefghi")})),
              user(list({result("abcdefghi", "\"A\""), R"({"type":"text","text":"more"})"}))});
    EXPECT_NE(sent(messages, "mistral").find(tool("abcdefghi", R"(A\nmore)")), std::string::npos)
        << sent(messages, "mistral");
}

TEST(ChatMessages, ErrorResultsSayThatTheyAre) {
    const auto answer = [](const std::string& content) {
        RequestRun run(client_body(
            list({user("\"go\""), assistant(list({use("a")})),
                  user(R"([{"type":"tool_result","tool_use_id":"a","is_error":true,"content":)" +
                       content + "}]")})));
        const std::string body = run.body();
        json::Document document;
        const auto root = document.parse_view(body);
        return root ? std::string((*root)["messages"].at(2)["content"].str()) : body;
    };
    EXPECT_EQ(answer("\"no such file\""), "Error: no such file");
    EXPECT_EQ(answer(R"("<tool_use_error>nope</tool_use_error>")"),
              "<tool_use_error>nope</tool_use_error>");
    EXPECT_EQ(answer("[]"), "(no output)");
}

TEST(Conformance, Case61_ImagesInToolResultsReachTheModel) {
    const std::string image =
        R"({"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}})";
    const std::string messages =
        list({user("\"go\""), assistant(list({use("a"), use("b")})),
              user(list({result("a", list({R"({"type":"text","text":"see"})", image})),
                         result("b", "\"B\""), R"({"type":"text","text":"next"})"}))});
    const std::string part =
        R"({"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}})";
    EXPECT_EQ(sent(messages, "openai", "gpt-4o"),
              list({user("\"go\""),
                    R"({"role":"assistant","content":null,"tool_calls":)" +
                        list({call("a"), call("b")}) + "}",
                    tool("a", R"(see\n[image 1 of a follows])"), tool("b", "B"),
                    user(list({R"({"type":"text","text":"[image 1 of a]"})", part,
                               R"({"type":"text","text":"next"})"}))}));
    // No vision: words, never base64.
    const std::string blind = sent(messages, "deepseek", "deepseek-chat");
    const std::string note = "[image omitted: image/png, 3 bytes; this model cannot see images]";
    EXPECT_NE(blind.find(R"(see\n)" + note), std::string::npos) << blind;
    EXPECT_EQ(blind.find("AAAA"), std::string::npos);
    // Where tool messages take media.
    EXPECT_NE(sent(messages, "mistral").find(part), std::string::npos);
}

TEST(Conformance, Case61_PdfInToolResult) {
    const std::string pdf =
        R"({"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"JVBE"}})";
    const std::string messages =
        list({user("\"go\""), assistant(list({use("a")})), user(list({result("a", list({pdf}))}))});
    EXPECT_NE(sent(messages, "openai", "gpt-4o")
                  .find(R"({"type":"file","file":{"filename":"document.pdf",)"
                        R"("file_data":"data:application/pdf;base64,JVBE"}})"),
              std::string::npos);
    EXPECT_EQ(sent(messages, "deepseek"), "error: capability_rejected: document_block");
}

TEST(Conformance, Case62_SystemMessagesKeepTheirPlace) {
    const std::string note = R"({"role":"system","content":"note"})";
    const std::string wrapped = R"(<system-reminder>\nnote\n</system-reminder>)";
    // At the end, in the middle, and between a call and its result.
    EXPECT_EQ(sent(list({user("\"a\""), note})), list({user("\"a\\n\\n" + wrapped + "\"")}));
    EXPECT_EQ(sent(list({user("\"a\""), note, assistant("\"b\""), user("\"c\"")})),
              list({user("\"a\\n\\n" + wrapped + "\""), assistant("\"b\""), user("\"c\"")}));
    EXPECT_EQ(sent(list({user("\"a\""), assistant(list({use("x")})), note,
                         user(list({result("x", "\"X\"")}))})),
              list({user("\"a\""),
                    R"({"role":"assistant","content":null,"tool_calls":)" + list({call("x")}) + "}",
                    tool("x", "X"), user("\"" + wrapped + "\"")}));
    // In front of everything it belongs to the head.
    EXPECT_EQ(sent(list({note, user("\"a\"")}), "openai-compatible", "m", R"("system":"s")"),
              list({R"({"role":"system","content":"s\n\nnote"})", user("\"a\"")}));
    // Directives without content are no messages.
    EXPECT_EQ(sent(list({user("\"a\""),
                         R"({"role":"system","content":[],"output_config":{"effort":"low"}})"})),
              list({user("\"a\"")}));
}

TEST(Conformance, Case62_NativeSystemMessagesNeverComeLast) {
    const std::string note = R"({"role":"system","content":"note"})";
    EXPECT_EQ(sent(list({user("\"a\""), note, user("\"b\"")}), "openai", "gpt-4o"),
              list({user("\"a\""), note, user("\"b\"")}));
    EXPECT_EQ(sent(list({user("\"a\""), note}), "openai", "gpt-4o"),
              list({user(R"("a\n\n<system-reminder>\nnote\n</system-reminder>")")}));
}

TEST(ChatMessages, SystemTextForOneTurnIsGoneInTheNext) {
    const std::string note = R"({"role":"system","content":"note","clear_at":"next_user_message"})";
    EXPECT_NE(sent(list({user("\"a\""), note})).find("note"), std::string::npos);
    EXPECT_EQ(sent(list({user("\"a\""), note, assistant("\"b\""), user("\"c\"")})).find("note"),
              std::string::npos);
}

TEST(Conformance, Case63_BillingHeaderIsStripped) {
    const std::string system =
        R"("system":[{"type":"text","text":"x-anthropic-billing-header: cc_version=1; cch=ab;"},
                     {"type":"text","text":"you are"}])";
    EXPECT_EQ(sent(list({user("\"a\"")}), "openai-compatible", "m", system),
              list({R"({"role":"system","content":"you are"})", user("\"a\"")}));
    EXPECT_EQ(sent(list({user("\"a\"")}), "openai-compatible", "m",
                   R"("system":"x-anthropic-billing-header: v=\\n1;\n\nyou are")"),
              list({R"({"role":"system","content":"you are"})", user("\"a\"")}));
    EXPECT_EQ(sent(list({user("\"a\"")}), "openai-compatible", "m",
                   R"("system":"x-anthropic-billing-header: v=1;")"),
              list({user("\"a\"")}));
}

TEST(Conformance, Case64_OddConversationsStayValid) {
    const std::string long_history = [] {
        std::string out = "[";
        for (int i = 0; i < 500; ++i)
            out += user("\"q\"") + "," + assistant("\"r\"") + ",";
        return out + user("\"end\"") + "]";
    }();
    const std::string conversations[] = {
        list({user(R"([{"type":"text","text":""},{"type":"text","text":"a"}])")}),
        list({user("\"a\""), user("\"b\""), assistant("\"c\""), assistant("\"d\""), user("\"e\"")}),
        list({user("\"a\""), assistant("\"\""), user("\"b\"")}),
        list({user("\"a\""), assistant(list({thinking("t", "foreign")})), user("\"b\"")}),
        list({user("\"a\""), assistant("\"half an ans\"")}),
        list({assistant("\"hello\""), user("\"b\"")}),
        list({user("\"a\""), assistant(list({use("x"), use("x")})),
              user(list({result("x", "\"\"")}))}),
        list({user(list({result("x", "\"stray\"")}))}),
        long_history,
    };
    for (const std::string& conversation : conversations) {
        for (const auto& name : testing::provider_names()) {
            RequestRun run(client_body(conversation));
            const Profile profile = *testing::profile_of(name, "m");
            const auto encoded = run.encode_with(profile);
            ASSERT_TRUE(encoded) << encoded.error().detail << conversation;
            EXPECT_EQ(testing::lint_chat(encoded->body, profile), std::vector<std::string>())
                << name << " " << encoded->body.substr(0, 2000);
        }
    }
}

TEST(ChatMessages, NothingToSayIsAnError) {
    EXPECT_EQ(sent(list({user("\"\"")})), "error: messages: all messages are empty");
    EXPECT_EQ(sent(list({user(R"([{"type":"server_tool_use"}])")})),
              "error: messages: nothing in them can be sent to this provider");
}

TEST(ChatMessages, PrefillIsContinuedAsTheProviderKnowsHow) {
    const std::string messages = list({user("\"a\""), assistant("\"half\"")});
    EXPECT_EQ(sent(messages),
              list({user("\"a\""), assistant("\"half\""),
                    user("\"Continue exactly from the end of your previous message.\"")}));
    EXPECT_EQ(sent(messages, "kimi"),
              list({user("\"a\""), R"({"role":"assistant","content":"half","partial":true})"}));
    EXPECT_EQ(sent(messages, "mistral"),
              list({user("\"a\""), R"({"role":"assistant","content":"half","prefix":true})"}));
}

TEST(Conformance, Case68_HistoryOfServerToolsIsToldInWords) {
    const std::string blocks = list(
        {R"({"type":"server_tool_use","id":"s","name":"web_search","input":{"query":"zig"}})",
         R"({"type":"web_search_tool_result","tool_use_id":"s","content":[)"
         R"({"type":"web_search_result","title":"Zig","url":"https://z","encrypted_content":"SECRET"}]})",
         R"({"type":"text","text":"Found."})"});
    EXPECT_EQ(sent(list({user("\"a\""), assistant(blocks), user("\"b\"")})),
              list({user("\"a\""),
                    assistant(R"("[web_search: {\"query\":\"zig\"}]\n\n[web_search_tool_result]\n)"
                              R"(Zig\nhttps://z\n\nFound.")"),
                    user("\"b\"")}));
}

TEST(Conformance, Case70_ArgumentsAreLossless) {
    const std::string input =
        R"({"z":9007199254740993,"a":1.0,"e":1e2,"s":"\u0000 \ud83d\ude00 \"q\"","n":null})";
    RequestRun run(client_body(
        list({user("\"a\""),
              assistant(R"([{"type":"tool_use","id":"x","name":"T","input":)" + input + "}]"),
              user(list({result("x", "\"X\"")}))})));
    const std::string body = run.body();
    json::Document document;
    const auto root = document.parse_view(body);
    ASSERT_TRUE(root) << body;
    EXPECT_EQ((*root)["messages"].at(1)["tool_calls"].at(0)["function"]["arguments"].str(), input);
}

TEST(ChatMessages, ArgumentsAreCompact) {
    RequestRun run(
        client_body(list({user("\"a\""),
                          assistant("[{\"type\":\"tool_use\",\"id\":\"x\",\"name\":\"T\",\"input\":"
                                    "{ \"a b\" :\n [ 1 , \" \\\\ \\\" \" ] }}]"),
                          user(list({result("x", "\"X\"")}))})));
    const std::string body = run.body();
    json::Document document;
    const auto root = document.parse_view(body);
    ASSERT_TRUE(root) << body;
    EXPECT_EQ((*root)["messages"].at(1)["tool_calls"].at(0)["function"]["arguments"].str(),
              R"({"a b":[1," \\ \" "]})");
}

TEST(Conformance, Case70_LoneSurrogatesBecomeReplacementCharacters) {
    const std::string body = sent(list({user(R"("a\ud83db")")}));
    EXPECT_NE(body.find(R"(a\ufffdb)"), std::string::npos) << body;
    EXPECT_EQ(body.find("ud83d"), std::string::npos);
}

TEST(ChatMessages, ToolReferencesAreNamed) {
    EXPECT_NE(sent(list({user("\"a\""), assistant(list({use("x", "ToolSearch")})),
                         user(list({result("x", R"([{"type":"tool_reference","tool_name":"A"},
                                                    {"type":"tool_reference","tool_name":"B"}])")}))}))
                  .find(tool("x", "Tools now available: A, B")),
              std::string::npos);
}

TEST(ChatMessages, DocumentsAndSearchResultsAsText) {
    EXPECT_EQ(
        sent(list({user(
            R"([{"type":"document","title":"T","context":"C","source":{"type":"text","media_type":"text/plain","data":"body"}},
                {"type":"document","source":{"type":"content","content":[{"type":"text","text":"inner"}]}},
                {"type":"search_result","title":"S","source":"https://s","content":[{"type":"text","text":"hit"}]}])")})),
        list({user(R"("T\nC\nbody\n\ninner\n\nS\nhttps://s\nhit")")}));
}

TEST(ChatMessages, ACompactionSummaryIsTheUsers) {
    EXPECT_EQ(
        sent(list({assistant(R"([{"type":"compaction","content":"so far"}])"), user("\"b\"")})),
        list({user(R"("so far\n\nb")")}));
}

TEST(ChatMessages, WarningsAreFitForAHeader) {
    RequestRun run(client_body(
        list({user(R"([{"type":"odd,\r\nset-cookie: x","y":1},{"type":"text","text":"a"}])")})));
    ASSERT_TRUE(run.encode());
    EXPECT_EQ(run.request().warnings, std::vector<std::string>{"odd???set-cookie: x"});
}

TEST(ChatMessages, CacheMarksStayWhereTheProviderTakesThem) {
    const std::string messages = list({user(
        R"([{"type":"text","text":"a"},{"type":"text","text":"b","cache_control":{"type":"ephemeral"}}])")});
    EXPECT_EQ(sent(messages, "openrouter"),
              list({user(R"([{"type":"text","text":"a"},{"type":"text","text":"b",)"
                         R"("cache_control":{"type":"ephemeral"}}])")}));
    EXPECT_EQ(sent(messages, "openai", "gpt-4o"), list({user(R"("a\n\nb")")}));
}

TEST(ChatMessages, SystemBlocksStayPartsWhereConfigured) {
    Profile profile = *profile_named("openai-compatible");
    profile.system_parts = true;
    RequestRun run(testing::simple_body(
        R"("system":[{"type":"text","text":"a"},{"type":"text","text":"b"}])"));
    const auto encoded = run.encode_with(profile);
    ASSERT_TRUE(encoded);
    EXPECT_NE(encoded->body.find(R"([{"type":"text","text":"a"},{"type":"text","text":"b"}])"),
              std::string::npos);
}

}  // namespace
}  // namespace ccr::dialect
