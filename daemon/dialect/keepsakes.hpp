// SPDX-License-Identifier: MIT
// Providers' state that came in front of a tool call (thought signatures, encrypted reasoning),
// kept for clients that do not give back what they do not know: many of OpenAI's drop all but the
// call. It stays sealed (envelope.hpp), so it is of use to the provider that made it and to nobody
// else.
#pragma once

#include <cstddef>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "daemon/chat/request.hpp"
#include "daemon/dialect/profile.hpp"

namespace ccr::dialect {

// One for the process; thread-safe. What was used least recently goes when either limit is reached.
class Keepsakes {
  public:
    explicit Keepsakes(std::size_t capacity = 4096, std::size_t max_bytes = std::size_t{32} << 20U)
        : capacity_(capacity), max_bytes_(max_bytes) {}

    // Whether such a provider wants state of its own back, and not just its thoughts. For all
    // others nothing is kept or looked up.
    [[nodiscard]] static bool wanted_by(const Profile& profile);
    // `id` and `tool` as the client was told them: ids alone may come again elsewhere.
    void keep(std::string_view id, std::string_view tool, std::string_view sealed);
    // Empty if nothing is known of the call.
    [[nodiscard]] std::string find(std::string_view id, std::string_view tool);

  private:
    struct Entry {
        std::string call;
        std::string sealed;
        [[nodiscard]] std::size_t size() const { return call.size() + sealed.size(); }
    };
    using Entries = std::list<Entry>;  // the one used last in front

    void drop(Entries::iterator entry);

    std::size_t capacity_;
    std::size_t max_bytes_;
    std::mutex mutex_;
    std::size_t bytes_ = 0;
    Entries entries_;
    std::unordered_map<std::string_view, Entries::iterator> index_;  // keys are views of entries_
};

// Puts a thinking block in front of each call of the history that has lost its own.
void restore_reasoning(chat::Request& request, Keepsakes& keepsakes);

}  // namespace ccr::dialect
