// SPDX-License-Identifier: MIT
// What `ccr doctor` looks at, one function for each part. None changes anything.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ctl/arguments.hpp"
#include "ctl/client_env.hpp"

namespace ccr::ctl {

struct Finding {
    enum class State : std::uint8_t { ok, warn, fail, skipped };
    State state = State::ok;
    std::string name;  // "config", "provider deepseek"
    std::string text;  // what is
    std::string todo;  // what to do; empty: nothing
};

using Findings = std::vector<Finding>;

void look_at_config(const Settings& settings, Findings& out);
void look_at_router(const Arguments& arguments, const Settings& settings, Findings& out);
void look_at_clock(Findings& out);
void look_at_unit(const Arguments& arguments, Findings& out);
void look_at_client(const Settings& settings, Findings& out);
// Asks each provider for its models. Also tells from the answers whether the clock is right.
void look_at_providers(const Config& config, Findings& out);
// Whether the search engine can be reached. Only one that is the operator's own is asked to search:
// with the others that costs something.
void look_at_search_engine(const Config& config, Findings& out);

}  // namespace ccr::ctl
