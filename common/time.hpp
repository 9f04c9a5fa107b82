// SPDX-License-Identifier: MIT
// Time as the pure modules see it: a steady point, or a wall clock one where a peer names dates,
// handed in by the caller.
#pragma once

#include <chrono>

namespace ccr {

using SteadyTime = std::chrono::steady_clock::time_point;
using WallTime = std::chrono::system_clock::time_point;
using Millis = std::chrono::milliseconds;
using namespace std::chrono_literals;

}  // namespace ccr
