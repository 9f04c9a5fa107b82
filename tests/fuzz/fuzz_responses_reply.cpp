// SPDX-License-Identifier: MIT
// A provider's stream of Responses events, and the same bytes as a body and as an error.
#include "daemon/dialect/profile.hpp"
#include "tests/fuzz/reply_check.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace ccr;
    const auto profile = dialect::for_responses(*dialect::profile_named("openai"));
    fuzz::check_provider({*dialect::find("openai-responses"), profile}, fuzz::steered(data, size));
    return 0;
}
