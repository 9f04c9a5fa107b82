// SPDX-License-Identifier: MIT
#include "daemon/route/subagent_tag.hpp"

#include "tests/unit/route/helpers.hpp"

namespace ccr::route {
namespace {

using testing::request;

constexpr const char* tag = "<CCR-SUBAGENT-MODEL>local,qwen3</CCR-SUBAGENT-MODEL>";

std::string with_system(const std::string& system) {
    return R"({"model":"m","system":)" + system + R"(,"messages":[{"role":"user","content":"x"}]})";
}

std::string with_user(const std::string& content) {
    return R"({"model":"m","messages":[{"role":"user","content":)" + content + "}]}";
}

std::string blocks(std::initializer_list<std::string> texts) {
    std::string out = "[";
    for (const auto& text : texts) {
        out +=
            (out.size() > 1 ? "," : "") + std::string(R"({"type":"text","text":")") + text + "\"}";
    }
    return out + "]";
}

struct Case {
    const char* name;
    std::string body;
    std::string left;  // the body without its tag; empty: no tag is found
    std::string model = "local,qwen3";
};

class Tag : public ::testing::TestWithParam<Case> {};

TEST_P(Tag, IsFoundAndCutOut) {
    const auto chat = request(GetParam().body);
    const auto found = find_subagent_tag(*chat);
    if (GetParam().left.empty()) {
        EXPECT_FALSE(found);
        return;
    }
    ASSERT_TRUE(found);
    EXPECT_EQ(found->model, GetParam().model);
    EXPECT_EQ(found->body, GetParam().left);
    EXPECT_FALSE(find_subagent_tag(*request(found->body)));
}

const std::string tagged = tag;

INSTANTIATE_TEST_SUITE_P(
    Places, Tag,
    ::testing::Values(
        Case{"string_system", with_system("\"" + tagged + "You are\""), with_system("\"You are\"")},
        Case{"second_block_as_node_had_it", with_system(blocks({"a", tagged + "b"})),
             with_system(blocks({"a", "b"}))},
        Case{"any_block", with_system(blocks({"a", "b", "c " + tagged + " d"})),
             with_system(blocks({"a", "b", "c  d"}))},
        Case{"user_string", with_user("\"" + tagged + "go\""), with_user("\"go\"")},
        Case{"user_block", with_user(blocks({tagged + "go", "b"})), with_user(blocks({"go", "b"}))},
        Case{"behind_reminders",
             with_user(blocks({"<system-reminder>x</system-reminder>", tagged + "go"})),
             with_user(blocks({"<system-reminder>x</system-reminder>", "go"}))},
        Case{"quoted_in_a_reminder",
             with_user(blocks({"<system-reminder>" + tagged + "</system-reminder>", "go"})), ""},
        Case{"later_user_text", with_user(blocks({"go", tagged})), ""},
        Case{
            "later_message",
            R"({"model":"m","messages":[{"role":"user","content":"a"},{"role":"user","content":")" +
                tagged + R"("}]})",
            ""},
        Case{"none", with_system("\"a\""), ""},
        Case{"word_alone", with_system("\"CCR-SUBAGENT-MODEL\""), ""},
        Case{"not_closed", with_system(R"("<CCR-SUBAGENT-MODEL>a,b")"), ""},
        Case{"not_closed_then_a_tag", with_system(R"("see CCR-SUBAGENT-MODEL: )" + tagged + "go\""),
             with_system(R"("see CCR-SUBAGENT-MODEL: go")")},
        Case{
            "escaped",
            with_system(
                R"("\u003cCCR-SUBAGENT-MODEL\u003E local,\u0071wen3 \u003c\/CCR-SUBAGENT-MODEL\u003ego")"),
            with_system(R"("go")")},
        Case{"lines_inside",
             with_system(R"("<CCR-SUBAGENT-MODEL>\n local,qwen3\n</CCR-SUBAGENT-MODEL>\ngo")"),
             with_system(R"("\ngo")")},
        Case{"two_tags_first_counts",
             with_system(blocks({tagged + "a", "<CCR-SUBAGENT-MODEL>x,y</CCR-SUBAGENT-MODEL>b"})),
             with_system(blocks({"a", "b"}))},
        Case{"empty_tag", with_system(R"("<CCR-SUBAGENT-MODEL></CCR-SUBAGENT-MODEL>a")"),
             with_system(R"("a")"), ""},
        Case{"block_of_nothing_else", with_system(blocks({"a", tagged + "\\n", "b"})),
             with_system(blocks({"a", "b"}))},
        Case{"removed_block_and_another_tag",
             with_system(blocks({tagged, "a", "<CCR-SUBAGENT-MODEL>x,y</CCR-SUBAGENT-MODEL>b"})),
             with_system(blocks({"a", "b"}))},
        Case{
            "other_bytes_stay",
            R"({ "model":"m", "n":1.0, "system":"é\u00e9)" + tagged +
                R"(", "messages":[{"role":"user","content":"x"}]})",
            R"({ "model":"m", "n":1.0, "system":"é\u00e9", "messages":[{"role":"user","content":"x"}]})"}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace ccr::route
