// SPDX-License-Identifier: MIT
// The members of each type, once, for reading and writing. Private to common/control.
#pragma once

#include "common/control/types.hpp"

namespace ccr::control {

// each(value, visit): visit("name", member) for every member. `value` may be const.
template <typename T>
struct Fields;

template <>
struct Fields<TierStatus> {
    static void each(auto& v, auto&& visit) {
        visit("tier", v.tier);
        visit("provider", v.provider);
        visit("model", v.model);
        visit("state", v.state);
        visit("reason", v.reason);
        visit("breaker", v.breaker);
        visit("ttft_ewma_seconds", v.ttft_ewma_seconds);
        visit("rate_limited_until", v.rate_limited_until);
        visit("streams", v.streams);
        visit("rank", v.rank);
    }
};

template <>
struct Fields<Listener> {
    static void each(auto& v, auto&& visit) {
        visit("name", v.name);
        visit("address", v.address);
        visit("inherited", v.inherited);
    }
};

template <>
struct Fields<ConfigStatus> {
    static void each(auto& v, auto&& visit) {
        visit("path", v.path);
        visit("loaded_at", v.loaded_at);
        visit("age_seconds", v.age_seconds);
        visit("providers", v.providers);
        visit("warnings", v.warnings);
    }
};

template <>
struct Fields<Drain> {
    static void each(auto& v, auto&& visit) {
        visit("state", v.state);
        visit("since", v.since);
        visit("deadline", v.deadline);
        visit("left", v.left);
        visit("left_seconds", v.left_seconds);
        visit("done", v.done);
    }
};

template <>
struct Fields<LastReload> {
    static void each(auto& v, auto&& visit) {
        visit("at", v.at);
        visit("ok", v.ok);
        visit("error", v.error);
        visit("changed", v.changed);
    }
};

template <>
struct Fields<LoggedError> {
    static void each(auto& v, auto&& visit) {
        visit("at", v.at);
        visit("level", v.level);
        visit("message", v.message);
    }
};

template <>
struct Fields<Status> {
    static void each(auto& v, auto&& visit) {
        visit("version", v.version);
        visit("pid", v.pid);
        visit("started_at", v.started_at);
        visit("uptime_seconds", v.uptime_seconds);
        visit("state", v.state);
        visit("config", v.config);
        visit("listeners", v.listeners);
        visit("loops", v.loops);
        visit("requests_in_flight", v.requests_in_flight);
        visit("streams", v.streams);
        visit("connections", v.connections);
        visit("tiers", v.tiers);
        visit("drain", v.drain);
        visit("last_reload", v.last_reload);
        visit("last_errors", v.last_errors);
        visit("set_aside", v.set_aside);
    }
};

template <>
struct Fields<config::Problem> {
    static void each(auto& v, auto&& visit) {
        visit("severity", v.severity);
        visit("file", v.file);
        visit("line", v.line);
        visit("column", v.column);
        visit("path", v.json_path);
        visit("message", v.message);
        visit("suggestion", v.suggestion);
    }
};

template <>
struct Fields<ReloadResult> {
    static void each(auto& v, auto&& visit) {
        visit("ok", v.ok);
        visit("error", v.error);
        visit("changed", v.changed);
        visit("needs_restart", v.needs_restart);
        visit("problems", v.problems);
    }
};

template <>
struct Fields<ExplainStep> {
    static void each(auto& v, auto&& visit) {
        visit("rule", v.rule);
        visit("applies", v.applies);
        visit("why", v.why);
    }
};

template <>
struct Fields<Candidate> {
    static void each(auto& v, auto&& visit) {
        visit("tier", v.tier);
        visit("provider", v.provider);
        visit("model", v.model);
        visit("asked", v.asked);
        visit("why", v.why);
        visit("opens_in_ms", v.opens_in_ms);
    }
};

template <>
struct Fields<ExplainResult> {
    static void each(auto& v, auto&& visit) {
        visit("ok", v.ok);
        visit("error", v.error);
        visit("requested_model", v.requested_model);
        visit("route", v.route);
        visit("reason", v.reason);
        visit("input_tokens", v.input_tokens);
        visit("tokens_exact", v.tokens_exact);
        visit("steps", v.steps);
        visit("candidates", v.candidates);
    }
};

template <>
struct Fields<Event> {
    static void each(auto& v, auto&& visit) {
        visit("type", v.type);
        visit("at", v.at);
        visit("what", v.what);
        visit("message", v.message);
        visit("id", v.id);
        visit("method", v.method);
        visit("path", v.path);
        visit("status", v.status);
        visit("route", v.route);
        visit("reason", v.reason);
        visit("tier", v.tier);
        visit("provider", v.provider);
        visit("model", v.model);
        visit("attempts", v.attempts);
        visit("stream", v.stream);
        visit("ttft_ms", v.ttft_ms);
        visit("total_ms", v.total_ms);
        visit("input_tokens", v.input_tokens);
        visit("cached_tokens", v.cached_tokens);
        visit("output_tokens", v.output_tokens);
        visit("error", v.error);
        visit("warn", v.warn);
        visit("missed", v.missed);
    }
};

template <typename T>
concept HasFields = requires { sizeof(Fields<T>); };

}  // namespace ccr::control
