// SPDX-License-Identifier: MIT
// GET /v1/status: how the daemon and its tiers are doing.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <iterator>

#include "common/log.hpp"
#include "daemon/api/moment.hpp"
#include "daemon/control/verbs.hpp"
#include "daemon/store/history.hpp"

namespace ccr::control {
namespace {

double seconds_since(SteadyTime then) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - then).count();
}

// The requests that a target is answering: those begun that have not ended.
std::int64_t answering(const stats::Row& row) {
    const std::uint64_t ended = row[stats::field::requests] + row[stats::field::failed];
    // The loops count on while they are read.
    return static_cast<std::int64_t>(std::max(row[stats::field::started], ended) - ended);
}

std::string last_error(const std::vector<proxy::TargetReport>& reports,
                       const stats::TargetName& name) {
    const auto at = std::find_if(reports.begin(), reports.end(), [&name](const auto& report) {
        return report.provider == name.provider && report.model == name.model;
    });
    return at == reports.end() ? std::string() : at->last_error;
}

std::vector<TierStatus> tiers_of(const proxy::Worker& worker, const stats::Totals& totals) {
    const auto reports = worker.shared->health.report(std::chrono::steady_clock::now());
    std::vector<TierStatus> out;
    for (auto& health : api::target_health(worker)) {
        auto& tier = out.emplace_back();
        tier.tier = std::move(health.tier);
        tier.provider = health.name.provider;
        tier.model = health.name.model;
        tier.state = std::move(health.state);
        tier.breaker = std::move(health.breaker);
        tier.ttft_ewma_seconds = health.ttft_seconds;
        tier.rate_limited_until = health.rate_limited_until;
        tier.rank = static_cast<std::int64_t>(out.size());
        tier.reason = last_error(reports, health.name);
        for (const auto& target : totals.targets) {
            if (target.name == health.name) tier.streams = answering(target.row);
        }
    }
    return out;
}

std::vector<LoggedError> last_errors() {
    std::vector<LoggedError> out;
    for (auto& line : log::last_troubles()) {
        const char* level = line.level == log::Level::warn    ? "warning"
                            : line.level == log::Level::error ? "error"
                                                              : "critical";
        out.push_back({line.at, level, std::move(line.line)});
    }
    return out;
}

std::string state_of(const Facts& facts) {
    if (facts.drain) return "draining";
    return facts.reloading ? "reloading" : "serving";
}

Status status_of(Desk& desk) {
    const proxy::Shared& shared = *desk.worker.shared;
    const stats::Totals totals = shared.book->totals();
    Facts facts = desk.office.facts();
    Status out;
    out.version = CCR_VERSION;
    out.pid = ::getpid();
    out.started_at = facts.started_at;
    out.uptime_seconds = seconds_since(facts.started);
    out.state = state_of(facts);
    if (facts.drain) out.drain = drain_now(facts, shared);
    out.config = std::move(facts.config);
    out.config.age_seconds = seconds_since(facts.config_loaded);
    out.listeners = std::move(facts.listeners);
    out.loops = static_cast<std::int64_t>(desk.api_loops.size());
    out.requests_in_flight = static_cast<std::int64_t>(shared.streams.load());
    for (const auto& target : totals.targets)
        out.streams += answering(target.row);
    for (std::size_t i = 0; i < desk.api_loops.size(); ++i)
        out.connections += static_cast<std::int64_t>(desk.api_loops.at(i).residents());
    out.tiers = tiers_of(desk.worker, totals);
    out.last_reload = std::move(facts.last_reload);
    out.last_errors = last_errors();
    out.set_aside = std::move(facts.set_aside);
    auto history = shared.history->status();
    std::move(history.set_aside.begin(), history.set_aside.end(),
              std::back_inserter(out.set_aside));
    return out;
}

}  // namespace

asio::awaitable<void> get_status(Desk& desk, http::Request&, http::Reply& reply) {
    const std::string body = to_json(status_of(desk));
    co_await send_json(reply, 200, body);
}

}  // namespace ccr::control
