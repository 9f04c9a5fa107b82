// SPDX-License-Identifier: MIT
#include "tests/testing/door_grammar.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "common/json.hpp"

namespace ccr::testing {
namespace {

// Keeps the first complaint.
class Reader {
  public:
    [[nodiscard]] std::string problem() && { return std::move(problem_); }
    void complain(std::string text) {
        if (problem_.empty()) problem_ = std::move(text);
    }

  protected:
    void expect(bool holds, std::string_view what) {
        if (!holds) complain(std::string(what));
    }
    bool over_ = false;

  private:
    std::string problem_;
};

// Splits the stream into frames; comments are none.
template <typename Format>
std::string read_stream(std::string_view stream) {
    Format reader;
    while (!stream.empty()) {
        const auto end = stream.find("\n\n");
        if (end == std::string_view::npos) reader.complain("the last frame is not closed");
        const std::string_view frame = stream.substr(0, end);
        stream.remove_prefix(end == std::string_view::npos ? stream.size() : end + 2);
        if (!frame.starts_with(':')) reader.frame(frame);
    }
    reader.end();
    return std::move(reader).problem();
}

class ChatReader : public Reader {
  public:
    void frame(std::string_view text) {
        constexpr std::string_view data = "data: ";
        expect(!over_, "something follows the end of the stream");
        expect(text.starts_with(data), "a frame without data");
        expect(text.find('\n') == std::string_view::npos, "a frame of more than one line");
        text.remove_prefix(std::min(data.size(), text.size()));
        if (text == "[DONE]") {
            over_ = true;
            return expect(finished_, "[DONE] without a finish reason");
        }
        json::Document document;
        const auto root = document.parse_view(text);
        if (!root) return complain("data that is no JSON: " + std::string(text));
        if ((*root)["error"]) return error((*root)["error"]);
        chunk(*root);
    }
    void end() { expect(over_, "neither [DONE] nor an error at the end"); }

  private:
    void error(json::Value error) {
        over_ = true;
        expect(!finished_, "an error behind the finish reason");
        for (const std::string_view member : {"message", "type"})
            expect(error[member].is_string(), "an error without message or type");
    }
    void chunk(json::Value root) {
        expect(root["object"].str() == "chat.completion.chunk", "no chunk");
        expect(root["id"].str().starts_with("chatcmpl-"), "an id of another kind");
        const json::Value choices = root["choices"];
        if (choices.size() == 0) {
            return expect(finished_ && root["usage"].is_object(), "no choice and no final usage");
        }
        expect(!finished_, "a choice behind the finish reason");
        expect(choices.size() == 1 && choices.at(0)["index"].integer() == 0, "not one choice, 0");
        delta(choices.at(0)["delta"]);
        finished_ = finished_ || choices.at(0)["finish_reason"].is_string();
    }
    void delta(json::Value delta) {
        const bool begins = delta["role"].str() == "assistant";
        expect(begins != std::exchange(began_, true), "the role is not in the first chunk only");
        for (const json::Value call : delta["tool_calls"].elements()) {
            const bool opens = call["id"].present();
            if (opens) ++calls_;
            expect(call["index"].integer() == calls_ - 1, "a call out of order");
            expect(opens == call["type"].is_string(), "id and type of a call come apart");
            const json::Value made = call["function"] ? call["function"] : call["custom"];
            expect(opens == made["name"].is_string(), "id and name of a call come apart");
        }
    }
    std::int64_t calls_ = 0;
    bool began_ = false;
    bool finished_ = false;
};

struct Texts {
    std::string_view event;   // of which there is .delta and .done
    std::string_view member;  // that holds all of it
};
constexpr std::array<Texts, 5> texts{{{"response.output_text", "text"},
                                      {"response.refusal", "refusal"},
                                      {"response.reasoning_summary_text", "text"},
                                      {"response.function_call_arguments", "arguments"},
                                      {"response.custom_tool_call_input", "input"}}};

class ResponsesReader : public Reader {
  public:
    void frame(std::string_view text) {
        constexpr std::string_view event = "event: ";
        constexpr std::string_view data = "\ndata: ";
        expect(!over_, "something follows the end of the stream");
        const auto middle = text.find(data);
        if (!text.starts_with(event) || middle == std::string_view::npos) {
            return complain("a frame without event and data: " + std::string(text));
        }
        const std::string_view name = text.substr(event.size(), middle - event.size());
        const std::string_view content = text.substr(middle + data.size());
        expect(content.find('\n') == std::string_view::npos, "data in more than one line");
        json::Document document;
        const auto root = document.parse_view(content);
        if (!root) return complain("data that is no JSON: " + std::string(content));
        expect((*root)["type"].str() == name, "event name and type differ");
        expect((*root)["sequence_number"].integer() == number_, "the numbers have a gap");
        read(name, *root);
        ++number_;
    }
    void end() { expect(over_, "no last event"); }

