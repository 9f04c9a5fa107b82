// SPDX-License-Identifier: MIT
// What a request finds on its loop: the configuration of the moment, the upstream pool, scratch
// memory. One per loop, touched by that loop's thread only.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/json.hpp"
#include "daemon/dialect/keepsakes.hpp"
#include "daemon/http/guard.hpp"
#include "daemon/net/loop.hpp"
#include "daemon/net/pool.hpp"
#include "daemon/proxy/admission.hpp"
#include "daemon/proxy/event_feed.hpp"
#include "daemon/proxy/google_tokens.hpp"
#include "daemon/proxy/health.hpp"
#include "daemon/proxy/overrides.hpp"
#include "daemon/proxy/snapshot.hpp"
#include "daemon/proxy/tally.hpp"
#include "daemon/stats/session_usage.hpp"

namespace ccr::store {
class History;
}

namespace ccr::proxy {

namespace asio = boost::asio;

class CustomRouter;
class Dedup;
class TokenCounter;

// State of the process that outlives configurations.
struct Shared {
    net::Pool* pool = nullptr;
    TokenCounter* tokens = nullptr;
    stats::Book* book = nullptr;
    store::History* history = nullptr;
    Health health;
    Gates gates;
    GoogleTokens google_tokens;
    std::string envelope_key;  // signs the reasoning that we hand out
    stats::SessionUsage session_usage;
    dialect::Keepsakes keepsakes;
    std::atomic<std::size_t> streams{0};
    std::atomic<bool> draining{false};
    std::atomic<std::uint64_t> reloads_ok{0};
    std::atomic<std::uint64_t> reloads_failed{0};
    EventFeed feed;
    // A target failed: its standing may have changed. Any thread; at most a write to a descriptor.
    std::function<void()> stirred;
};

struct Worker {
    net::Loop* loop = nullptr;
    Shared* shared = nullptr;
    std::shared_ptr<const Snapshot> snapshot;
    stats::Shard* stats = nullptr;
    std::shared_ptr<Dedup> dedup;
    // For parsing one provider event at a time; never holds anything across a suspension.
    json::Document scratch;
    Overrides overrides;
    // Made by the first request that needs it; of the configuration it was made for.
    std::shared_ptr<CustomRouter> custom_router;
    std::weak_ptr<const Snapshot> custom_router_of;
};

}  // namespace ccr::proxy
