// SPDX-License-Identifier: MIT
// A provider's stream of generateContent chunks, and the same bytes as a body and as an error.
#include "tests/fuzz/reply_check.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace ccr;
    fuzz::check_provider({*dialect::find("gemini"), *dialect::profile_named("gemini-native")},
                         fuzz::steered(data, size));
    return 0;
}
