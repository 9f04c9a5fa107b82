// SPDX-License-Identifier: MIT
// Identifiers that clients and logs see: "req_" or "msg_" and 24 base58 characters. Unique over
// processes by a random start, over requests by a counter; not secret. One source per loop.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ccr {

class IdSource {
  public:
    IdSource();  // seeds from the system's random source
    explicit IdSource(std::uint64_t high, std::uint64_t low) : high_(high), low_(low) {}

    [[nodiscard]] std::string request_id() { return next("req_"); }
    [[nodiscard]] std::string message_id() { return next("msg_"); }
    [[nodiscard]] std::string next(std::string_view prefix);

  private:
    std::uint64_t high_;
    std::uint64_t low_;
};

}  // namespace ccr
