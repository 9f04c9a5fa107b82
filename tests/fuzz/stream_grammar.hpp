// SPDX-License-Identifier: MIT
// What the stream of each door may look like, whatever the provider said: the order of its events,
// their numbers and places, one end and nothing behind it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/json.hpp"
#include "daemon/dialect/sse.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace ccr::fuzz {

class AnthropicGrammar {
  public:
    static constexpr const char* door = "anthropic";

    void event(const dialect::SseEvent& event) {
        check(!over, "nothing follows the end");
        const auto data = document_.parse(std::string(event.data));
        check(data && (*data)["type"].str() == event.name, "data is JSON of the event's type");
        take(event.name, *data);
    }

    bool over = false;

  private:
    void take(std::string_view type, json::Value data) {
        if (type == "ping") return;
        if (type == "error") {
            check(!data["error"]["type"].str().empty(), "an error has a type");
            over = true;
            return;
        }
        if (type == "message_start") {
            check(!started_, "one message_start");
            started_ = true;
            return;
        }
        check(started_, "message_start comes first");
        if (type == "message_stop") {
            check(delta_ && !open_, "message_stop comes after message_delta, blocks closed");
            over = true;
        } else if (type == "message_delta") {
            check(!open_ && !delta_, "one message_delta, blocks closed");
            check(!data["delta"]["stop_reason"].str().empty(), "a stop reason");
            delta_ = true;
        } else {
            block(type, data["index"].integer().value_or(-1));
        }
    }

    void block(std::string_view type, std::int64_t index) {
        check(index == next_ && !delta_, "blocks are dense and before the message_delta");
        if (type == "content_block_start") {
            check(!open_, "blocks do not overlap");
            open_ = true;
        } else if (type == "content_block_stop") {
            check(open_, "only an open block is closed");
            open_ = false;
            ++next_;
        } else {
            check(type == "content_block_delta" && open_, "deltas belong to the open block");
        }
    }

    json::Document document_;
    std::int64_t next_ = 0;
    bool started_ = false;
    bool open_ = false;
    bool delta_ = false;
};

// role-chunk delta-chunk* finish-chunk usage-chunk? [DONE], or any beginning of it and an error.
class ChatGrammar {
  public:
    static constexpr const char* door = "openai";

    void event(const dialect::SseEvent& event) {
        check(!over, "nothing follows the end");
        check(event.name.empty(), "chunks have no name");
        if (event.data == "[DONE]") {
            check(finished_ && reported_, "[DONE] comes after the finish and the usage");
            over = true;
            return;
        }
        const auto data = document_.parse(std::string(event.data));
        check(data && data->is_object(), "a chunk is an object");
        if ((*data)["error"].present()) {
            check(!(*data)["error"]["message"].str().empty(), "an error says why");
            over = true;
            return;
        }
        check((*data)["object"].str() == "chat.completion.chunk", "a chunk says what it is");
        check(!reported_, "nothing follows the usage");
        if ((*data)["choices"].size() == 0) {
            check(finished_ && (*data)["usage"].is_object(), "usage follows the finish");
            reported_ = true;
            return;
        }
        check((*data)["choices"].size() == 1, "one choice");
        choice((*data)["choices"].at(0));
    }

    bool over = false;

  private:
    void choice(json::Value choice) {
        check(choice["index"].integer() == 0 && !finished_, "choice 0, before its finish");
        const json::Value delta = choice["delta"];
        check(delta.is_object(), "a delta");
        check(delta["role"].present() == !started_, "the role comes first and once");
        started_ = true;
        for (const json::Value call : delta["tool_calls"].elements()) {
            const std::int64_t index = call["index"].integer().value_or(-1);
            const json::Value inner =
                call["function"].present() ? call["function"] : call["custom"];
            check(inner.is_object(), "a call is one of a function or a custom tool");
            if (index == calls_) {
                check(!call["id"].str().empty() && !inner["name"].str().empty(), "who is called");
                ++calls_;
            } else {
                check(index == calls_ - 1, "calls come one after the other");
            }
        }
        finished_ = !choice["finish_reason"].str().empty();
    }

    json::Document document_;
    std::int64_t calls_ = 0;
    bool started_ = false;
    bool finished_ = false;
    bool reported_ = false;
};

// created in_progress item* (completed | incomplete | failed); numbered from 0.
class ResponsesGrammar {
  public:
    static constexpr const char* door = "openai-responses";

    void event(const dialect::SseEvent& event) {
        check(!over, "nothing follows the end");
        const auto data = document_.parse(std::string(event.data));
        check(data && (*data)["type"].str() == event.name, "data is JSON of the event's type");
        check((*data)["sequence_number"].integer() == number_, "events are numbered");
        check((event.name == "response.created") == (number_ == 0), "response.created comes first");
        ++number_;
        if ((*data)["response"].present()) {
            response(event.name, (*data)["response"]);
        } else {
            check((*data)["output_index"].integer() == items_, "items are dense");
            item(event.name, *data);
        }
    }

    bool over = false;

  private:
    void response(std::string_view type, json::Value response) {
        if (type == "response.created" || type == "response.in_progress") {
            check(response["status"].str() == "in_progress" && items_ == 0 && !open_, "it begins");
            return;
        }
        over = true;
        check("response." + std::string(response["status"].str()) == type, "it ends as it says");
        check(static_cast<std::int64_t>(response["output"].size()) == items_, "all its items");
        if (type == "response.failed") {
            check(!response["error"]["message"].str().empty(), "an error says why");
        } else {
            check(type == "response.completed" || type == "response.incomplete", "an end");
            check(!open_, "all items are closed");
        }
    }

    void item(std::string_view type, json::Value data) {
        if (type == "response.output_item.added") {
            check(!open_ && !data["item"]["type"].str().empty(), "items do not overlap");
            open_ = true;
            return;
        }
        check(open_, "events belong to the open item");
        if (type == "response.output_item.done") {
            check(!part_, "its part is closed");
            open_ = false;
            ++items_;
        } else if (type.ends_with("_part.added")) {
            check(!part_, "parts do not overlap");
            part_ = true;
        } else if (type.ends_with("_part.done")) {
            check(part_, "only an open part is closed");
            part_ = false;
        }
    }

    json::Document document_;
    std::int64_t number_ = 0;
    std::int64_t items_ = 0;
    bool open_ = false;
    bool part_ = false;
};

template <typename Grammar>
void check_grammar(const std::string& output) {
    dialect::SseParser parser;
    parser.feed(output);
    Grammar grammar;
    dialect::SseEvent event;
    while (parser.next(event))
        grammar.event(event);
    check(parser.unfinished() == 0, "the last frame is whole");
    check(grammar.over, "the stream has an end");
}

}  // namespace ccr::fuzz
