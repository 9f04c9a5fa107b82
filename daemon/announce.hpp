// SPDX-License-Identifier: MIT
// A change of state, said once to everybody: log line, journal entry with its MESSAGE_ID, event.
#pragma once

#include <string>
#include <string_view>

#include "common/control/state_change.hpp"
#include "common/log.hpp"
#include "daemon/proxy/event_feed.hpp"

namespace ccr {

// The tier that it is about; empty: about the daemon.
struct Place {
    std::string tier;
    std::string provider;
    std::string model;
};

void announce(proxy::EventFeed& feed, const control::StateChange& change, log::Level level,
              const std::string& message, const Place& place = {});

}  // namespace ccr
