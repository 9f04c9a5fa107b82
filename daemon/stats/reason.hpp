// SPDX-License-Identifier: MIT
// Why an attempt failed, in the fixed words of the metric label `reason`, and why a request never
// became an attempt.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/result.hpp"

namespace ccr::stats {

enum class Reason : std::uint8_t {
    timeout,
    connect,
    tls,
    reset,
    rate_limited,
    overloaded,
    server_error,
    auth,
    not_found,
    invalid_request,
    context_overflow,
    malformed,
    cancelled,
};

constexpr std::array<std::string_view, 13> reason_names{
    "timeout",          "connect",      "tls",       "reset",     "rate_limited",
    "overloaded",       "server_error", "auth",      "not_found", "invalid_request",
    "context_overflow", "malformed",    "cancelled",
};

[[nodiscard]] Reason reason_of(ErrorKind kind);
[[nodiscard]] constexpr std::string_view name(Reason reason) {
    return reason_names[static_cast<std::size_t>(reason)];
}

// Turned away before any provider was asked.
enum class Rejection : std::uint8_t {
    max_streams,      // more in flight than maxStreams
    queue_full,       // the wait queue of a provider's maxConcurrent
    queue_timeout,    // waited there too long
    invalid_request,  // the body cannot be read
    no_route,         // no target for the model that was asked for
};

constexpr std::array<std::string_view, 5> rejection_names{
    "max_streams", "queue_full", "queue_timeout", "invalid_request", "no_route",
};

// What a custom router's answer was.
enum class HookResult : std::uint8_t {
    target,  // it named one
    none,    // it has no opinion
    failed,  // no answer in time, or one that leads nowhere
};

constexpr std::array<std::string_view, 3> hook_result_names{"target", "none", "failed"};

// What came of a search that the router made.
enum class SearchResult : std::uint8_t {
    ok,
    limited,  // the engine takes no more for now
    refused,  // it does not accept the key
    timeout,
    failed,
};

constexpr std::array<std::string_view, 5> search_result_names{"ok", "limited", "refused", "timeout",
                                                              "failed"};

}  // namespace ccr::stats
