// SPDX-License-Identifier: MIT
// A preset's manifest and a config to migrate from anywhere: a result, or problems that say what.
#include "common/config/migrate.hpp"
#include "common/config/preset.hpp"
#include "tests/fuzz/fuzz.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace ccr::config;
    static const auto none = [](std::string_view) { return std::optional<std::string>(); };
    static const Loaded main = load_text(
        "{Providers:[{name:'p',api_base_url:'https://x/v1',models:['m']}],Router:{default:'p,m'}}",
        "config.json", none);
    const std::string_view text = ccr::fuzz::as_text(data, size);

    const LoadedPreset preset = load_manifest(text, "manifest.json", *main.config, none);
    bool failed = false;
    for (const Problem& problem : preset.problems)
        failed = failed || problem.severity == Severity::error;
    ccr::fuzz::check(failed != (preset.preset.config != nullptr),
                     "a preset is there exactly if there is no error");

    const Migration migration = migrate(text, "config.json");
    ccr::fuzz::check(migration.text.empty() != migration.problems.empty(),
                     "a migrated text or the reason why there is none");
    if (migration.text.empty()) return 0;
    ccr::fuzz::check(ccr::json5::parse(migration.text).errors.empty(), "the new text is JSON5");
    for (const MigrationNote& note : migration.notes)
        ccr::fuzz::check(!note.why.empty(), "a note says why");
    return 0;
}
