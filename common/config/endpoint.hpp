// SPDX-License-Identifier: MIT
// What a provider's URL says: the protocol, and where exactly to send requests.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/config/model.hpp"

namespace ccr::config {

// The protocol that a URL gives away by its path or host; nothing when it could be any.
[[nodiscard]] std::optional<Dialect> dialect_of_url(const Url& url);

// Whether the URL's path already is the dialect's own (".../chat/completions", ".../messages").
[[nodiscard]] bool complete_endpoint(const Url& url, Dialect dialect);

// Appends the dialect's path where the URL is only a base: no path, or one that ends in a version,
// "openai", "anthropic", "api" or a slash. Any other path is taken to be complete, since gateways
// have paths of their own and other routers always took it so.
[[nodiscard]] Url complete(Url url, Dialect dialect);

}  // namespace ccr::config
