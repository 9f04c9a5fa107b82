// SPDX-License-Identifier: MIT
// Errors as values. Every fallible function on the data path returns Result<T>; exceptions are for
// start-up and broken invariants only. An Error says what failed (kind), in words that a user can
// act on (detail), and why (cause, innermost last).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "common/time.hpp"

namespace ccr {

// What went wrong, coarse enough to decide on. The table in result.cpp gives each kind its HTTP
// status, Anthropic error type and process exit code.
enum class ErrorKind : std::uint8_t {
    // the client's own request
    invalid_request,     // 400
    unauthorized,        // 401: the client's key for this router
    forbidden,           // 403: Host or Origin not allowed
    not_found,           // 404: path or model
    method_not_allowed,  // 405
    request_timeout,     // 408: the client did not finish its request in time
    too_large,           // 413
    header_too_large,    // 431
    not_supported,       // 501: a known endpoint that this router does not offer
    // transport, either side
    resolve,    // name not found
    connect,    // refused, unreachable
    tls,        // handshake or certificate
    reset,      // connection lost in mid-message
    eof,        // orderly close where more was expected
    timeout,    // a deadline passed
    cancelled,  // the client went away, or shutdown
    malformed,  // the peer does not speak the protocol
    // the provider's answer
    auth,              // provider refused our key
    billing,           // quota or balance used up
    rate_limited,      // short-window limit
    overloaded,        // provider overloaded
    server_error,      // provider failed
    context_overflow,  // prompt larger than the model's window
    max_tokens,        // asked for more output than fits
    rejected,          // provider calls the request invalid
    policy,            // content refused
    model_missing,     // no such model at the provider, or not ours to use
    capability,        // provider lacks a feature that the request needs
    // ours
    config,       // configuration invalid
    io,           // file or local socket
    unavailable,  // cannot serve now: draining, queue full
    internal,     // a defect of ours
};

struct ErrorTraits {
    std::string_view name;       // stable, for logs and metric labels
    int status;                  // HTTP status towards the client
    std::string_view wire_type;  // Anthropic `error.type`
    int exit_code;               // sysexits-style, for ccrd and ccr
};

const ErrorTraits& traits(ErrorKind kind);

struct Error {
    ErrorKind kind = ErrorKind::internal;
    std::string detail;
    std::shared_ptr<const Error> cause;
    // Of a provider's failure: how long it asks us to wait, its HTTP status (0: none), its own word
    // for the error.
    std::optional<Millis> retry_after = {};
    int upstream_status = 0;
    std::string code = {};

    Error() = default;
    Error(ErrorKind k, std::string text) : kind(k), detail(std::move(text)) {}

    // This error as the reason for a new one, described from further up.
    [[nodiscard]] Error wrap(std::string text) const { return wrap(kind, std::move(text)); }
    [[nodiscard]] Error wrap(ErrorKind k, std::string text) const {
        Error outer(k, std::move(text));
        outer.cause = std::make_shared<const Error>(*this);
        outer.retry_after = retry_after;
        outer.upstream_status = upstream_status;
        outer.code = code;
        return outer;
    }
    // "detail: cause: innermost cause", for a log line or a terminal.
    [[nodiscard]] std::string chain() const;
};

// A value or an Error; member names follow std::expected, which libstdc++ 12 lacks in C++20.
template <typename T>
class [[nodiscard]] Result {
  public:
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

    [[nodiscard]] bool has_value() const { return state_.index() == 0; }
    explicit operator bool() const { return has_value(); }

    T& value() & { return std::get<0>(state_); }
    const T& value() const& { return std::get<0>(state_); }
    T&& value() && { return std::get<0>(std::move(state_)); }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T&& operator*() && { return std::move(*this).value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }

    Error& error() & { return std::get<1>(state_); }
    const Error& error() const& { return std::get<1>(state_); }
    Error&& error() && { return std::get<1>(std::move(state_)); }

  private:
    std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
  public:
    Result() = default;
    Result(Error error) : error_(std::make_unique<Error>(std::move(error))) {}

    [[nodiscard]] bool has_value() const { return !error_; }
    explicit operator bool() const { return has_value(); }
    Error& error() & { return *error_; }
    const Error& error() const& { return *error_; }
    Error&& error() && { return std::move(*error_); }

  private:
    std::unique_ptr<Error> error_;  // one pointer wide on the success path
};

}  // namespace ccr
