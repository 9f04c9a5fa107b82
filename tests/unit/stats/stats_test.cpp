// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "common/json.hpp"
#include "daemon/stats/book.hpp"
#include "daemon/stats/report.hpp"
#include "daemon/stats/usage_delta.hpp"

namespace ccr::stats {
namespace {

using namespace std::chrono_literals;

chat::Usage tokens(std::int64_t input, std::int64_t output) {
    chat::Usage usage;
    usage.input_tokens = input;
    usage.output_tokens = output;
    return usage;
}

struct Fixture : ::testing::Test {
    Fixture() {
        fast = book.slot({"alpha", "fast"});
        slow = book.slot({"beta", "slow"});
        aside = book.slot({"beta", "aside"});
    }
    void serve(std::size_t loop, Slot slot, Duration total = 2s, Duration first = 300ms) {
        AttemptEnd end;
        end.where.slot = slot;
        end.upstream_status = 200;
        end.usage = tokens(10, 5);
        book.shard(loop).attempt(end);
        book.shard(loop).turn({{slot}, total, first, total / 1000});
    }
    void fail(std::size_t loop, Slot slot, Reason reason, int status = 0) {
        AttemptEnd end;
        end.where.slot = slot;
        end.failure = reason;
        end.upstream_status = status;
        book.shard(loop).attempt(end);
    }
    Moment moment() {
        Moment now;
        now.totals = book.totals();
        now.tiers = {{"tier-1", fast, {"alpha", "fast"}}, {"tier-2", slow, {"beta", "slow"}}};
        return now;
    }
    json::Value usage_report(GroupBy by = GroupBy::tier) {
        UsageHistory history;
        history.since = 1'000'000;
        for (const auto& entry : UsageDelta(book).read())
            history.lines.push_back({entry.target, std::string(entry.route), entry.row});
        text = usage(history, by, moment().tiers, 0);
        auto parsed = document.parse_view(text);
        EXPECT_TRUE(parsed) << text;
        return document.root();
    }

