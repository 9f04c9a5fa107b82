// SPDX-License-Identifier: MIT
#include "daemon/announce.hpp"

#include <array>

namespace ccr {

void announce(proxy::EventFeed& feed, const control::StateChange& change, log::Level level,
              const std::string& message, const Place& place) {
    const std::array<log::Field, 3> fields{
        {{"MESSAGE_ID", change.message_id}, {"TIER", place.tier}, {"MODEL", place.model}}};
    log::write(level, message, {fields.data(), place.tier.empty() ? 1U : fields.size()});
    if (!feed.heard()) return;
    control::Event event;
    event.type = "state";
    event.what = change.what;
    event.message = message;
    event.tier = place.tier;
    event.provider = place.provider;
    event.model = place.model;
    feed.tell(std::move(event));
}

}  // namespace ccr
