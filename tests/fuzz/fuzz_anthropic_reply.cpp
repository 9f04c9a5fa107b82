// SPDX-License-Identifier: MIT
// A provider's stream of Anthropic's events, and the same bytes as a body and as an error.
#include "tests/fuzz/reply_check.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace ccr;
    fuzz::check_provider({*dialect::find("anthropic"), *dialect::profile_named("anthropic")},
                         fuzz::steered(data, size));
    return 0;
}
