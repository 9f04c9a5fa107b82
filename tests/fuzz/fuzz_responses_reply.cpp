// SPDX-License-Identifier: MIT
// A provider's stream of Responses events, and the same bytes as a body and as an error.
#include "daemon/dialect/profile.hpp"
#include "tests/fuzz/reply_check.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace ccr;
    const auto input = fuzz::steered(data, size);
    const auto profile = dialect::for_responses(*dialect::profile_named("openai"));
    const fuzz::Answering from{*dialect::find("openai-responses"), profile};
    fuzz::check_reply(from, input);
    fuzz::check_body(from, input.input);
    const Error error = from.dialect.classify(400 + input.steer, {}, input.input, {});
    fuzz::check(!error.detail.empty(), "an error says why");
    return 0;
}
