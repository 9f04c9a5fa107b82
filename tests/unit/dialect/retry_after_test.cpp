// SPDX-License-Identifier: MIT
#include "daemon/dialect/retry_after.hpp"

#include <gtest/gtest.h>

#include "daemon/dialect/classify.hpp"
#include "daemon/dialect/wall_time.hpp"

namespace ccr::dialect {
namespace {

// 2026-11-24 12:00:00 UTC
const WallTime now = *parse_rfc3339("2026-11-24T12:00:00Z");

std::optional<Millis> from_headers(const std::vector<HeaderField>& headers, int status = 429) {
    ClassifyContext context;
    context.now = now;
    return classify(status, headers, R"({"error":{"message":"x"}})", context).retry_after;
}

std::optional<Millis> from_body(std::string_view body) {
    ClassifyContext context;
    context.now = now;
    return classify(429, {}, body, context).retry_after;
}

TEST(Conformance, Case77_EverySpellingOfRetryAfter) {
    EXPECT_EQ(from_headers({{"retry-after-ms", "7660"}, {"retry-after", "99"}}), 7660ms);
    EXPECT_EQ(from_headers({{"Retry-After", "7"}}), 7s);
    EXPECT_EQ(from_headers({{"Retry-After", "7.66"}}), 7660ms);
    EXPECT_EQ(from_headers({{"Retry-After", "Tue, 24 Nov 2026 12:00:30 GMT"}}), 30s);
    EXPECT_EQ(from_headers({{"x-ratelimit-reset-after", "1.5"}}), 1500ms);
    EXPECT_EQ(from_headers({{"x-ratelimit-remaining-requests", "12"},
                            {"x-ratelimit-reset-requests", "6m0s"},
                            {"x-ratelimit-remaining-tokens", "0"},
                            {"x-ratelimit-reset-tokens", "7.66s"}}),
              7660ms);
    EXPECT_EQ(from_headers({{"anthropic-ratelimit-input-tokens-remaining", "0"},
                            {"anthropic-ratelimit-input-tokens-reset", "2026-11-24T12:01:00Z"}}),
              60s);
    EXPECT_EQ(from_headers({{"anthropic-ratelimit-unified-reset", "1795521610"}}), 10s);
    EXPECT_EQ(from_headers({{"X-RateLimit-Reset", "1795521607660"}}), 7660ms);
    EXPECT_EQ(from_body(R"({"error":{"code":429,"message":"x","details":[
        {"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34s"}]}})"),
              34s);
    EXPECT_EQ(from_body(R"({"error":{"code":429,"message":"x","metadata":{"headers":
        {"X-RateLimit-Reset":"1795521607660"}}}})"),
              7660ms);
    EXPECT_EQ(from_body(R"({"error":{"message":"Please try again in 1.2s."}})"), 1200ms);
    EXPECT_EQ(from_body(R"({"error":{"message":"Please try again in 350ms"}})"), 350ms);
    EXPECT_EQ(from_body(R"({"error":{"message":"try again in 2m"}})"), 2min);
    EXPECT_EQ(from_body(R"({"error":{"message":"try again in 1h2m3s"}})"), 1h + 2min + 3s);
    EXPECT_EQ(from_body(R"({"error":{"code":"1308","message":
        "Your limit will reset at 2026-11-24 20:10:00"}})"),
              10min);
}

struct Form {
    const char* what;
    std::vector<HeaderField> headers;
    std::optional<Millis> wait;  // nothing: there is no limit that is used up
};

