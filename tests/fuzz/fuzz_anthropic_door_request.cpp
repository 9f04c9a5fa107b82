// SPDX-License-Identifier: MIT
// Requests of Anthropic's Messages format.
#include "tests/fuzz/door_check.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    ccr::fuzz::check_door("anthropic", ccr::fuzz::steered(data, size));
    return 0;
}
