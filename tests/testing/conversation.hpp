// SPDX-License-Identifier: MIT
// Conversations and what becomes of them, spelt shortly, for tests of message assembly.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "daemon/dialect/envelope.hpp"
#include "tests/testing/request_run.hpp"

namespace ccr::testing {

// The messages that a conversation becomes.
inline std::string sent(const std::string& messages, std::string_view profile = "openai-compatible",
                        std::string_view model = "m", std::string_view more = {}) {
    RequestRun run(client_body(messages, more));
    const std::string body = run.body(profile, model);
    return body.starts_with("error: ") ? body : compact(member(body, "messages"));
}

inline std::string user(const std::string& content) {
    return R"({"role":"user","content":)" + content + "}";
}
inline std::string assistant(const std::string& content) {
    return R"({"role":"assistant","content":)" + content + "}";
}
inline std::string use(const std::string& id, const std::string& name = "Bash") {
    return R"({"type":"tool_use","id":")" + id + R"(","name":")" + name + R"(","input":{}})";
}
inline std::string result(const std::string& id, const std::string& content) {
    return R"({"type":"tool_result","tool_use_id":")" + id + R"(","content":)" + content + "}";
}
inline std::string call(const std::string& id, const std::string& name = "Bash") {
    return R"({"id":")" + id + R"(","type":"function","function":{"name":")" + name +
           R"(","arguments":"{}"}})";
}
inline std::string tool(const std::string& id, const std::string& text) {
    return R"({"role":"tool","tool_call_id":")" + id + R"(","content":")" + text + R"("})";
}
inline std::string list(std::initializer_list<std::string> items) {
    std::string out = "[";
    for (const std::string& item : items)
        out.append(out.size() > 1 ? "," : "").append(item);
    return out + "]";
}
inline std::string thinking(const std::string& text, const std::string& signature) {
    return R"({"type":"thinking","thinking":")" + text + R"(","signature":")" + signature + R"("})";
}
inline std::string sealed(std::string_view family, std::string_view payload = {}) {
    return dialect::seal(test_envelope_key, family, payload);
}

// One member of the body that a simple request with these members becomes.
inline std::string sent_member(std::string_view key, std::string_view more,
                               std::string_view profile = "openai-compatible",
                               std::string_view model = "m") {
    RequestRun run(simple_body(more));
    const std::string body = run.body(profile, model);
    return body.starts_with("error: ") ? body : compact(member(body, key));
}

}  // namespace ccr::testing
