// SPDX-License-Identifier: MIT
#include <algorithm>

#include "daemon/stats/report.hpp"

namespace ccr::stats {
namespace {

struct TierRow {
    std::string_view label;
    Row row{};
};

std::string_view label_of(const std::vector<Tier>& tiers, Slot slot) {
    const auto at = std::find_if(tiers.begin(), tiers.end(),
                                 [slot](const Tier& tier) { return tier.slot == slot; });
    return at == tiers.end() ? other_tier : std::string_view(at->label);
}

// One row for each tier, whether anything happened there or not, and one for all else if it did.
std::vector<TierRow> by_tier(const Moment& moment) {
    std::vector<TierRow> rows;
    rows.reserve(moment.tiers.size() + 1);
    for (const auto& tier : moment.tiers)
        rows.push_back({tier.label, moment.totals.targets[tier.slot].row});
    Row rest{};
    for (std::size_t i = 0; i < moment.totals.targets.size(); ++i) {
        const bool in_table = label_of(moment.tiers, static_cast<Slot>(i)) != other_tier;
        if (!in_table) add(rest, moment.totals.targets[i].row);
    }
    if (rest != Row{}) rows.push_back({other_tier, rest});
    return rows;
}

class Page {
  public:
    Page(const Moment& moment, Format format)
        : moment_(moment), tiers_(by_tier(moment)), out_(format) {}

    void traffic();
    void upstream();
    void connections();
    void health();
    void router(std::string_view version);
    void process();
    std::string finish() { return out_.finish(); }

  private:
    void per_tier(std::string_view name, std::string_view help, std::size_t field) {
        out_.family(Kind::counter, name, help);
        for (const auto& tier : tiers_)
            out_.sample({{"tier", tier.label}}, tier.row[field]);
    }
    template <std::size_t N>
    void histogram(std::string_view name, std::string_view help,
                   const std::array<double, N>& bounds, std::size_t first, std::size_t sum) {
        out_.family(Kind::histogram, name, help);
        for (const auto& tier : tiers_) {
            const std::span<const std::uint64_t> counts(&tier.row[first], N + 1);
            out_.histogram({"tier", tier.label}, bounds, counts,
                           static_cast<double>(tier.row[sum]) / 1e9);
        }
    }
    void gauge(std::string_view name, std::string_view help, std::uint64_t value) {
        out_.family(Kind::gauge, name, help);
        out_.sample({}, value);
    }