const Form informational[] = {
    {"requests, duration",
     {{"x-ratelimit-remaining-requests", "0"}, {"x-ratelimit-reset-requests", "6m0s"}},
     6min},
    {"tokens, fraction",
     {{"X-RateLimit-Remaining-Tokens", "0"}, {"X-RateLimit-Reset-Tokens", "1.5s"}},
     1500ms},
    {"milliseconds",
     {{"x-ratelimit-remaining-tokens", "0"}, {"x-ratelimit-reset-tokens", "120ms"}},
     120ms},
    {"plain seconds",
     {{"x-ratelimit-remaining-tokens-minute", "0"}, {"x-ratelimit-reset-tokens-minute", "11.4"}},
     11400ms},
    {"epoch",
     {{"x-ratelimit-remaining-requests", "0"}, {"x-ratelimit-reset-requests", "1795521610"}},
     10s},
    {"epoch in milliseconds, no bucket",
     {{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", "1795521607660"}},
     7660ms},
    {"seconds, no bucket", {{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", "30"}}, 30s},
    {"the draft standard", {{"RateLimit-Remaining", "0"}, {"RateLimit-Reset", "50"}}, 50s},
    {"anthropic requests",
     {{"anthropic-ratelimit-requests-remaining", "0"},
      {"anthropic-ratelimit-requests-reset", "2026-11-24T12:00:20Z"}},
     20s},
    {"anthropic output tokens",
     {{"anthropic-ratelimit-output-tokens-remaining", "0"},
      {"anthropic-ratelimit-output-tokens-reset", "2026-11-24T12:01:00Z"}},
     60s},
    {"unified",
     {{"anthropic-ratelimit-unified-status", "rejected"},
      {"anthropic-ratelimit-unified-reset", "1795521660"}},
     60s},
    {"unified, remaining",
     {{"anthropic-ratelimit-unified-remaining", "0"},
      {"anthropic-ratelimit-unified-reset", "1795521660"}},
     60s},
    {"unified, the window that is used up",
     {{"anthropic-ratelimit-unified-5h-status", "rejected"},
      {"anthropic-ratelimit-unified-5h-reset", "1795525200"},
      {"anthropic-ratelimit-unified-7d-status", "allowed"},
      {"anthropic-ratelimit-unified-7d-reset", "1795780800"}},
     1h},
    {"the longest of several",
     {{"x-ratelimit-remaining-requests", "0"},
      {"x-ratelimit-reset-requests", "2s"},
      {"x-ratelimit-remaining-tokens", "0"},
      {"x-ratelimit-reset-tokens", "9s"}},
     9s},
    {"unified, paid for beyond",
     {{"anthropic-ratelimit-unified-status", "rejected"},
      {"anthropic-ratelimit-unified-reset", "1795521660"},
      {"anthropic-ratelimit-unified-overage-status", "allowed"}},
     std::nullopt},
    {"unified, a warning",
     {{"anthropic-ratelimit-unified-status", "allowed_warning"},
      {"anthropic-ratelimit-unified-reset", "1795521660"}},
     std::nullopt},
    {"unified, no overage",
     {{"anthropic-ratelimit-unified-status", "allowed"},
      {"anthropic-ratelimit-unified-reset", "1795521660"},
      {"anthropic-ratelimit-unified-overage-status", "rejected"},
      {"anthropic-ratelimit-unified-overage-reset", "1795780800"}},
     std::nullopt},
    {"something remains",
     {{"x-ratelimit-remaining-tokens", "9"}, {"x-ratelimit-reset-tokens", "5s"}},
     std::nullopt},
    {"nobody knows until when", {{"x-ratelimit-remaining-tokens", "0"}}, std::nullopt},
    {"a time that is none",
     {{"x-ratelimit-remaining-tokens", "0"}, {"x-ratelimit-reset-tokens", "soon"}},
     std::nullopt},
};

TEST(RetryAfter, LimitsThatAreUsedUpAreToldByAnyAnswer) {
    for (const Form& form : informational) {
        EXPECT_EQ(read_exhausted(form.headers, now), form.wait) << form.what;
        if (form.wait) EXPECT_EQ(from_headers(form.headers), form.wait) << form.what;
    }
}

TEST(RetryAfter, IsClampedToADay) {
    EXPECT_EQ(from_headers({{"retry-after", "-5"}}), 0s);
    EXPECT_EQ(from_headers({{"retry-after", "900000"}}), 24h);
    EXPECT_EQ(from_headers({{"retry-after", "1e300"}}), 24h);
    EXPECT_EQ(from_headers({{"retry-after", "Tue, 24 Nov 2026 11:00:00 GMT"}}), 0s);
}

TEST(RetryAfter, NonsenseIsNoWait) {
    for (const std::string_view value : {"", "soon", "nan", "inf", "Tue, 99 Foo 2026 12:00:30 GMT"})
        EXPECT_EQ(from_headers({{"retry-after", value}}), std::nullopt) << value;
    EXPECT_EQ(from_body(R"({"error":{"message":"try again in a while"}})"), std::nullopt);
}

TEST(RetryAfter, HeadersOfEveryReplyCountOnlyForLimits) {
    const std::vector<HeaderField> headers{{"x-ratelimit-remaining-tokens", "0"},
                                           {"x-ratelimit-reset-tokens", "5s"}};
    EXPECT_EQ(from_headers(headers, 429), 5s);
    EXPECT_EQ(from_headers(headers, 500), std::nullopt);
    EXPECT_EQ(
        from_headers({{"x-ratelimit-remaining-tokens", "9"}, {"x-ratelimit-reset-tokens", "5s"}}),
        std::nullopt);
}

TEST(WallTime, ReadsDatesWithOffsets) {
    EXPECT_EQ(parse_rfc3339("2026-11-24T13:30:00.250+01:30"), now);
    EXPECT_EQ(parse_rfc3339("2026-11-24T10:00:00-02:00"), now);
    EXPECT_EQ(parse_rfc3339("2026-11-24 12:00:00Z"), std::nullopt);
    EXPECT_EQ(parse_rfc3339("2026-02-30T12:00:00Z"), std::nullopt);
}

}  // namespace
}  // namespace ccr::dialect
