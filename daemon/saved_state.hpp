// SPDX-License-Identifier: MIT
// What the daemon knows and would have to learn anew after a restart: how the targets are doing.
// One JSON file in the state directory.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/result.hpp"
#include "daemon/proxy/worker.hpp"

namespace ccr::saved_state {

// The file's text. `now`: Unix milliseconds, and the same moment on the steady clock.
[[nodiscard]] std::string format(const proxy::Shared& shared, std::int64_t now, SteadyTime steady);
// Takes over what `format` wrote, times moved on by what has passed since. ErrorKind::malformed for
// anything else; nothing is taken over then.
[[nodiscard]] Result<void> parse(std::string_view text, proxy::Shared& shared, std::int64_t now,
                                 SteadyTime steady);

// Both log what goes wrong and go on without: the state is worth less than serving. A damaged file
// is renamed and named in the log.
void save(const std::string& file, const proxy::Shared& shared);
// Gives its new name.
std::optional<std::string> restore(const std::string& file, proxy::Shared& shared);

}  // namespace ccr::saved_state
