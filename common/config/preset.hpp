// SPDX-License-Identifier: MIT
// Presets: named configurations over the main one, reached under /preset/NAME. They come from
// directories "presets/NAME" beside the config file, each with a manifest.json in the format of the
// Node router, and from `Presets` in the config itself. Reads files; for start-up and reload.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/config/load.hpp"

namespace ccr::config {

inline constexpr std::size_t max_presets = 256;
inline constexpr std::size_t max_manifest = std::size_t{1} << 20U;  // bytes

struct Preset {
    std::string id;    // directory, or key in `Presets`; [A-Za-z0-9._-]{1,64}, unique
    std::string name;  // the manifest's own name, which may be any text; else the id
    std::string version;
    std::string description;
    std::string author;
    std::string homepage;
    std::string repository;
    std::string license;
    std::vector<std::string> keywords;
    // The main config with the preset's providers, routes, fallbacks, custom router and system
    // prompt in place of its own; the server's settings, proxy and timeouts are the main config's.
    // `source` is the manifest; without `presets` and `extra`. Never null.
    std::shared_ptr<const Config> config;
};

struct Presets {
    std::vector<Preset> list;       // by id
    std::vector<Problem> problems;  // a preset with an error is not in the list; never fatal

    // By id, else by the manifest's name if a single preset has it. nullptr: none.
    [[nodiscard]] const Preset* find(std::string_view name) const;
};

// `config_dir` is the directory of the config file. One that does not exist has no presets.
[[nodiscard]] Presets load_presets(const std::string& config_dir,
                                   const std::shared_ptr<const Config>& main,
                                   const Lookup& lookup = system_lookup());

// One manifest's text, for tools that check or install it. `filename` is for messages and `source`;
// the id is left empty. Without a config when a problem is an error.
struct LoadedPreset {
    Preset preset;
    std::vector<Problem> problems;
};
[[nodiscard]] LoadedPreset load_manifest(std::string_view text, const std::string& filename,
                                         const Config& main,
                                         const Lookup& lookup = system_lookup());

}  // namespace ccr::config