    const Moment& moment_;
    std::vector<TierRow> tiers_;
    Exposition out_;
};

void Page::traffic() {
    per_tier("ccr_requests", "Requests answered by a tier, to the last byte.", field::requests);
    histogram("ccr_request_duration_seconds", "Time from a request's arrival to its last byte.",
              duration_bounds, field::durations, field::duration_sum);
    out_.family(Kind::counter, "ccr_failures", "Attempts at a tier that failed, by reason.");
    for (const auto& tier : tiers_) {
        for (std::size_t i = 0; i < reason_names.size(); ++i) {
            out_.sample({{"tier", tier.label}, {"reason", reason_names[i]}},
                        tier.row[field::failures + i]);
        }
    }
    gauge("ccr_active_streams", "Requests in flight.", moment_.active_streams);
    per_tier("ccr_input_tokens", "Input tokens, neither read from nor written to a cache.",
             field::input_tokens);
    per_tier("ccr_output_tokens", "Output tokens.", field::output_tokens);
    per_tier("ccr_cache_read_tokens", "Input tokens read from a provider's prompt cache.",
             field::cache_read_tokens);
    per_tier("ccr_cache_creation_tokens", "Input tokens written to a provider's prompt cache.",
             field::cache_creation_tokens);
    histogram("ccr_ttft_seconds", "Time from a request's arrival to its first content.",
              ttft_bounds, field::ttfts, field::ttft_sum);
    histogram("ccr_overhead_seconds",
              "Time of a request that was not spent waiting for the provider.", overhead_bounds,
              field::overheads, field::overhead_sum);
    out_.family(Kind::counter, "ccr_cost_usd", "USD spent, as far as it is known.");
    for (const auto& tier : tiers_) {
        out_.sample({{"tier", tier.label}},
                    static_cast<double>(tier.row[field::cost]) / nano_per_usd);
    }
    per_tier("ccr_unpriced_requests", "Requests whose cost is not known.", field::unpriced);
}

void Page::connections() {
    gauge("ccr_upstream_idle_connections", "Connections to providers kept for reuse.",
          moment_.idle_connections);
    out_.family(Kind::gauge, "ccr_upstream_connections",
                "Connections to a tier's provider: active, of requests to the tier; idle, kept "
                "for all tiers of the provider.");
    for (std::size_t i = 0; i < tiers_.size(); ++i) {
        const TierRow& tier = tiers_[i];
        const std::uint64_t ended = tier.row[field::requests] + tier.row[field::failed];
        // The loops count on while they are read.
        const std::uint64_t started = std::max(tier.row[field::started], ended);
        out_.sample({{"tier", tier.label}, {"state", "active"}}, started - ended);
        if (i >= moment_.idle_by_tier.size()) continue;
        out_.sample({{"tier", tier.label}, {"state", "idle"}}, moment_.idle_by_tier[i]);
    }
    out_.family(Kind::counter, "ccr_upstream_connection_uses",
                "What requests to providers were sent on: new connections, kept ones, new ones in "
                "place of kept ones that were dead.");
    out_.sample({{"kind", "dialed"}}, moment_.dialed);
    out_.sample({{"kind", "reused"}}, moment_.reused);
    // A request that was sent a second time, for its kept connection was dead, is one attempt.
    out_.sample({{"kind", "replaced"}}, moment_.replaced);
}

void Page::upstream() {
    out_.family(Kind::info, "ccr_tier", "Which provider and model a tier is.");
    for (const auto& tier : moment_.tiers) {
        out_.sample(
            {{"tier", tier.label}, {"provider", tier.name.provider}, {"model", tier.name.model}},
            std::uint64_t{1});
    }
    per_tier("ccr_retries", "Attempts that repeated one at the same tier.", field::retries);
    out_.family(Kind::counter, "ccr_fallbacks", "Requests that went on to another tier.");
    for (const auto& [key, count] : moment_.totals.fallbacks) {
        out_.sample({{"from", label_of(moment_.tiers, key.from)},
                     {"to", label_of(moment_.tiers, key.to)},
                     {"reason", name(key.reason)}},
                    count);
    }
    out_.family(Kind::counter, "ccr_upstream_responses", "Responses of a tier, by status.");
    for (const auto& tier : tiers_) {
        for (std::size_t i = 0; i < upstream_codes.size(); ++i) {
            const std::uint64_t count = tier.row[field::responses + i];
            if (count == 0 && upstream_codes[i] != 200) continue;
            const int code = upstream_codes[i];
            const std::string text = code == 0 ? "other" : std::to_string(code);
            out_.sample({{"tier", tier.label}, {"code", text}}, count);
        }
    }
    connections();
}

void Page::health() {
    out_.family(Kind::gauge, "ccr_ewma_latency_seconds",
                "Moving average of the time to the first content; absent while unknown.");
    for (const auto& target : moment_.health) {
        if (target.ttft_seconds) out_.sample({{"tier", target.tier}}, *target.ttft_seconds);
    }
    out_.family(Kind::gauge, "ccr_breaker_state", "0 closed, 1 half open, 2 open.");
    for (const auto& target : moment_.health) {
        std::uint64_t state = 1;
        if (target.breaker == "closed") state = 0;
        if (target.breaker == "open") state = 2;
        out_.sample({{"tier", target.tier}}, state);
    }
    out_.family(Kind::gauge, "ccr_rate_limited", "1 while a tier is left alone by a rate limit.");
    for (const auto& target : moment_.health) {
        const std::uint64_t limited = target.rate_limited_until ? 1 : 0;
        out_.sample({{"tier", target.tier}}, limited);
    }
}

void Page::router(std::string_view version) {
    out_.family(Kind::counter, "ccr_dedup_hits",
                "Requests answered with the answer to an identical one in flight.");
    out_.sample({}, moment_.totals.dedup_hits);
    out_.family(Kind::counter, "ccr_rejected", "Requests turned away before a tier was asked.");
    for (std::size_t i = 0; i < rejection_names.size(); ++i)
        out_.sample({{"reason", rejection_names[i]}}, moment_.totals.rejections[i]);
    out_.family(Kind::counter, "ccr_custom_router_requests",
                "Requests that CUSTOM_ROUTER was asked about, by what came of it.");
    for (std::size_t i = 0; i < hook_result_names.size(); ++i)
        out_.sample({{"result", hook_result_names[i]}}, moment_.totals.custom_router[i]);
    out_.family(Kind::counter, "ccr_web_searches",
                "Searches that the router made at a search engine, by what came of it.");
    for (std::size_t i = 0; i < search_places; ++i) {
        const std::uint64_t count = moment_.totals.searches[i];
        const auto engine = static_cast<config::WebSearch::Engine>(i / search_result_names.size());
        const std::string_view result = search_result_names[i % search_result_names.size()];
        if (count == 0) continue;
        out_.sample({{"engine", config::engine_name(engine)}, {"result", result}}, count);
    }
    out_.family(Kind::counter, "ccr_translation_warnings",
                "Parts of requests that the target did not get, by the part's name.");
    for (const auto& [field, count] : moment_.totals.warnings)
        out_.sample({{"field", field}}, count);
    out_.family(Kind::counter, "ccr_config_reloads", "Reloads of the configuration.");
    out_.sample({{"result", "ok"}}, moment_.reloads_ok);
    out_.sample({{"result", "failed"}}, moment_.reloads_failed);
    out_.family(Kind::info, "ccr_build", "The running version.");
    out_.sample({{"version", version}}, std::uint64_t{1});
}

void Page::process() {
    const Process& process = moment_.process;
    out_.family(Kind::counter, "process_cpu_seconds", "CPU time, user and system.");
    out_.sample({}, process.cpu_seconds);
    gauge("process_resident_memory_bytes", "Resident memory.", process.resident_bytes);
    gauge("process_virtual_memory_bytes", "Virtual memory.", process.virtual_bytes);
    gauge("process_open_fds", "Open file descriptors.", process.open_fds);
    gauge("process_max_fds", "Most file descriptors that may be open.", process.max_fds);
    gauge("process_threads", "Threads.", process.threads);
    out_.family(Kind::gauge, "process_start_time_seconds", "Start, in Unix time.");
    out_.sample({}, process.start_time);
}

}  // namespace

std::string metrics(const Moment& moment, std::string_view version, Format format) {
    Page page(moment, format);
    page.traffic();
    page.upstream();
    page.health();
    page.router(version);
    page.process();
    return page.finish();
}

}  // namespace ccr::stats
