// SPDX-License-Identifier: MIT
// Lines with fields for systemd's journal, in its native datagram protocol. Private to log.cpp.
// Own, because sd_journal_sendv() waits without limit for a journal that does not keep up, and the
// callers are event loops.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "common/log.hpp"

namespace ccr::log {

class Journal {
  public:
    // `socket`: the journal's.
    explicit Journal(std::string_view socket = "/run/systemd/journal/socket");
    Journal(const Journal&) = delete;
    Journal& operator=(const Journal&) = delete;
    ~Journal();

    [[nodiscard]] bool connected() const { return fd_ >= 0; }
    // Any thread. False: not taken within max_wait_ms; the line is lost to the journal.
    [[nodiscard]] bool send(int priority, std::string_view line, std::span<const Field> fields);

    static constexpr int max_wait_ms = 20;

  private:
    int fd_ = -1;
};

// The datagram's text.
[[nodiscard]] std::string journal_entry(int priority, std::string_view line,
                                        std::span<const Field> fields);

}  // namespace ccr::log
