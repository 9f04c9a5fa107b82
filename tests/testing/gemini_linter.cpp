// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>

#include "tests/testing/request_run.hpp"

namespace ccr::testing {
namespace {

// Collects what Google would answer with a 400 for.
class GeminiLinter {
  public:
    std::vector<std::string> run(json::Value body) {
        constexpr std::array<std::string_view, 5> known{"contents", "systemInstruction", "tools",
                                                        "toolConfig", "generationConfig"};
        for (const json::Member member : body.members()) {
            const bool found =
                std::find(known.begin(), known.end(), member.key.str()) != known.end();
            if (!found) complain("unknown member " + std::string(member.key.str()));
        }
        std::string_view role = "user";
        for (const json::Value content : body["contents"].elements()) {
            if (content["role"].str() != role) complain("roles do not alternate");
            role = content["role"].str() == "user" ? "model" : "user";
            this->content(content);
        }
        if (body["contents"].size() == 0) complain("no contents");
        if (role != "model") complain("the last content is not the user's");
        if (!calls_.empty()) complain("a call is left open");
        tools(body);
        return std::move(complaints_);
    }

  private:
    void complain(std::string what) { complaints_.push_back(std::move(what)); }

    void content(json::Value content) {
        std::vector<std::string> answered;
        std::vector<std::string> calls;
        if (content["parts"].size() == 0) complain("a content without parts");
        for (const json::Value part : content["parts"].elements()) {
            this->part(part);
            if (part["functionResponse"]) {
                answered.emplace_back(part["functionResponse"]["name"].str());
            }
            if (part["functionCall"]) calls.emplace_back(part["functionCall"]["name"].str());
        }
        if (answered != calls_) complain("responses do not match the calls before them");
        calls_ = std::move(calls);
    }

    void part(json::Value part) {
        int kinds = 0;
        for (const json::Member member : part.members()) {
            const std::string_view key = member.key.str();
            if (key != "thoughtSignature") ++kinds;
            if (key == "text" && member.value.str().empty()) complain("an empty text");
            if (key == "inlineData" && member.value["data"].str().empty()) complain("no data");
            if (key == "functionCall" && !member.value["args"].is_object()) complain("no args");
            if (key == "functionResponse" && !member.value["response"].is_object()) {
                complain("no response");
            }
        }
        if (kinds != 1) complain("a part of several kinds");
    }

    void tools(json::Value body) {
        bool functions = false;
        for (const json::Value tool : body["tools"].elements()) {
            for (const json::Value declared : tool["functionDeclarations"].elements()) {
                functions = true;
                const std::string_view name = declared["name"].str();
                const bool begins = !name.empty() && name.front() != '-' &&
                                    (name.front() < '0' || name.front() > '9');
                if (!begins || name.size() > 64) complain("a name like " + std::string(name));
                const json::Value schema = declared["parametersJsonSchema"];
                if (schema && schema["type"].str() != "object") complain("a schema of no object");
            }
        }
        if (body["toolConfig"] && !functions) complain("toolConfig without functions");
    }

    std::vector<std::string> complaints_;
    std::vector<std::string> calls_;  // of the content before
};

}  // namespace

std::vector<std::string> lint_gemini(std::string_view body) {
    json::Document document;
    const auto root = document.parse_view(body);
    if (!root) return {"not JSON"};
    return GeminiLinter().run(*root);
}

}  // namespace ccr::testing
