// SPDX-License-Identifier: MIT
// What the two ends of the control channel tell each other. Plain data; nothing secret is in any of
// it. JSON members are named as the fields. Reading is tolerant: what is missing or of another type
// keeps its default, unknown members are passed over, so that versions may differ.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/config/load.hpp"
#include "common/result.hpp"

namespace ccr::control {

// Times are Unix milliseconds (wall clock) unless a name says otherwise.

struct TierStatus {
    std::string tier;  // "tier-1"; "other" for targets outside the tier table
    std::string provider;
    std::string model;
    // "healthy", "unknown" (not asked yet), "limited", "misconfigured" (key refused), "missing" (no
    // such model), "open" (breaker), "probing" (breaker half open)
    std::string state;
    std::string reason;   // the last failure's kind, or ""
    std::string breaker;  // "closed", "open", "half-open"
    std::optional<double> ttft_ewma_seconds;
    std::optional<std::int64_t> rate_limited_until;
    std::int64_t streams = 0;  // requests that it is answering now
    std::int64_t rank = 0;     // 1: asked first
};

struct Listener {
    std::string name;        // "http", "control"
    std::string address;     // "http://127.0.0.1:3456" or the socket's path
    bool inherited = false;  // handed over by the service manager
};

struct ConfigStatus {
    std::string path;
    std::int64_t loaded_at = 0;
    double age_seconds = 0;  // since loaded_at
    std::int64_t providers = 0;
    std::int64_t warnings = 0;  // of the last successful load
};

struct Drain {
    std::string state;              // "serving", "draining", "drained", "stopping"
    std::int64_t since = 0;         // 0: has not begun
    std::int64_t deadline = 0;      // when what is left will be ended
    std::int64_t left = 0;          // requests in flight
    std::int64_t left_seconds = 0;  // until the deadline
    bool done = false;              // nothing is left; a stopping daemon ends now
};

struct LastReload {
    std::int64_t at = 0;
    bool ok = false;
    std::string error;  // "file:line:column: …"; empty if ok
    std::vector<std::string> changed;
};

struct LoggedError {
    std::int64_t at = 0;
    std::string level;  // "warning", "error", "critical"
    std::string message;
};

struct Status {
    std::string version;
    std::int64_t pid = 0;
    std::int64_t started_at = 0;
    double uptime_seconds = 0;
    std::string state;  // "serving", "draining", "reloading"
    ConfigStatus config;
    std::vector<Listener> listeners;
    std::int64_t loops = 0;
    std::int64_t requests_in_flight = 0;  // chat requests being answered
    std::int64_t streams = 0;             // those of them that stream
    std::int64_t connections = 0;         // clients of the API port
    std::vector<TierStatus> tiers;        // in rank order
    std::optional<Drain> drain;
    std::optional<LastReload> last_reload;
    std::vector<LoggedError> last_errors;  // newest last; at most 32
    std::vector<std::string> set_aside;    // damaged state files, renamed
};

struct ReloadResult {
    bool ok = false;
    std::string error;                       // one line; empty if ok
    std::vector<std::string> changed;        // keys, as in "Router.default"; empty: nothing
    std::vector<std::string> needs_restart;  // of `changed`, what takes effect with a restart only
    std::vector<config::Problem> problems;   // errors and warnings, file order
};

struct ExplainStep {
    std::string rule;
    bool applies = false;
    std::string why;
};

struct Candidate {
    std::string tier;
    std::string provider;
    std::string model;
    bool asked = false;            // would be asked, in its turn
    std::string why;               // why it stands here, or why it is passed over
    std::int64_t opens_in_ms = 0;  // passed over for now: how soon that ends; 0: not known
};

struct ExplainResult {
    bool ok = false;
    std::string error;  // why there is no route
    std::string requested_model;
    std::string route;
    std::string reason;
    std::int64_t input_tokens = 0;  // as routing sees them
    bool tokens_exact = false;
    std::vector<ExplainStep> steps;
    std::vector<Candidate> candidates;  // in the order in which they would be asked now
};

// One line of the event feed. What does not apply is absent.
struct Event {
    // "route": a request has been routed; "request": it is over; "state": something about the
    // daemon or a tier changed; "lagged": the reader was too slow and missed `missed` events.
    std::string type;
    std::int64_t at = 0;
    std::string what;     // state: a word of state_change.hpp
    std::string message;  // state, in words
    std::string id;       // request id
    std::string method;
    std::string path;
    std::int64_t status = 0;  // HTTP
    std::string route;
    std::string reason;
    std::string tier;
    std::string provider;
    std::string model;
    std::int64_t attempts = 0;
    std::optional<bool> stream;
    std::optional<std::int64_t> ttft_ms;
    std::optional<std::int64_t> total_ms;
    std::optional<std::int64_t> input_tokens;
    std::optional<std::int64_t> cached_tokens;
    std::optional<std::int64_t> output_tokens;
    std::string error;  // kind's name
    std::string warn;
    std::int64_t missed = 0;
};

[[nodiscard]] std::string to_json(const Status& value);
[[nodiscard]] std::string to_json(const Drain& value);
[[nodiscard]] std::string to_json(const ReloadResult& value);
[[nodiscard]] std::string to_json(const ExplainResult& value);
[[nodiscard]] std::string to_json(const Event& value);

// ErrorKind::malformed when the text is no JSON object.
template <typename T>
[[nodiscard]] Result<T> from_json(std::string_view text);
template <>
Result<Status> from_json<Status>(std::string_view text);
template <>
Result<Drain> from_json<Drain>(std::string_view text);
template <>
Result<ReloadResult> from_json<ReloadResult>(std::string_view text);
template <>
Result<ExplainResult> from_json<ExplainResult>(std::string_view text);
template <>
Result<Event> from_json<Event>(std::string_view text);

}  // namespace ccr::control
