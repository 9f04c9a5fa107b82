// SPDX-License-Identifier: MIT
// The presets beside a configuration file: installing, exporting, deleting one.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/config/preset.hpp"
#include "ctl/package.hpp"
#include "ctl/settings.hpp"

namespace ccr::ctl {

// "DIR/presets" for "DIR/config.json"
[[nodiscard]] std::string presets_directory(const std::string& config);

// A field of a manifest's schema that has no value yet.
struct MissingValue {
    std::string id;
    std::string label;  // what to ask for
    bool secret = false;
    std::vector<std::string> choices;  // empty: any text
};

class Manifest {
  public:
    // Errors (kind config) say what is wrong with the text.
    static Result<Manifest> parse(std::string text, std::string filename);

    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] std::string name() const;  // its own; may be any text
    // What it still needs, and what is wrong with it, over this configuration.
    [[nodiscard]] std::vector<MissingValue> missing(const Config& main) const;
    [[nodiscard]] std::vector<config::Problem> problems(const Config& main) const;
    [[nodiscard]] bool secret(std::string_view id) const;
    [[nodiscard]] bool has_field(std::string_view id) const;
    // As the field's type wants it: a number, true or false, a list with commas, else a text.
    Result<void> set(std::string_view id, std::string_view value);

  private:
    std::string text_;
    std::string filename_;
    json5::Value tree_;
};

// Puts the files in place as a whole, or not at all.
[[nodiscard]] Result<void> install_preset(const std::string& config, const std::string& name,
                                          const std::vector<PackageFile>& files, bool replace);
// False: there is none.
[[nodiscard]] Result<bool> delete_preset(const std::string& config, const std::string& name);

// The configuration as a manifest. Each secret becomes a field that is asked for on installing.
struct ExportedPreset {
    std::string manifest;
    std::vector<std::string> fields;
};
[[nodiscard]] ExportedPreset export_preset(
    const json5::Value& config, const std::vector<std::pair<std::string, std::string>>& metadata);

}  // namespace ccr::ctl
