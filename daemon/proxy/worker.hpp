// SPDX-License-Identifier: MIT
// What a request finds on its loop: the configuration of the moment, the upstream pool, scratch
// memory. One per loop, touched by that loop's thread only.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "common/json.hpp"
#include "daemon/net/loop.hpp"
#include "daemon/net/pool.hpp"
#include "daemon/route/plan.hpp"

namespace ccr::proxy {

namespace asio = boost::asio;

// One loaded configuration, ready to serve. Immutable; a request pins the one it started with, so
// a reload never changes the ground under it.
struct Snapshot {
    std::shared_ptr<const route::Directory> directory;
    std::vector<net::Origin> origins;  // parallel to directory->providers()

    [[nodiscard]] const Config& config() const { return directory->config(); }
    [[nodiscard]] const net::Origin& origin(const route::Provider& provider) const {
        return origins[static_cast<std::size_t>(&provider - directory->providers().data())];
    }
};

class TokenCounter;

// State of the process that outlives configurations.
struct Shared {
    net::Pool* pool = nullptr;
    TokenCounter* tokens = nullptr;
    std::string envelope_key;  // signs the reasoning that we hand out
    std::atomic<std::size_t> streams{0};
    std::atomic<bool> draining{false};
};

struct Worker {
    net::Loop* loop = nullptr;
    Shared* shared = nullptr;
    std::shared_ptr<const Snapshot> snapshot;
    // For parsing one provider event at a time; never holds anything across a suspension.
    json::Document scratch;
};

}  // namespace ccr::proxy
