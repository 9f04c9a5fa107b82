// SPDX-License-Identifier: MIT
// A provider's stream of Chat Completions chunks, and the same bytes as a body and as an error.
#include <array>

#include "tests/fuzz/reply_check.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace ccr;
    constexpr std::array names{"openai", "deepseek", "glm", "minimax", "openrouter", "mistral"};
    const auto input = fuzz::steered(data, size);
    const auto& profile = dialect::find_profile(names.at(input.steer % names.size()), "", "");
    fuzz::check_provider({*dialect::find("openai"), profile}, input);
    return 0;
}
