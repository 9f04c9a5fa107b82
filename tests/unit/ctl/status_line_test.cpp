// SPDX-License-Identifier: MIT
#include "ctl/status_line.hpp"

#include <gtest/gtest.h>

namespace ccr::ctl {
namespace {

constexpr std::string_view input = R"({"session_id":"0123456789","version":"2.1.330",
    "workspace":{"current_dir":"/home/u/my project/"},
    "model":{"id":"p,m-1","display_name":"M"},"transcript_path":"/t.jsonl",
    "cost":{"total_cost_usd":0.5,"total_duration_ms":65000,"total_lines_added":5,
            "total_lines_removed":2},
    "context_window":{"context_window_size":200000,"used_percentage":12.4,
        "current_usage":{"input_tokens":200,"cache_read_input_tokens":12100,
                         "output_tokens":50}}})";

std::string line(std::string_view style, const Facts& facts, bool colour = false) {
    const json5::Parsed parsed = json5::parse(style);
    return render_line(line_style(parsed.root.is_object() ? &parsed.root : nullptr, false), facts,
                       colour);
}

TEST(StatusLine, ShowsDirectoryTargetTokensAndCostByItself) {
    Facts facts = facts_of(input);
    add_target(facts, json5::Value{});
    facts["gitBranch"] = "main";
    EXPECT_EQ(line("null", facts), "my project main p,m-1 \u2191 12.3k \u2193 0.1k $0.50");
}

TEST(StatusLine, FillsTheStyleOfTheConfiguration) {
    const Facts facts = facts_of(input);
    EXPECT_EQ(line("{currentStyle:'mine',mine:{modules:["
                   "{icon:'S',text:'{{sessionId}}'},{text:'{{ version }}'},{text:'{{gone}}'},"
                   "{text:'{{duration}} +{{linesAdded}} -{{linesRemoved}} ={{netLines}}'},"
                   "{type:'script',text:'never'},"
                   "{text:'{{contextPercent}}% of {{contextWindowSize}}'}]}}",
                   facts),
              "S 01234567 2.1.330 1m5s +5 -2 =3 12% of 200000");
}

TEST(StatusLine, PaintsNamesAndNumbersOfColours) {
    const Facts facts{{"a", "x"}};
    const std::string_view style =
        "{default:{modules:[{text:'{{a}}',color:'#0102ff'},"
        "{text:'{{a}}',color:'bright_cyan',background:'bg_red'},{text:'{{a}}',color:'nothing'}]}}";
    EXPECT_EQ(line(style, facts, true), "\x1b[38;2;1;2;255mx\x1b[0m \x1b[96;41mx\x1b[0m x");
    EXPECT_EQ(line(style, facts, false), "x x x");
    EXPECT_NE(line("{currentStyle:'powerline',powerline:{modules:[{text:'a',background:'blue'},"
                   "{text:'b',background:'#010203'}]}}",
                   facts, true)
                  .find("\uE0B0"),
              std::string::npos);
}

TEST(StatusLine, TakesModelAndTokensFromTheLastAnswer) {
    Facts facts = facts_of(input);
    add_transcript(facts,
                   R"({"type":"assistant","message":{"model":"old","usage":{"input_tokens":1}}}
{"type":"assistant","message":{"model":"glm-4.7","usage":{"input_tokens":7,"output_tokens":9}}}
{"type":"assistant","isSidechain":true,"message":{"model":"side","usage":{}}}
{"type":"assistant","message":{"model":"<synthetic>"}}
{"type":"user","message":"assistant"}
{"type":"assistant","mess)");
    const json5::Parsed config = json5::parse(
        "{Providers:[{name:'a',models:['x']},{name:'zai',models:[{name:'GLM-4.7'}]}]}");
    add_target(facts, config.root);
    EXPECT_EQ(facts["target"], "zai,glm-4.7");
    EXPECT_EQ(facts["inputTokens"], "7");
    EXPECT_EQ(facts["outputTokens"], "9");
}

TEST(StatusLine, LetsNothingSteerTheTerminal) {
    const Facts facts = facts_of(R"({"model":{"display_name":"a\u001b[2Jb\nc"}})");
    const std::string text = line("{default:{modules:[{text:'{{model}}'}]}}", facts, false);
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    EXPECT_EQ(text.find('\n'), std::string::npos);
}

TEST(StatusLine, ToleratesAnyInput) {
    for (const char* text : {"", "[]", "{", "{\"cost\":{\"total_cost_usd\":-1e999}}",
                             "{\"model\":3,\"context_window\":[],\"cost\":\"x\"}"}) {
        Facts facts = facts_of(text);
        add_transcript(facts, text);
        add_target(facts, json5::Value{});
        EXPECT_EQ(line("null", facts).find('\n'), std::string::npos) << text;
    }
}

}  // namespace
}  // namespace ccr::ctl
