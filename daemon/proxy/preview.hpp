// SPDX-License-Identifier: MIT
// Who would be asked for a routed request, in which order and why, without asking.
#pragma once

#include <string>
#include <vector>

#include "daemon/proxy/turn.hpp"

namespace ccr::proxy {

struct Prospect {
    route::Target target;
    bool asked = false;  // in its turn; else it is passed over
    std::string why;
    Millis opens{0};  // passed over: how soon that ends; 0: not known
};

// `turn.plan` has been made.
[[nodiscard]] std::vector<Prospect> preview(const Turn& turn);

}  // namespace ccr::proxy