    Book book{3};
    Slot fast = 0, slow = 0, aside = 0;
    json::Document document;
    std::string text;
};

using Stats = Fixture;

bool has_line(const std::string& page, const std::string& line) {
    return ("\n" + page).find("\n" + line + "\n") != std::string::npos;
}

TEST_F(Stats, AddsUpWhatEveryLoopCounted) {
    serve(0, fast);
    serve(1, fast);
    serve(2, fast);
    fail(1, fast, Reason::timeout);
    const auto totals = book.totals();
    EXPECT_EQ(totals.targets[fast].row[field::requests], 3U);
    EXPECT_EQ(totals.targets[fast].row[field::input_tokens], 30U);
    EXPECT_EQ(totals.targets[fast].row[field::failed], 1U);
    EXPECT_EQ(totals.targets[slow].row, Row{});
}

TEST_F(Stats, AnAttemptIsEitherServedOrFailed) {
    serve(0, fast);
    fail(0, fast, Reason::reset, 200);
    const auto row = book.totals().targets[fast].row;
    EXPECT_EQ(row[field::requests], 1U);
    EXPECT_EQ(row[field::failures + static_cast<std::size_t>(Reason::reset)], 1U);
    EXPECT_EQ(row[field::responses], 2U);
}

TEST_F(Stats, NegativeCountsOfAProviderDoNotTurnACounterBack) {
    AttemptEnd end;
    end.where.slot = fast;
    end.usage = tokens(-5, -7);
    book.shard(0).attempt(end);
    EXPECT_EQ(book.totals().targets[fast].row[field::input_tokens], 0U);
    EXPECT_EQ(book.totals().targets[fast].row[field::output_tokens], 0U);
}

TEST_F(Stats, AFallbackCountsAtBothEnds) {
    AttemptEnd end;
    end.where.slot = slow;
    end.fallback_from = fast;
    end.fallback_reason = Reason::overloaded;
    book.shard(0).attempt(end);
    const auto totals = book.totals();
    EXPECT_EQ(totals.targets[fast].row[field::fallbacks_from], 1U);
    EXPECT_EQ(totals.fallbacks.at({fast, slow, Reason::overloaded}), 1U);
    const auto page = metrics(moment(), "1", Format::prometheus_text);
    EXPECT_TRUE(
        has_line(page, R"(ccr_fallbacks_total{from="tier-1",to="tier-2",reason="overloaded"} 1)"));
}

TEST_F(Stats, ATargetKeepsItsSlotAndSlotsAreBounded) {
    EXPECT_EQ(book.slot({"alpha", "fast"}), fast);
    Slot last = 0;
    for (int i = 0; i < 5000; ++i)
        last = book.slot({"many", std::to_string(i)});
    EXPECT_EQ(last, max_slots - 1);
    EXPECT_EQ(book.totals().targets.size(), max_slots);
}

TEST_F(Stats, EveryTierIsThereFromTheStartWithZeros) {
    const auto page = metrics(moment(), "1.2.3", Format::prometheus_text);
    for (const std::string tier : {"tier-1", "tier-2"}) {
        EXPECT_TRUE(has_line(page, "ccr_requests_total{tier=\"" + tier + "\"} 0"));
        EXPECT_TRUE(has_line(page, "ccr_input_tokens_total{tier=\"" + tier + "\"} 0"));
        EXPECT_TRUE(has_line(page, "ccr_output_tokens_total{tier=\"" + tier + "\"} 0"));
        EXPECT_TRUE(has_line(page, "ccr_request_duration_seconds_count{tier=\"" + tier + "\"} 0"));
        for (const auto reason : reason_names) {
            EXPECT_TRUE(has_line(page, "ccr_failures_total{tier=\"" + tier + "\",reason=\"" +
                                           std::string(reason) + "\"} 0"));
        }
    }
    EXPECT_TRUE(has_line(page, "ccr_active_streams 0"));
    EXPECT_TRUE(has_line(page, R"(ccr_tier_info{tier="tier-2",provider="beta",model="slow"} 1)"));
    EXPECT_EQ(page.find("tier=\"other\""), std::string::npos);
}

TEST_F(Stats, TargetsOutsideTheTableShareOneLabel) {
    serve(0, aside);
    const auto page = metrics(moment(), "1", Format::prometheus_text);
    EXPECT_TRUE(has_line(page, R"(ccr_requests_total{tier="other"} 1)"));
}

TEST_F(Stats, BucketsAreCumulativeAndCloseWithInfinity) {
    serve(0, fast, 100ms);  // a bound belongs to its bucket
    serve(0, fast, 2s);
    serve(0, fast, 1h);
    const auto page = metrics(moment(), "1", Format::prometheus_text);
    const std::string head = R"(ccr_request_duration_seconds_bucket{tier="tier-1",le=")";
    EXPECT_TRUE(has_line(page, head + R"(0.1"} 1)"));
    EXPECT_TRUE(has_line(page, head + R"(1.0"} 1)"));
    EXPECT_TRUE(has_line(page, head + R"(2.5"} 2)"));
    EXPECT_TRUE(has_line(page, head + R"(600.0"} 2)"));
    EXPECT_TRUE(has_line(page, head + R"(+Inf"} 3)"));
    EXPECT_TRUE(has_line(page, R"(ccr_request_duration_seconds_count{tier="tier-1"} 3)"));
    EXPECT_TRUE(has_line(page, R"(ccr_request_duration_seconds_sum{tier="tier-1"} 3602.1)"));
}

TEST_F(Stats, OpenMetricsPutsTotalIntoTheSampleAndEndsWithEof) {
    serve(0, fast);
    const auto page = metrics(moment(), "1", Format::open_metrics);
    EXPECT_TRUE(has_line(page, "# TYPE ccr_requests counter"));
    EXPECT_TRUE(has_line(page, R"(ccr_requests_total{tier="tier-1"} 1)"));
    EXPECT_TRUE(has_line(page, "# TYPE ccr_tier info"));
    EXPECT_TRUE(page.ends_with("\n# EOF\n"));
    const auto old = metrics(moment(), "1", Format::prometheus_text);
    EXPECT_TRUE(has_line(old, "# TYPE ccr_requests_total counter"));
    EXPECT_TRUE(has_line(old, "# TYPE ccr_tier_info gauge"));
    EXPECT_EQ(old.find("# EOF"), std::string::npos);
}

TEST_F(Stats, UsageSumsTokensAndSaysThatTheCostIsUnknown) {
    serve(0, fast, 2s);
    serve(1, fast, 4s);
    fail(0, slow, Reason::reset);
    serve(0, aside);
    const auto report = usage_report();
    EXPECT_EQ(report["since"].integer(), 1'000'000);
    EXPECT_EQ(report["total_requests"].integer(), 3);
    EXPECT_EQ(report["total_failures"].integer(), 1);
    EXPECT_EQ(report["total_input_tokens"].integer(), 30);
    EXPECT_EQ(report["total_cost_usd"].type(), json::Type::null);
    EXPECT_FALSE(report["cost_complete"].boolean(true));
    ASSERT_EQ(report["tiers"].size(), 3U);
    EXPECT_EQ(report["tiers"].at(0)["avg_duration_seconds"].number(), 3.0);
    EXPECT_EQ(report["tiers"].at(1)["failures"].integer(), 1);
    EXPECT_EQ(report["tiers"].at(1)["avg_duration_seconds"].type(), json::Type::null);
    EXPECT_EQ(report["tiers"].at(2)["tier"].str(), "other");
    EXPECT_EQ(usage_report(GroupBy::model)["tiers"].at(2)["model"].str(), "aside");
}

TEST_F(Stats, UsageByRouteHasARowForEachAndNoTier) {
    AttemptEnd end;
    end.where = {fast, no_preset, route_index("think")};
    end.usage = tokens(7, 3);
    book.shard(0).attempt(end);
    const auto report = usage_report(GroupBy::route);
    EXPECT_EQ(report["by"].str(), "route");
    ASSERT_EQ(report["tiers"].size(), 1U);
    EXPECT_EQ(report["tiers"].at(0)["route"].str(), "think");
    EXPECT_EQ(report["tiers"].at(0)["provider"].str(), "*");
    EXPECT_EQ(report["tiers"].at(0)["input_tokens"].integer(), 7);
}

TEST_F(Stats, ACostIsWhatTheProviderSaysElseCalculatedElseUnknown) {
    const Price price{{2, 10, 0.5, std::nullopt, std::nullopt}, {}};
    AttemptEnd end;
    end.where.slot = fast;
    end.usage = tokens(1'000'000, 100'000);
    end.price = &price;
    book.shard(0).attempt(end);  // 2 + 1
    end.where.slot = slow;
    end.usage.cost_usd = 0.25;
    book.shard(0).attempt(end);
    auto report = usage_report();
    EXPECT_EQ(report["tiers"].at(0)["cost_usd"].number(), 3.0);
    EXPECT_TRUE(report["tiers"].at(0)["cost_estimated"].boolean());
    EXPECT_EQ(report["tiers"].at(1)["cost_usd"].number(), 0.25);
    EXPECT_FALSE(report["tiers"].at(1)["cost_estimated"].boolean(true));
    EXPECT_EQ(report["total_cost_usd"].number(), 3.25);
    EXPECT_TRUE(report["cost_complete"].boolean());
    serve(0, slow);
    report = usage_report();
    EXPECT_EQ(report["tiers"].at(1)["unpriced_requests"].integer(), 1);
    EXPECT_EQ(report["total_cost_usd"].number(), 3.25);
    EXPECT_FALSE(report["cost_complete"].boolean(true));
    const auto page = metrics(moment(), "1", Format::prometheus_text);
    EXPECT_TRUE(has_line(page, R"(ccr_cost_usd_total{tier="tier-1"} 3.0)") ||
                has_line(page, R"(ccr_cost_usd_total{tier="tier-1"} 3)"));
    EXPECT_TRUE(has_line(page, R"(ccr_unpriced_requests_total{tier="tier-2"} 1)"));
}

TEST_F(Stats, ARefusalCostsNothing) {
    fail(0, fast, Reason::rate_limited, 429);
    const auto report = usage_report();
    EXPECT_EQ(report["tiers"].at(0)["unpriced_requests"].integer(), 0);
    EXPECT_EQ(report["tiers"].at(0)["cost_usd"].number(), 0.0);
    EXPECT_TRUE(report["cost_complete"].boolean());
}

TEST_F(Stats, ADeltaIsGivenUntilItIsWritten) {
    UsageDelta delta(book);
    EXPECT_TRUE(delta.read().empty());
    serve(0, fast);
    serve(1, fast);
    ASSERT_EQ(delta.read().size(), 1U);
    serve(2, fast);
    auto entries = delta.read();
    ASSERT_EQ(entries.size(), 1U);
    EXPECT_EQ(entries[0].target, (TargetName{"alpha", "fast"}));
    EXPECT_EQ(entries[0].row[field::requests], 3U);
    delta.written();
    EXPECT_TRUE(delta.read().empty());
    fail(0, slow, Reason::reset);
    entries = delta.read();
    ASSERT_EQ(entries.size(), 1U);
    EXPECT_EQ(entries[0].row[field::failed], 1U);
    EXPECT_EQ(entries[0].row[field::requests], 0U);
}

TEST_F(Stats, CombinationsAreBoundedAndNothingIsLost) {
    AttemptEnd end;
    for (unsigned i = 0; i < 6000; ++i) {
        end.where = {static_cast<Slot>(i % 3), static_cast<Preset>(i / 3), route_index("default")};
        book.shard(0).attempt(end);
    }
    EXPECT_EQ(book.shard(0).cell_count(), Shard::max_cells);
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < Shard::max_cells; ++i)
        sum += book.shard(0).cell_row(i)[field::requests];
    EXPECT_EQ(sum, 6000U);
}

TEST_F(Stats, AttemptsUnderWayAreActiveConnections) {
    book.shard(0).attempt_started(fast);
    book.shard(1).attempt_started(fast);
    serve(0, fast);
    auto now = moment();
    now.idle_by_tier = {5, 0};
    const auto page = metrics(now, "1", Format::prometheus_text);
    EXPECT_TRUE(has_line(page, R"(ccr_upstream_connections{tier="tier-1",state="active"} 1)"));
    EXPECT_TRUE(has_line(page, R"(ccr_upstream_connections{tier="tier-1",state="idle"} 5)"));
    EXPECT_TRUE(has_line(page, R"(ccr_upstream_connections{tier="tier-2",state="active"} 0)"));
}

TEST_F(Stats, WarningsAreCountedByFieldAndFieldsAreBounded) {
    book.shard(0).warning("top_k");
    book.shard(1).warning("top_k");
    for (int i = 0; i < 200; ++i)
        book.shard(0).warning("tools.odd" + std::to_string(i));
    book.shard(0).warning(std::string(1000, 'x'));
    const auto totals = book.totals();
    EXPECT_EQ(totals.warnings.at("top_k"), 2U);
    EXPECT_LE(totals.warnings.size(), Shard::max_warnings + 1);
    EXPECT_EQ(totals.warnings.at("other"), 200 - (Shard::max_warnings - 1) + 1);
    EXPECT_TRUE(has_line(metrics(moment(), "1", Format::prometheus_text),
                         R"(ccr_translation_warnings_total{field="top_k"} 2)"));
}

struct QuestionCase {
    std::string since;
    std::optional<std::int64_t> seconds;  // nothing: refused
};

TEST(UsageQuestion, SinceIsASpanATimeOrSeconds) {
    constexpr std::int64_t now = 1'800'000'000;
    const std::vector<QuestionCase> cases{
        {"24h", now - 86'400},
        {"7d", now - 604'800},
        {"90m", now - 5'400},
        {"30s", now - 30},
        {"2w", now - 1'209'600},
        {"0h", now},
        {"2026-11-24T12:00:00Z", 1'795'521'600},
        {"2026-11-24T13:00:00+01:00", 1'795'521'600},
        {"2026-11-24", 1'795'478'400},
        {"1795521600", 1'795'521'600},
        {"1795521600000", 1'795'521'600},
        {"", {}},
        {"h", {}},
        {"-5h", {}},
        {"5y", {}},
        {"yesterday", {}},
        {"99999999999999999999h", {}},
        {"9999999999h", {}},
        {"-1", {}},
        {"2026-13-24", {}},
    };
    for (const auto& each : cases) {
        const auto question = read_question(each.since, std::nullopt, now);
        ASSERT_EQ(question.has_value(), each.seconds.has_value()) << each.since;
        if (question) EXPECT_EQ(question->since, each.seconds) << each.since;
    }
    EXPECT_FALSE(read_question({}, "month", now));
    EXPECT_EQ(read_question({}, "day", now)->by, GroupBy::day);
    EXPECT_FALSE(read_question({}, {}, now)->since);
}

TEST_F(Stats, LatenciesKeepTheRankAndLeaveOutWhatIsNotKnown) {
    TargetHealth known;
    known.tier = "tier-2";
    known.name = {"beta", "slow"};
    known.ttft_seconds = 0.25;
    known.samples = 4;
    known.state = "healthy";
    TargetHealth unknown;
    unknown.tier = "tier-1";
    text = latencies({known, unknown});
    ASSERT_TRUE(document.parse_view(text));
    const auto report = document.root();
    EXPECT_EQ(report.at(0)["tier"].str(), "tier-2");
    EXPECT_EQ(report.at(0)["rank"].integer(), 1);
    EXPECT_EQ(report.at(0)["ttft_ewma_seconds"].number(), 0.25);
    EXPECT_EQ(report.at(1)["ttft_ewma_seconds"].type(), json::Type::null);
    EXPECT_EQ(report.at(1)["state"].str(), "unknown");
    EXPECT_EQ(report.at(1)["rank"].integer(), 2);
}

}  // namespace
}  // namespace ccr::stats
