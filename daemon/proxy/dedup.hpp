// SPDX-License-Identifier: MIT
// Identical requests that are in flight together are one call to the provider. Only within one
// session: a client that names none is not told apart from others, and may want as many answers as
// it asks for.
#pragma once

#include <array>
#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "common/digest.hpp"
#include "daemon/proxy/broadcast.hpp"
#include "daemon/proxy/turn.hpp"

namespace ccr::proxy {

// Who asks, exactly, and what, as a hash under a key of this process.
struct DedupKey {
    std::string principal;  // session and agent
    KeyedHash::Value request{};
    friend bool operator==(const DedupKey&, const DedupKey&) = default;
};

// The answers that can be joined, of all loops. A request takes one of many short locks twice; the
// bytes of its answer take none.
class DedupTable {
  public:
    // The answer under way for `key`; or null, and `own` is entered for it.
    [[nodiscard]] std::shared_ptr<Broadcast> find_or_enter(const DedupKey& key,
                                                           const std::shared_ptr<Broadcast>& own);
    void remove(const DedupKey& key, const Broadcast* own);
    [[nodiscard]] std::size_t size() const;
    // Bytes of answers that are kept for those who may still come.
    [[nodiscard]] const std::shared_ptr<std::atomic<std::size_t>>& kept() const { return kept_; }

  private:
    struct Hash {
        std::size_t operator()(const DedupKey& key) const;
    };
    struct alignas(64) Stripe {
        mutable std::mutex mutex;
        std::unordered_map<DedupKey, std::shared_ptr<Broadcast>, Hash> answers;
    };
    static constexpr std::size_t stripe_count = 64;
    [[nodiscard]] Stripe& stripe(const DedupKey& key);

    std::array<Stripe, stripe_count> stripes_;
    std::shared_ptr<std::atomic<std::size_t>> kept_ = std::make_shared<std::atomic<std::size_t>>(0);
};

// A request's leadership over those that ask the same, for as long as it lives.
class Leadership {
  public:
    Leadership() = default;
    Leadership(const Leadership&) = delete;
    Leadership& operator=(const Leadership&) = delete;
    ~Leadership();

  private:
    friend class Dedup;
    std::shared_ptr<Broadcast> broadcast_;
};

// One loop's way to the table.
class Dedup {
  public:
    // `key`: KeyedHash::key_size bytes, the same for all loops.
    Dedup(DedupTable& table, std::string_view key) : table_(table), hash_(key) {}

    // After Turn::decode(). The answer to follow, or null: the request goes its own way, and leads
    // if it can be shared at all.
    [[nodiscard]] std::shared_ptr<Broadcast> enter(Turn& turn, Leadership& leadership);

  private:
    [[nodiscard]] DedupKey key_of(const Turn& turn, std::string_view session);
    void add(std::string_view field);
    void add_body(const chat::Request& chat);

    DedupTable& table_;
    KeyedHash hash_;
};

// Gives the client what the leader's client gets. False if there is nothing to be had and nothing
// was sent: the request has to go its own way.
[[nodiscard]] asio::awaitable<bool> follow(Turn& turn, std::shared_ptr<Broadcast> broadcast);

}  // namespace ccr::proxy
