// SPDX-License-Identifier: MIT
// Requests recorded from a real client, for every provider in the table.
#include <gtest/gtest.h>

#include "tests/testing/request_run.hpp"

namespace ccr::dialect {
namespace {

using testing::RequestRun;

const std::vector<testing::Recorded>& recorded() {
    static const auto all = testing::recorded_requests(CCR_TEST_DATA "/claude-code");
    return all;
}

TEST(RecordedRequests, AreAllFound) {
    EXPECT_GE(recorded().size(), 30U);
}

TEST(RecordedRequests, EncodeCleanlyForEveryProfile) {
    for (const auto& request : recorded()) {
        if (request.path.ends_with("count_tokens")) continue;
        for (const auto& name : testing::provider_names()) {
            RequestRun run(request.body);
            ASSERT_TRUE(run.decoded()) << request.name;
            const Profile profile = *testing::profile_of(name, "gpt-5.2");
            const auto encoded = run.encode_with(profile);
            const bool needs_schema = request.name.starts_with("21-");
            const bool has_pdf = request.name == "08-pdf-read#2";
            if (!encoded) {
                const std::string& why = encoded.error().detail;
                EXPECT_TRUE((has_pdf && !profile.documents &&
                             why == "capability_rejected: document_block") ||
                            (needs_schema && profile.json_output == JsonOutput::none &&
                             why == "capability_rejected: structured_outputs_unsupported"))
                    << request.name << " " << name << ": " << why;
                continue;
            }
            EXPECT_EQ(testing::lint_chat(encoded->body, profile), std::vector<std::string>())
                << request.name << " for " << name;
        }
    }
}

// Two turns of one conversation: what was sent first is a prefix of what is sent next, so that the
// provider finds it in its cache.
TEST(Conformance, Case63_TurnsAreBytePrefixesOfTheNext) {
    const auto body_of = [](const std::string& name) {
        for (const auto& request : recorded())
            if (request.name == name) return request.body;
        return std::string();
    };
    const std::pair<const char*, const char*> turns[] = {
        {"02-bash-loop#1", "02-bash-loop#2"},
        {"03-parallel-tools#1", "03-parallel-tools#2"},
        {"05-thinking-tool#1", "05-thinking-tool#2"},
        {"06-redacted-thinking#1", "06-redacted-thinking#2"},
        {"07-image-read#1", "07-image-read#2"},
        {"10-subagent#2", "10-subagent#3"},
        {"11-toolsearch#1", "11-toolsearch#2"},
        {"12-websearch#2", "12-websearch#4"},
        {"14-sonnet-4-5-old-shape#1", "14-sonnet-4-5-old-shape#2"},
        {"26-mcp-tool#2", "26-mcp-tool#3"},
    };
    for (const auto& [first, second] : turns) {
        for (const auto& name : testing::provider_names()) {
            // Where cache marks are passed on they move with the conversation, by design.
            if (testing::profile_of(name, {})->cache_control) continue;
            RequestRun one(body_of(first));
            RequestRun two(body_of(second));
            const auto* turns_member = name.starts_with("responses:") ? "input"
                                       : name == "gemini-native"      ? "contents"
                                                                      : "messages";
            const std::string before = testing::member(one.body(name, "gpt-5.2"), turns_member);
            const std::string after = testing::member(two.body(name, "gpt-5.2"), turns_member);
            ASSERT_FALSE(before.empty()) << first;
            EXPECT_TRUE(after.starts_with(before.substr(0, before.size() - 1)))
                << first << " for " << name;
        }
    }
}

}  // namespace
}  // namespace ccr::dialect
