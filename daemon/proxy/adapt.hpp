// SPDX-License-Identifier: MIT
// What can be left out or changed of a request that a provider refuses for a feature, so that it
// takes it the second time. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "common/result.hpp"
#include "daemon/chat/request.hpp"
#include "daemon/dialect/overlay.hpp"
#include "daemon/dialect/profile.hpp"

namespace ccr::proxy {

// Bits, as a set of them is remembered for each target.
namespace feature {
constexpr std::uint32_t cache_control = 1U << 0U;
constexpr std::uint32_t thinking_enabled = 1U << 1U;   // thinking of that type
constexpr std::uint32_t thinking_adaptive = 1U << 2U;  // the same
constexpr std::uint32_t effort = 1U << 3U;
constexpr std::uint32_t schema = 1U << 4U;
constexpr std::uint32_t images = 1U << 5U;
constexpr std::uint32_t documents = 1U << 6U;
constexpr std::uint32_t signatures = 1U << 7U;
constexpr std::uint32_t mid_system = 1U << 8U;
constexpr std::uint32_t tool_schema = 1U << 9U;  // all of JSON Schema for tools' parameters
constexpr std::uint32_t summary = 1U << 10U;     // of the reasoning
}  // namespace feature

// Which one a capability failure is about; 0: none that can be left out.
[[nodiscard]] std::uint32_t refused_feature(const Error& failure);

// Changes profile and overlay so that the features are not used. `native`: the provider speaks the
// client's own dialect. False if one of them cannot be done without.
bool leave_out(std::uint32_t features, bool native, const chat::Request& request,
               dialect::Profile& profile, dialect::Overlay& overlay);

// How many tokens of output may be asked for, from a max_tokens failure's sentence; nothing if it
// does not say, or if what is left is not worth asking for.
[[nodiscard]] std::optional<std::int64_t> allowed_max_tokens(const Error& failure);

}  // namespace ccr::proxy
