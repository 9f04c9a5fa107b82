// SPDX-License-Identifier: MIT
// A configuration from anywhere: a config without errors, or errors that say where and what.
#include "common/config/load.hpp"
#include "tests/fuzz/fuzz.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace ccr::config;
    const auto lookup = [](std::string_view name) -> std::optional<std::string> {
        if (name == "KEY") return "value";
        return std::nullopt;
    };
    const Loaded loaded = load_text(ccr::fuzz::as_text(data, size), "config.json", lookup);
    bool failed = false;
    for (const Problem& problem : loaded.problems) {
        failed = failed || problem.severity == Severity::error;
        ccr::fuzz::check(!problem.message.empty(), "a problem says what");
        ccr::fuzz::check(format(problem).starts_with("config.json:"), "a problem says where");
    }
    ccr::fuzz::check(failed != loaded.ok(), "a config is there exactly if there is no error");
    return 0;
}
