// SPDX-License-Identifier: MIT
// A provider's stream of generateContent chunks, and the same bytes as a body and as an error.
#include "tests/fuzz/reply_check.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace ccr;
    const auto input = fuzz::steered(data, size);
    const fuzz::Answering from{*dialect::find("gemini"), *dialect::profile_named("gemini-native")};
    fuzz::check_reply(from, input);
    fuzz::check_body(from, input.input);
    const Error error = from.dialect.classify(400 + input.steer, {}, input.input, {});
    fuzz::check(!error.detail.empty(), "an error says why");
    return 0;
}
