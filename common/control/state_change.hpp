// SPDX-License-Identifier: MIT
// What can become of the daemon and its tiers: the word in the event feed, and the MESSAGE_ID under
// which the journal finds it. The ids are fixed for good; ccrd(8) lists them.
#pragma once

#include <array>
#include <string_view>

namespace ccr::control {

struct StateChange {
    std::string_view what;
    std::string_view message_id;  // 128 bits in hexadecimal
};

namespace change {
inline constexpr StateChange started{"started", "1478c42e38881e700469251fee48d070"};
inline constexpr StateChange reloaded{"reloaded", "0a14f9c4a5dc8c00db2058045b312eb5"};
inline constexpr StateChange reload_failed{"reload_failed", "4fc7e964252541e871c940dd6229a6ae"};
inline constexpr StateChange draining{"draining", "0d3e0be9c273727d2c2a036e2184054f"};
inline constexpr StateChange stopped{"stopped", "fcf864b614c7a75d0e649fc7b1833f62"};
inline constexpr StateChange breaker_open{"breaker_open", "c7f74e096db52ff447c9ca38307c6d36"};
inline constexpr StateChange tier_limited{"tier_limited", "c90400b3c45a1fbd3b45687c3575de4f"};
inline constexpr StateChange tier_misconfigured{"tier_misconfigured",
                                                "65ca56e7d93f8263afc0c41a398f051f"};
inline constexpr StateChange tier_missing{"tier_missing", "6035f23ae09e0f67d4b84fe1554d60bc"};
inline constexpr StateChange tier_recovered{"tier_recovered", "ce023d443b47a82eca87c6fb6f128235"};
}  // namespace change

inline constexpr std::array state_changes{
    change::started,      change::reloaded,      change::reload_failed, change::draining,
    change::stopped,      change::breaker_open,  change::tier_limited,  change::tier_misconfigured,
    change::tier_missing, change::tier_recovered};

}  // namespace ccr::control
