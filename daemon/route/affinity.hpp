// SPDX-License-Identifier: MIT
// Which target last served a conversation: its prompt cache lives there. Bounded, least recently
// used out first. Pure; the caller hands in the time and guards against concurrent use.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "common/config/dispatch.hpp"
#include "common/time.hpp"

namespace ccr::route {

class Affinity {
  public:
    // A conversation and a target, as hashes. Two conversations with the same hash would share
    // their target, which costs a prompt cache and nothing else.
    using Key = std::uint64_t;

    void set_options(const config::Promotion& options);

    // Nothing if the conversation is unknown or has been idle for too long.
    [[nodiscard]] std::optional<Key> find(Key conversation, SteadyTime now);
    void put(Key conversation, Key target, SteadyTime now);
    [[nodiscard]] std::size_t size() const { return index_.size(); }

  private:
    using Slot = std::uint32_t;
    static constexpr Slot none = ~Slot{0};
    struct Entry {
        Key conversation;
        Key target;
        SteadyTime used;
        Slot newer;
        Slot older;
    };

    void unlink(Slot slot);
    void link_newest(Slot slot);
    void remove(Slot slot);
    [[nodiscard]] Slot make_room();

    std::size_t capacity_ = config::Promotion().max_conversations;
    Millis idle_ = config::Promotion().conversation_idle;
    std::vector<Entry> entries_;
    std::vector<Slot> free_;
    std::unordered_map<Key, Slot> index_;
    Slot newest_ = none;
    Slot oldest_ = none;
};

}  // namespace ccr::route
