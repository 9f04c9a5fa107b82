// SPDX-License-Identifier: MIT
#include "daemon/stats/reason.hpp"

namespace ccr::stats {

Reason reason_of(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::timeout:
            return Reason::timeout;
        case ErrorKind::resolve:
        case ErrorKind::connect:
            return Reason::connect;
        case ErrorKind::tls:
            return Reason::tls;
        case ErrorKind::reset:
        case ErrorKind::eof:
            return Reason::reset;
        case ErrorKind::rate_limited:
            return Reason::rate_limited;
        case ErrorKind::overloaded:
        case ErrorKind::unavailable:
            return Reason::overloaded;
        case ErrorKind::auth:
        case ErrorKind::billing:
            return Reason::auth;
        case ErrorKind::model_missing:
        case ErrorKind::not_found:
            return Reason::not_found;
        case ErrorKind::context_overflow:
            return Reason::context_overflow;
        case ErrorKind::malformed:
            return Reason::malformed;
        case ErrorKind::cancelled:
            return Reason::cancelled;
        case ErrorKind::server_error:
        case ErrorKind::config:
        case ErrorKind::io:
        case ErrorKind::internal:
            return Reason::server_error;
        default:
            return Reason::invalid_request;
    }
}

}  // namespace ccr::stats
