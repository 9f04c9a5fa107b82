// SPDX-License-Identifier: MIT
// One loaded configuration with its presets, ready to serve. Immutable; a request pins the one it
// started with, so a reload never changes the ground under it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/config/preset.hpp"
#include "daemon/http/guard.hpp"
#include "daemon/http/message.hpp"
#include "daemon/net/pool.hpp"
#include "daemon/proxy/lineup.hpp"
#include "daemon/proxy/tally.hpp"
#include "daemon/route/plan.hpp"

namespace ccr::proxy {

struct Worker;
struct Snapshot;

// A preset as requests under /preset/NAME find it.
struct ServedPreset {
    config::Preset about;
    std::shared_ptr<const Snapshot> snapshot;  // never null; has no presets of its own
};

struct Snapshot {
    std::shared_ptr<const route::Directory> directory;
    std::vector<net::Origin> origins;  // parallel to directory->providers()
    // The same, of those that give out the tokens for them; null where a key will do.
    std::vector<std::unique_ptr<net::Origin>> token_origins;
    std::unique_ptr<net::Origin> search_origin;  // of WebSearch; null: none is configured
    http::GuardOptions guard;
    TargetSlots slots;
    Lineup lineup;
    std::vector<ServedPreset> presets;  // by id

    [[nodiscard]] const Config& config() const { return directory->config(); }
    [[nodiscard]] const net::Origin& origin(const route::Provider& provider) const {
        return origins[static_cast<std::size_t>(&provider - directory->providers().data())];
    }
    // Only of a provider that is reached with a Google account.
    [[nodiscard]] const net::Origin& token_origin(const route::Provider& provider) const {
        return *token_origins[static_cast<std::size_t>(&provider - directory->providers().data())];
    }
    // By id, else by the manifest's name if a single preset has it. Null: none.
    [[nodiscard]] const ServedPreset* find_preset(std::string_view name) const;
};

// The configuration that a request is for: the preset that its path names, else the worker's. Null
// when there is no such preset.
[[nodiscard]] std::shared_ptr<const Snapshot> pin(const Worker& worker,
                                                  const http::Request& request);

}  // namespace ccr::proxy
