// SPDX-License-Identifier: MIT
// The built-in models: what they say (behaviours.cpp) and how they fail (faults.cpp).
#pragma once

#include <string_view>

#include "tests/mock/plan.hpp"
#include "tests/mock/reply.hpp"
#include "tests/mock/service.hpp"

namespace ccr::mock {

// Names of the built-in models, for GET /v1/models and the help text.
const std::vector<std::string_view>& builtin_models();

Reply make_reply(const Ask& ask, Service& service);

// Plan for a built-in model, or nullptr if the name is none.
PlanPtr behaviour_plan(const Ask& ask, Service& service);
PlanPtr fault_plan(const Ask& ask, Service& service);

// Headers of a successful reply as the API in question sends them.
HeaderList reply_headers(Api api, bool stream, std::string_view id);
// A whole error response; `retry` adds what the spec's header.* and retry_after* keys ask for.
std::string error_json(Api api, int status, std::string_view type, std::string_view message);

// Plays frames[0, count) at the pace of the spec (first_ms, interval_ms).
void play_frames(PlanBuilder& builder, const Ask& ask, const std::vector<std::string>& frames,
                 std::size_t count);

// A script's steps (JSON array text) as a plan.
PlanPtr script_plan(std::string_view steps, const Ask& ask, Service& service);

}  // namespace ccr::mock