  private:
    void read(std::string_view name, json::Value root) {
        expect((name == "response.created") == (number_ == 0), "created is not the first event");
        if (name == "response.created" || name == "response.in_progress") {
            return expect(root["response"]["status"].str() == "in_progress", "not in progress");
        }
        if (root["response"]) return last(name, root["response"]);
        expect(root["output_index"].integer() == items_, "an item out of order");
        if (name == "response.output_item.added") return item_added(root["item"]);
        if (id_.empty()) return complain(std::string(name) + " outside of an item");
        if (name == "response.output_item.done") return item_done(root["item"]);
        expect(root["item_id"].str() == id_, "an event of another item");
        if (name.ends_with("_part.added") || name.ends_with("_part.done")) {
            return part(name.ends_with(".added"));
        }
        if (name.starts_with("response.web_search_call.")) {
            return expect(type_ == "web_search_call", "a step of no search");
        }
        if (name == "response.output_text.annotation.added") return annotation(root);
        said(name, root);
    }
    void annotation(json::Value root) {
        expect(in_part_ && !whole_, "an annotation of no text");
        expect(root["annotation_index"].integer() == annotations_++, "an annotation out of order");
        const json::Value place = root["annotation"];
        expect(place["type"].str() == "url_citation" && !place["url"].str().empty(), "no page");
        expect(
            place["start_index"].integer().value_or(1) <= place["end_index"].integer().value_or(0),
            "a citation of no part");
    }
    void last(std::string_view name, json::Value response) {
        over_ = true;
        const std::string_view status = response["status"].str();
        expect(name.substr(name.find('.') + 1) == status, "event and status differ");
        if (status == "failed") return expect(response["error"]["code"].is_string(), "no code");
        expect(status == "completed" || status == "incomplete", "no such end");
        expect(id_.empty(), "an item is not done");
        expect(response["output"].raw() == "[" + output_ + "]", "the items are not the output");
    }
    void item_added(json::Value item) {
        expect(id_.empty(), "two items at a time");
        id_ = item["id"].str();
        type_ = item["type"].str();
        expect(!id_.empty(), "an item without id");
    }
    void item_done(json::Value item) {
        expect(item["id"].str() == id_ && item["type"].str() == type_, "another item is done");
        expect(!in_part_, "a part is not done");
        expect(item.raw().find("\"" + text_ + "\"") != std::string_view::npos || text_.empty(),
               "the item does not hold what was said");
        output_.append(output_.empty() ? "" : ",").append(item.raw());
        ++items_;
        id_.clear();
        text_.clear();
        annotations_ = 0;
        whole_ = false;
    }
    void part(bool added) {
        expect(added != in_part_, "parts overlap");
        expect(added || whole_, "a part ends before its text");
        in_part_ = added;
    }
    void said(std::string_view name, json::Value root) {
        const auto* row = std::find_if(texts.begin(), texts.end(), [name](const Texts& each) {
            return name.starts_with(each.event);
        });
        if (row == texts.end()) return complain("no such event: " + std::string(name));
        const bool parts = type_ == "message" || type_ == "reasoning";
        expect(parts == in_part_, "a text outside of a part");
        if (name.ends_with(".delta")) {
            expect(!whole_, "more text behind its end");
            text_ += root["delta"].escaped();
        } else {
            whole_ = true;
            expect(root[row->member].escaped() == text_, "the whole text is another");
        }
    }
    std::string id_;  // of the open item, else empty
    std::string type_;
    std::string text_;    // of the open item, escaped
    std::string output_;  // the items that are done
    std::int64_t number_ = 0;
    std::int64_t items_ = 0;
    std::int64_t annotations_ = 0;  // of the open item
    bool in_part_ = false;
    bool whole_ = false;
};

}  // namespace

std::string problem_of_chat_stream(std::string_view stream) {
    return read_stream<ChatReader>(stream);
}

std::string problem_of_responses_stream(std::string_view stream) {
    return read_stream<ResponsesReader>(stream);
}

}  // namespace ccr::testing
