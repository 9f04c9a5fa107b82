// SPDX-License-Identifier: MIT
// How a request is put to a target. Most providers speak one format. OpenAI has two, and what one
// of them cannot do goes out in the other: newer models take tools beside reasoning only in
// Responses, and the provider's own web search is there.
#pragma once

#include "daemon/chat/request.hpp"
#include "daemon/dialect/dialect.hpp"
#include "daemon/route/plan.hpp"

namespace ccr::route {

struct Speech {
    const dialect::Dialect* dialect = nullptr;  // never null
    dialect::Profile profile;                   // what the encoder is to be given
    // Goes to config::Provider::responses_target instead of the usual endpoint.
    bool beside = false;
};

// `door` is the format that the client speaks: where the provider takes that, it is not changed.
[[nodiscard]] Speech speech_for(const Target& target, const chat::Request& request,
                                const dialect::Dialect& door);

}  // namespace ccr::route
