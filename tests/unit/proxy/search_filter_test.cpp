// SPDX-License-Identifier: MIT
#include "daemon/proxy/search_filter.hpp"

#include <gtest/gtest.h>

#include <variant>

namespace ccr::proxy {
namespace {

// What reaches the writer, a word for each event.
class Heard final : public chat::EventSink {
  public:
    void on(const chat::Event& event) override {
        if (std::holds_alternative<chat::Started>(event)) words += "started ";
        if (const auto* text = std::get_if<chat::TextDelta>(&event)) {
            words.append(text->text.bytes) += ' ';
        }
        if (std::holds_alternative<chat::ReasoningDelta>(event)) words += "thought ";
        if (const auto* tool = std::get_if<chat::ToolOpened>(&event)) {
            words.append("open:").append(tool->name) += ' ';
        }
        if (std::holds_alternative<chat::ToolArguments>(event)) words += "arguments ";
        if (std::holds_alternative<chat::ToolClosed>(event)) words += "closed ";
        if (std::holds_alternative<chat::Searched>(event)) words += "searched ";
        if (const auto* finished = std::get_if<chat::Finished>(&event)) {
            words += finished->reason == chat::Stop::tool_use ? "tool_use " : "finished ";
        }
        if (const auto* report = std::get_if<chat::UsageReported>(&event)) usage = report->usage;
        if (std::holds_alternative<chat::Ended>(event)) words += "ended ";
    }
    std::string words;
    chat::Usage usage;
};

chat::Usage tokens(std::int64_t input, std::int64_t output) {
    chat::Usage usage;
    usage.input_tokens = input;
    usage.output_tokens = output;
    return usage;
}

class Filter : public ::testing::Test {
  protected:
    void call(std::uint32_t key, std::string_view name, std::string_view arguments) {
        filter.on(chat::ToolOpened{key, "id", name});
        filter.on(chat::ToolArguments{key, {arguments}});
        filter.on(chat::ToolClosed{key});
    }
    void end(chat::Stop reason, const chat::Usage& usage = {}) {
        filter.on(chat::Finished{reason});
        filter.on(chat::UsageReported{usage});
        filter.on(chat::Ended{});
    }
    Heard heard;
    SearchFilter filter{heard, "web_search", {}};
};

TEST_F(Filter, LetsAnAnswerWithoutSearchesThrough) {
    filter.on(chat::Started{});
    filter.on(chat::TextDelta{{"hi"}});
    call(0, "other", "{}");
    end(chat::Stop::tool_use);
    EXPECT_EQ(heard.words, "started hi open:other arguments closed tool_use ended ");
    EXPECT_FALSE(filter.due());
    filter.finish();
    EXPECT_EQ(heard.words, "started hi open:other arguments closed tool_use ended ");
}

TEST_F(Filter, MakesOneAnswerOfSeveralRounds) {
    filter.on(chat::Started{});
    filter.on(chat::ReasoningDelta{{"hm"}});
    filter.on(chat::ReasoningState{"xs"});
    filter.on(chat::TextDelta{{"let"}});
    filter.on(chat::TextDelta{{"me"}});
    call(0, "default_api:web_search", "{}");
    filter.on(chat::Finished{chat::Stop::tool_use});
    EXPECT_TRUE(filter.all_said());
    EXPECT_FALSE(filter.due());
    filter.on(chat::UsageReported{tokens(10, 3)});
    filter.on(chat::Ended{});
    EXPECT_TRUE(filter.due());
    EXPECT_EQ(heard.words, "started thought let me ");
    ASSERT_EQ(filter.parts().size(), 3U);
    EXPECT_EQ(filter.parts()[0].content, "hm");
    EXPECT_EQ(filter.parts()[0].state, "xs");
    EXPECT_EQ(filter.parts()[1].content, "letme");
    EXPECT_EQ(filter.parts()[2].kind, SearchFilter::Part::Kind::call);

    filter.tell({}, 1);
    filter.next_round();
    EXPECT_FALSE(filter.due());
    filter.on(chat::Started{});
    filter.on(chat::TextDelta{{"so"}});
    end(chat::Stop::end_turn, tokens(20, 4));
    EXPECT_EQ(heard.words, "started thought let me searched so finished ended ");
    EXPECT_EQ(heard.usage.input_tokens, 30);
    EXPECT_EQ(heard.usage.output_tokens, 7);
    EXPECT_EQ(heard.usage.web_searches, 1);
}

TEST_F(Filter, EndsWithTheClientsTools) {
    call(0, "web_search", "{}");
    call(1, "other", "{}");
    end(chat::Stop::tool_use, tokens(1, 1));
    EXPECT_TRUE(filter.due());
    EXPECT_TRUE(filter.calls_client());
    filter.tell({}, 1);
    filter.finish();
    EXPECT_EQ(heard.words, "open:other arguments closed searched tool_use ended ");
    EXPECT_EQ(heard.usage.web_searches, 1);
}

TEST_F(Filter, DoesNotGoOnWhereTheAnswerIsCutOff) {
    call(0, "web_search", "{");
    end(chat::Stop::max_tokens);
    EXPECT_FALSE(filter.due());
    filter.finish();
    EXPECT_EQ(heard.words, "finished ended ");
}

TEST_F(Filter, HasLimits) {
    for (std::uint32_t key = 0; key < 20; ++key)
        call(key, "web_search", key == 0 ? std::string(70'000, 'x') : "{}");
    end(chat::Stop::tool_use);
    EXPECT_EQ(filter.calls().size(), 16U);
    EXPECT_FALSE(filter.calls()[0].whole);
    EXPECT_TRUE(filter.calls()[1].whole);
    EXPECT_EQ(heard.words, "");
}

}  // namespace
}  // namespace ccr::proxy
