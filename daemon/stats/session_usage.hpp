// SPDX-License-Identifier: MIT
// How many input tokens each session's last request had. A client may send its next turn with less
// than it was counted to be; what the provider reported is the better sign of a long conversation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace ccr::stats {

// One for the process; thread-safe. Keeps the `capacity` sessions that were used last.
class SessionUsage {
  public:
    explicit SessionUsage(std::size_t capacity = 10'000) : capacity_(capacity) {}

    // `input_tokens`: all of them, cached ones included.
    void record(std::string_view session, std::int64_t input_tokens);
    // 0: nothing is known of the session.
    [[nodiscard]] std::int64_t last(std::string_view session);
    [[nodiscard]] std::size_t size();

  private:
    struct Entry {
        std::string session;
        std::int64_t input_tokens;
    };
    using Entries = std::list<Entry>;  // the one used last in front

    std::size_t capacity_;
    std::mutex mutex_;
    Entries entries_;
    std::unordered_map<std::string_view, Entries::iterator> index_;  // keys are views of entries_
};

}  // namespace ccr::stats
