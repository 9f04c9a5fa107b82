// SPDX-License-Identifier: MIT
#include "daemon/dialect/tool_ids.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace ccr::dialect {
namespace {

bool client_takes(std::string_view id) {
    return !id.empty() && std::all_of(id.begin(), id.end(), [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '_' || c == '-';
    });
}

const std::string sixty(60, 'x');
const std::string_view odd_ids[] = {"functions.Bash:0", "0", "", sixty, "call_1", "call|1/2 ü"};

TEST(Conformance, Case56_ToolIdsAreUniqueLegalAndReversible) {
    chat::Request history;
    chat::Message turn;
    turn.role = chat::Role::assistant;
    turn.content.emplace_back(chat::ToolUse{"call_1", "Bash", "{}"});
    history.messages.push_back(std::move(turn));

    ToolIds ids(&history, "msg_1");
    std::set<std::string> seen = {"call_1"};
    for (int round = 0; round < 3; ++round) {
        for (const auto upstream : odd_ids) {
            const std::string id = ids.assign(upstream);
            EXPECT_TRUE(client_takes(id)) << id;
            EXPECT_TRUE(seen.insert(id).second) << id;
            EXPECT_EQ(upstream_tool_id(id), upstream.empty() ? id : upstream);
        }
    }
}

TEST(ToolIds, PassesAGoodUnseenIdOn) {
    EXPECT_EQ(ToolIds(nullptr, "msg_1").assign("call_00_aB-9"), "call_00_aB-9");
}

TEST(ToolIds, WrapsAnIdThatLooksLikeOurs) {
    const std::string inner = "toolu_ccr_abcd_Zm9v";
    const std::string id = ToolIds(nullptr, "msg_1").assign(inner);
    EXPECT_NE(id, inner);
    EXPECT_EQ(upstream_tool_id(id), inner);
    EXPECT_EQ(provider_tool_id(id, ToolIdStyle::any), inner);
}

TEST(ToolIds, KeepsApartFromRepliesThatTheClientHasForgotten) {
    EXPECT_NE(ToolIds(nullptr, "msg_1").assign("functions.Bash:0"),
              ToolIds(nullptr, "msg_2").assign("functions.Bash:0"));
}

TEST(ToolIds, ProviderGetsItsOwnIdBack) {
    const std::string id = ToolIds(nullptr, "msg_1").assign("functions.Bash:0");
    EXPECT_EQ(provider_tool_id(id, ToolIdStyle::any), "functions.Bash:0");
    EXPECT_EQ(provider_tool_id("toolu_01AbC", ToolIdStyle::any), "toolu_01AbC");
}

TEST(ToolIds, RepeatedIdsStayApartAtTheProviderToo) {
    ToolIds ids(nullptr, "msg_1");
    const std::string first = provider_tool_id(ids.assign("7"), ToolIdStyle::any);
    const std::string second = provider_tool_id(ids.assign("7"), ToolIdStyle::any);
    EXPECT_EQ(first, "7");
    EXPECT_NE(second, "7");
}

TEST(ReplyDigest, OutlivesTheRequest) {
    std::unique_ptr<chat::Request> digest;
    {
        chat::Request request;
        request.tools.resize(2);
        request.tools[0].name = request.keep("first_tool_with_a_long_name");
        request.tools[1].name = request.keep("second");
        request.stop_sequences.push_back(chat::Escaped{request.keep("stop\\n")});
        digest = chat::reply_digest(request);
    }
    ASSERT_EQ(digest->tools.size(), 2U);
    EXPECT_EQ(digest->tools[0].name, "first_tool_with_a_long_name");
    EXPECT_EQ(digest->tools[1].name, "second");
    ASSERT_EQ(digest->stop_sequences.size(), 1U);
    EXPECT_EQ(digest->stop_sequences[0].bytes, "stop\\n");
}

TEST(ToolIds, ForeignIdsAreMadeToFitAndStayTheSame) {
    const std::string fitted = provider_tool_id("call_00_abc.DEF:1/2|x", ToolIdStyle::any);
    EXPECT_TRUE(client_takes(fitted)) << fitted;
    EXPECT_EQ(fitted, provider_tool_id("call_00_abc.DEF:1/2|x", ToolIdStyle::any));
    EXPECT_LE(provider_tool_id(sixty, ToolIdStyle::any).size(), 40U);
}

TEST(Conformance, Case56_MistralIdsHaveNineAlphanumerics) {
    for (const auto client : odd_ids) {
        const std::string id = provider_tool_id(client, ToolIdStyle::nine_alphanumerics);
        EXPECT_EQ(id.size(), 9U);
        EXPECT_TRUE(std::all_of(id.begin(), id.end(),
                                [](unsigned char c) { return std::isalnum(c) != 0; }));
    }
    EXPECT_EQ(provider_tool_id("abcDEF123", ToolIdStyle::nine_alphanumerics), "abcDEF123");
}

TEST(ToolIds, ForgedWrappingIsAnOrdinaryId) {
    EXPECT_EQ(upstream_tool_id("toolu_ccr_"), "toolu_ccr_");
    EXPECT_EQ(upstream_tool_id("toolu_ccr_abcd_!!"), "toolu_ccr_abcd_!!");
    EXPECT_EQ(upstream_tool_id("toolu_ccr_abcd_"), "toolu_ccr_abcd_");
}

}  // namespace
}  // namespace ccr::dialect
