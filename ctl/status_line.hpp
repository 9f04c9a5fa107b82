// SPDX-License-Identifier: MIT
// The status line of Claude Code: from facts and a style to one line. Pure.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/config/json5.hpp"

namespace ccr::ctl {

// By the names that styles use: model, inputTokens, cost … An unknown one is empty.
using Facts = std::map<std::string, std::string, std::less<>>;

// One part of the line: icon and text, in whose text {{name}} stands for a fact.
struct LineModule {
    std::string icon;
    std::string text;
    std::string colour;      // "#rrggbb", or a name such as bright_cyan; empty: none
    std::string background;  // the same, with or without bg_
};

struct LineStyle {
    std::vector<LineModule> modules;
    bool powerline = false;  // blocks with arrows between them
};

// The style of a `StatusLine` object ({currentStyle, STYLE: {modules: […]}}), or the built-in one.
// Modules that are JavaScript are left out. `icons`: whether the terminal's font has them.
[[nodiscard]] LineStyle line_style(const json5::Value* status_line, bool icons);

// Without a line end. Parts whose text is empty are left out.
[[nodiscard]] std::string render_line(const LineStyle& style, const Facts& facts, bool colour);

// What Claude Code writes to a status line's standard input, as facts. Empty if it is no JSON
// object. Paths of files to look at are among them: transcriptPath, workDir.
[[nodiscard]] Facts facts_of(std::string_view json);

// Adds what the last answer in a transcript (JSON lines, the end of one is enough) says: its model
// and tokens.
void add_transcript(Facts& facts, std::string_view lines);
// Adds the provider of the model as the configuration knows it: provider, and target.
void add_target(Facts& facts, const json5::Value& config);

}  // namespace ccr::ctl
