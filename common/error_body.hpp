// SPDX-License-Identifier: MIT
// The shape of an error towards clients: Anthropic's envelope, unless the endpoint belongs to
// another format.
#pragma once

#include <string>
#include <string_view>

#include "common/result.hpp"

namespace ccr {

// {"type":"error","error":{"type":T,"message":M},"request_id":R}; T from traits(error.kind), M is
// error.detail (not its causes, which may name internals). An error about the client's own request
// that has a code carries it as error.details.error_code, by which clients tell what to do about
// it.
[[nodiscard]] std::string error_body(const Error& error, std::string_view request_id);
// The same with a type of the caller's choice.
[[nodiscard]] std::string error_body(const Error& error, std::string_view type,
                                     std::string_view request_id);

// How the clients of one wire format are told of an error.
struct ErrorForm {
    std::string (*body)(const Error& error, std::string_view request_id);
    int (*status)(ErrorKind kind);
};

extern const ErrorForm anthropic_errors;

}  // namespace ccr
