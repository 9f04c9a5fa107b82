// SPDX-License-Identifier: MIT
#include "common/result.hpp"

#include <array>
#include <cstddef>

namespace ccr {
namespace {

// sysexits.h values, spelled out because the header defines macros only.
constexpr int ex_failure = 1;
constexpr int ex_unavailable = 69;
constexpr int ex_tempfail = 75;
constexpr int ex_noperm = 4;
constexpr int ex_config = 78;

// Indexed by ErrorKind, in its order. Status and type: Anthropic's error table; a provider that
// refuses our key is 502 and not 401, because a 401 sends the client into its own login.
constexpr std::array<ErrorTraits, 31> table{{
    {"invalid_request", 400, "invalid_request_error", ex_failure},
    {"unauthorized", 401, "authentication_error", ex_noperm},
    {"forbidden", 403, "permission_error", ex_noperm},
    {"not_found", 404, "not_found_error", ex_failure},
    {"method_not_allowed", 405, "invalid_request_error", ex_failure},
    {"request_timeout", 408, "timeout_error", ex_tempfail},
    {"too_large", 413, "request_too_large", ex_failure},
    {"header_too_large", 431, "invalid_request_error", ex_failure},
    {"not_supported", 501, "not_supported", ex_failure},
    {"resolve", 502, "api_error", ex_unavailable},
    {"connect", 502, "api_error", ex_unavailable},
    {"tls", 502, "api_error", ex_unavailable},
    {"reset", 502, "api_error", ex_unavailable},
    {"eof", 502, "api_error", ex_unavailable},
    {"timeout", 504, "timeout_error", ex_tempfail},
    {"cancelled", 499, "api_error", ex_failure},
    {"malformed", 502, "api_error", ex_unavailable},
    {"auth", 502, "api_error", ex_unavailable},
    {"billing", 402, "billing_error", ex_unavailable},
    {"rate_limited", 429, "rate_limit_error", ex_tempfail},
    {"overloaded", 529, "overloaded_error", ex_tempfail},
    {"server_error", 502, "api_error", ex_unavailable},
    {"context_overflow", 400, "invalid_request_error", ex_failure},
    {"max_tokens", 400, "invalid_request_error", ex_failure},
    {"rejected", 400, "invalid_request_error", ex_failure},
    {"policy", 400, "invalid_request_error", ex_failure},
    {"model_missing", 404, "not_found_error", ex_failure},
    {"capability", 400, "invalid_request_error", ex_failure},
    {"config", 500, "api_error", ex_config},
    {"io", 500, "api_error", ex_failure},
    {"unavailable", 529, "overloaded_error", ex_unavailable},
}};
constexpr ErrorTraits internal_traits{"internal", 500, "api_error", ex_failure};

}  // namespace

const ErrorTraits& traits(ErrorKind kind) {
    const auto index = static_cast<std::size_t>(kind);
    return index < table.size() ? table[index] : internal_traits;
}

std::string Error::chain() const {
    std::string text = detail;
    for (const Error* inner = cause.get(); inner; inner = inner->cause.get()) {
        text += ": ";
        text += inner->detail;
    }
    return text;
}

}  // namespace ccr
