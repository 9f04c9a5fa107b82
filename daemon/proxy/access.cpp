// SPDX-License-Identifier: MIT
// What is told of a request to the log, the journal and the event feed.
#include <array>

#include "common/log.hpp"
#include "common/text.hpp"
#include "daemon/proxy/turn.hpp"

namespace ccr::proxy {
namespace {

std::int64_t millis(Clock::duration time) {
    return std::chrono::duration_cast<Millis>(time).count();
}

void append_field(std::string& line, std::string_view name, std::string_view value) {
    line += ' ';
    line += name;
    line += '=';
    line += value;
}

void append_millis(std::string& line, std::string_view name, Clock::duration time) {
    append_field(line, name, "");
    append_number(line, std::chrono::duration_cast<Millis>(time).count());
    line += "ms";
}

std::string line_of(const Turn& turn, Clock::time_point now) {
    std::string line(turn.reply.request_id());
    line += ' ';
    line += turn.http.method;
    line += ' ';
    line += printable(turn.http.path());
    line += ' ';
    append_number(line, turn.reply.status());
    if (!turn.plan.route.empty()) {
        append_field(line, "route", turn.plan.route);
        line += " reason=\"" + printable(turn.plan.reason) + '"';
    }
    if (turn.target != nullptr) {
        append_field(line, "provider", printable(turn.target->provider->config->name));
        append_field(line, "model", printable(turn.target->model));
        append_field(line, "attempts", std::to_string(turn.attempts));
    }
    if (turn.follower) append_field(line, "dedup", "follower");
    append_field(line, "stream", turn.stream ? "yes" : "no");
    if (turn.first_content != Clock::time_point{}) {
        append_millis(line, "ttft", turn.first_content - turn.started);
    }
    append_millis(line, "total", now - turn.started);
    append_field(line, "in", std::to_string(turn.usage.input_tokens));
    append_field(line, "cached", std::to_string(turn.usage.cache_read_tokens.value_or(0)));
    append_field(line, "out", std::to_string(turn.usage.output_tokens));
    if (!turn.warnings.empty()) append_field(line, "warn", printable(turn.warnings));
    if (!turn.failure.empty()) append_field(line, "error", turn.failure);
    return line;
}

std::string_view tier_of(const Turn& turn) {
    return turn.target == nullptr ? "" : turn.snapshot->lineup.tiers().label(*turn.target);
}

// The fields are what the journal can be searched by; the line says the same to people.
void write_line(const Turn& turn, Clock::time_point now) {
    const std::string line = line_of(turn, now);
    if (!log::takes_fields()) {
        log::info(line);
        return;
    }
    const bool answered = turn.first_content != Clock::time_point{};
    const auto ttft = turn.first_content - turn.started;
    const auto usec = std::chrono::duration_cast<std::chrono::microseconds>(ttft).count();
    const std::string status = std::to_string(turn.reply.status());
    const std::string ttft_usec = answered ? std::to_string(usec) : std::string();
    const std::string model = turn.target == nullptr ? "" : printable(turn.target->model);
    const std::array<log::Field, 6> all{{{"REQUEST_ID", turn.reply.request_id()},
                                         {"STATUS", status},
                                         {"ROUTE", turn.plan.route},
                                         {"TIER", tier_of(turn)},
                                         {"MODEL", model},
                                         {"TTFT_USEC", ttft_usec}}};
    std::array<log::Field, all.size()> known{};
    std::size_t count = 0;
    for (const log::Field& field : all) {
        if (!field.value.empty()) known[count++] = field;
    }
    log::write(log::Level::info, line, {known.data(), count});
}

control::Event event_of(const Turn& turn, std::string_view type) {
    control::Event event;
    event.type = type;
    event.id = turn.reply.request_id();
    event.method = turn.http.method;
    event.path = printable(turn.http.path());
    event.route = turn.plan.route;
    event.reason = printable(turn.plan.reason);
    event.stream = turn.stream;
    return event;
}

}  // namespace

void Turn::tell_route() const {
    EventFeed& feed = worker.shared->feed;
    if (!feed.heard()) return;
    control::Event event = event_of(*this, "route");
    const auto& planned = plan.candidates.front();
    event.provider = planned.provider->config->name;
    event.model = printable(planned.model);
    event.tier = snapshot->lineup.tiers().label(planned);
    feed.tell(std::move(event));
}

void Turn::log_access() const {
    const auto now = Clock::now();
    if (log::enabled(log::Level::info)) write_line(*this, now);
    EventFeed& feed = worker.shared->feed;
    if (!feed.heard()) return;
    control::Event event = event_of(*this, "request");
    event.status = reply.status();
    event.attempts = attempts;
    if (target != nullptr) {
        event.provider = target->provider->config->name;
        event.model = printable(target->model);
        event.tier = tier_of(*this);
    }
    if (first_content != Clock::time_point{}) event.ttft_ms = millis(first_content - started);
    event.total_ms = millis(now - started);
    event.input_tokens = usage.input_tokens;
    event.cached_tokens = usage.cache_read_tokens.value_or(0);
    event.output_tokens = usage.output_tokens;
    event.error = failure;
    event.warn = printable(warnings);
    feed.tell(std::move(event));
}

}  // namespace ccr::proxy
