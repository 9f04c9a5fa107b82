// SPDX-License-Identifier: MIT
// One HTTP request to find out how far it gets: name, connection, TLS, answer. For `ccr doctor`;
// nothing of an answer's body is kept, and no key is in any text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/secret.hpp"
#include "common/time.hpp"

namespace ccr::ctl {

struct ProbeRequest {
    std::string url;
    std::vector<std::pair<std::string, Secret>> headers;
    Secret proxy;         // empty: direct
    std::string ca_file;  // trusted besides the system's; empty: none
    Millis limit{5000};
};

struct Probe {
    // How far it came.
    enum class Reached : std::uint8_t { nothing, name, connection, answer };
    Reached reached = Reached::nothing;
    bool untrusted = false;  // the certificate was refused
    bool timed_out = false;
    int status = 0;                    // of the answer
    std::string why;                   // of a failure, in words
    double seconds = 0;                // until the answer's head
    std::optional<std::int64_t> date;  // of the answer, Unix seconds
};

[[nodiscard]] Probe probe(const ProbeRequest& request);

}  // namespace ccr::ctl
