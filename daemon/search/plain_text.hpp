// SPDX-License-Identifier: MIT
// What strangers write into titles and summaries of their pages, made fit for a model and for a
// terminal: no tags, scripts or entities, nothing invisible, nothing that turns text around.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace ccr::search {

// One line of at most `max` characters; what is cut off ends in "…".
[[nodiscard]] std::string plain_text(std::string_view html, std::size_t max);

// A URL of http or https in visible ASCII, percent-encoded where need be; nothing for any other.
[[nodiscard]] std::optional<std::string> plain_url(std::string_view url);

}  // namespace ccr::search
