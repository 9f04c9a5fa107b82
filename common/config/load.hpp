// SPDX-License-Identifier: MIT
// From a file to a checked Config. All problems are found in one go; a config with warnings loads,
// one with an error does not.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/config/model.hpp"

namespace ccr::config {

enum class Severity : std::uint8_t { warning, error };

struct Problem {
    Severity severity = Severity::error;
    std::string file;
    std::uint32_t line = 0;    // 0: about the file as a whole
    std::uint32_t column = 0;  // characters, 1-based
    std::string json_path;     // "Providers[0].api_base_url"; empty: none
    std::string message;       // never contains a secret
    std::string suggestion;    // the likely intended name or value; empty: none
};

// "file:line:column: error: Providers[0].api_base_url: message (did you mean \"x\"?)"
[[nodiscard]] std::string format(const Problem& problem);

// The value of ${NAME}, or nothing. Injected so that tests decide what exists.
using Lookup = std::function<std::optional<std::string>(std::string_view name)>;

// $CREDENTIALS_DIRECTORY/NAME first (one trailing newline cut), then NAME in the user's own
// directory of credentials, then the environment; a variable that is set but empty counts as
// undefined.
[[nodiscard]] Lookup system_lookup();

// Names of presets, which become part of URLs and of file names.
[[nodiscard]] bool preset_name(std::string_view name);
inline constexpr std::string_view preset_name_rule =
    "a preset's name is 1 to 64 letters, digits, dots, underscores and hyphens, not . or ..";

struct Loaded {
    std::shared_ptr<const Config> config;  // null when any problem is an error
    std::vector<Problem> problems;         // in file order
    // The file as a tree, as far as it could be read: with references to variables as they are
    // written, and with their values in place. Both may hold secrets.
    json5::Value written;
    json5::Value resolved;

    [[nodiscard]] bool ok() const { return config != nullptr; }
};

// A file that cannot be read is one problem. Besides its content its permissions are looked at.
[[nodiscard]] Loaded load_file(const std::string& path, const Lookup& lookup = system_lookup());
[[nodiscard]] Loaded load_text(std::string_view text, const std::string& filename,
                               const Lookup& lookup = system_lookup());

}  // namespace ccr::config
