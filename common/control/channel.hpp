// SPDX-License-Identifier: MIT
// Where the control channel is and what can be asked there: HTTP/1.1 with JSON bodies over a Unix
// socket, spoken by ccrd and ccr. The socket's permissions decide who may.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/paths.hpp"

namespace ccr::control {

namespace endpoint {
// GET
inline constexpr std::string_view status = "/v1/status";        // types.hpp: Status
inline constexpr std::string_view usage = "/v1/usage";          // as on the API port
inline constexpr std::string_view latencies = "/v1/latencies";  // as on the API port
inline constexpr std::string_view config = "/v1/config";        // in force, secrets masked
inline constexpr std::string_view events = "/v1/events";        // text/event-stream of Event
inline constexpr std::string_view metrics = "/metrics";         // as on the API port
inline constexpr std::string_view models = "/v1/models";        // as on the API port
inline constexpr std::string_view presets = "/v1/presets";      // as on the API port
// POST
inline constexpr std::string_view reload = "/v1/reload";    // ReloadResult; 422 with a bad config
inline constexpr std::string_view drain = "/v1/drain";      // Drain; takes no more, does not end
inline constexpr std::string_view stop = "/v1/stop";        // Drain; then the end. ?now=1: at once
inline constexpr std::string_view explain = "/v1/explain";  // Messages body -> ExplainResult
}  // namespace endpoint

// With "Accept: text/event-stream" drain and stop answer with an event named "drain" for each
// change (data: Drain), the last one with `done`; else with 202 and the Drain of the moment. The
// connection of a stop ends with the process.

// Of Host headers on the socket; any other is as good.
inline constexpr std::string_view host = "ccr";

inline constexpr std::string_view system_socket = "/run/ccr/control.sock";
// As a path: there is to be no control channel.
inline constexpr std::string_view no_socket = "none";

// $XDG_RUNTIME_DIR/ccr/control.sock; without a runtime directory in the user's state home. Empty if
// neither is known.
[[nodiscard]] std::string user_socket(const paths::Env& env = paths::environment);

enum class Scope : std::uint8_t { any, system, user };

// Where a client looks, in this order: the option if given, else $CCR_CONTROL, else the system's
// and the user's socket as far as `scope` allows. Never empty unless nothing is known.
[[nodiscard]] std::vector<std::string> sockets(std::string_view option = {},
                                               Scope scope = Scope::any,
                                               const paths::Env& env = paths::environment);

// Where a daemon listens: the option, $CCR_CONTROL, the system's socket for a system service, else
// the user's. `no_socket` or empty: nowhere.
[[nodiscard]] std::string socket_to_bind(std::string_view option = {},
                                         const paths::Env& env = paths::environment);

}  // namespace ccr::control
