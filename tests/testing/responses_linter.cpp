// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <utility>

#include "tests/testing/request_run.hpp"

namespace ccr::testing {
namespace {

// Collects what OpenAI would answer with a 400 for.
class ResponsesLinter {
  public:
    std::vector<std::string> run(json::Value body) {
        constexpr std::array<std::string_view, 18> known{"model",        "input",
                                                         "tools",        "tool_choice",
                                                         "store",        "include",
                                                         "stream",       "parallel_tool_calls",
                                                         "reasoning",    "text",
                                                         "temperature",  "top_p",
                                                         "user",         "max_output_tokens",
                                                         "metadata",     "prompt_cache_key",
                                                         "service_tier", "safety_identifier"};
        for (const json::Member member : body.members()) {
            if (std::find(known.begin(), known.end(), member.key.str()) == known.end()) {
                complain("unknown member " + std::string(member.key.str()));
            }
        }
        if (body["store"].boolean(true)) complain("stored");
        const auto limit = body["max_output_tokens"].integer();
        if (limit && *limit < 16) complain("max_output_tokens below 16");
        if (body["input"].size() == 0) complain("no input");
        for (const json::Value item : body["input"].elements())
            this->item(item);
        if (after_reasoning_) complain("reasoning without what follows it");
        if (!open_.empty()) complain("a call without an output");
        tools(body);
        return std::move(complaints_);
    }

  private:
    void complain(std::string what) { complaints_.push_back(std::move(what)); }

    void item(json::Value item) {
        const std::string_view type = item["type"].str();
        const bool output = type == "function_call" || item["role"].str() == "assistant";
        if (std::exchange(after_reasoning_, false) && !output && type != "reasoning") {
            complain("reasoning without what follows it");
        }
        if (type != "function_call_output" && type != "function_call" && !open_.empty()) {
            complain("something between calls and outputs");
        }
        if (type == "message") return message(item);
        if (type == "reasoning") return reasoning(item);
        if (type == "function_call") return call(item);
        if (type == "function_call_output") return output_of_call(item);
        complain("an item of type " + std::string(type));
    }

    void message(json::Value item) {
        const std::string_view role = item["role"].str();
        if (role != "user" && role != "assistant" && role != "developer") {
            complain("a role like " + std::string(role));
        }
        parts(item["content"], role == "assistant");
    }

    void parts(json::Value content, bool assistant) {
        if (content.size() == 0) complain("no content");
        for (const json::Value part : content.elements()) {
            const std::string_view type = part["type"].str();
            const bool text = type == "input_text" || type == "output_text";
            if (text && part["text"].str().empty()) complain("an empty text");
            if (type == "input_image" && !part["image_url"].is_string() &&
                !part["file_id"].is_string()) {
                complain("an image without an image");
            }
            if (type == "input_file" && !part["file_data"].is_string() &&
                !part["file_url"].is_string() && !part["file_id"].is_string()) {
                complain("a file without data");
            }
            const bool fits =
                assistant ? type == "output_text"
                          : type == "input_text" || type == "input_image" || type == "input_file";
            if (!fits) complain("a part of type " + std::string(type));
        }
    }

    void reasoning(json::Value item) {
        if (!item["summary"].is_array()) complain("reasoning without a summary");
        if (item["encrypted_content"].str().empty()) complain("reasoning of nothing");
        if (item["id"] && item["id"].str().empty()) complain("an empty id");
        after_reasoning_ = true;
    }

    void call(json::Value item) {
        const std::string id(item["call_id"].str());
        if (id.empty() || id.size() > 64) complain("a call_id like " + id);
        if (item["name"].str().empty()) complain("a call without a name");
        json::Document arguments;
        const auto parsed = arguments.parse_view(item["arguments"].str());
        if (!parsed || !parsed->is_object()) complain("arguments that are no object");
        open_.push_back(id);
    }

    void output_of_call(json::Value item) {
        const auto call = std::find(open_.begin(), open_.end(), item["call_id"].str());
        if (call == open_.end()) return complain("an output without a call");
        open_.erase(call);
        if (!item["output"].is_string()) parts(item["output"], false);
    }

    void tools(json::Value body) {
        for (const json::Value tool : body["tools"].elements()) {
            const std::string_view type = tool["type"].str();
            if (type == "web_search") continue;
            if (type != "function") complain("a tool of type " + std::string(type));
            if (tool["name"].str().empty() || tool["name"].str().size() > 64) {
                complain("a name like " + std::string(tool["name"].str()));
            }
            if (tool["strict"].raw() != "true" && tool["strict"].raw() != "false") {
                complain("strict is not said");
            }
            if (tool["parameters"]["type"].str() != "object") complain("a schema of no object");
        }
        if (body["tool_choice"] && body["tools"].size() == 0) complain("a choice without tools");
    }

    std::vector<std::string> complaints_;
    std::vector<std::string> open_;  // calls without an output so far
    bool after_reasoning_ = false;
};

}  // namespace

std::vector<std::string> lint_responses(std::string_view body) {
    json::Document document;
    const auto root = document.parse_view(body);
    if (!root) return {"not JSON"};
    return ResponsesLinter().run(*root);
}

}  // namespace ccr::testing
