// SPDX-License-Identifier: MIT
#include "ctl/status_line.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "common/json.hpp"
#include "common/text.hpp"
#include "ctl/print.hpp"

namespace ccr::ctl {
namespace {

using json5::Value;

constexpr std::size_t most_modules = 10;

// The number of a terminal's own colours: 0 to 7, and 8 to 15 for the bright ones.
std::optional<int> named_colour(std::string_view name) {
    constexpr std::array<std::string_view, 8> names{"black", "red",     "green", "yellow",
                                                    "blue",  "magenta", "cyan",  "white"};
    const bool bright = name.starts_with("bright_");
    if (bright) name.remove_prefix(7);
    if (name == "gray" || name == "grey") return 8;
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) return std::nullopt;
    return static_cast<int>(found - names.begin()) + (bright ? 8 : 0);
}

// "38;2;1;2;3" or "96"; empty for what is no colour.
std::string colour_code(std::string_view name, bool background) {
    if (name.starts_with("bg_")) name.remove_prefix(3);
    if (const auto number = named_colour(name)) {
        const int base = *number < 8 ? 30 + *number : 90 + *number - 8;
        return std::to_string(background ? base + 10 : base);
    }
    if (name.size() != 7 || name[0] != '#') return {};
    std::string code = background ? "48;2" : "38;2";
    for (std::size_t i = 1; i < 7; i += 2) {
        unsigned value = 0;
        const auto [end, error] = std::from_chars(name.data() + i, name.data() + i + 2, value, 16);
        if (error != std::errc{} || end != name.data() + i + 2) return {};
        code += ";" + std::to_string(value);
    }
    return code;
}

std::string escape(std::string_view code) {
    return code.empty() ? std::string() : "\x1b[" + std::string(code) + "m";
}

std::string filled(std::string_view text, const Facts& facts) {
    std::string out;
    while (!text.empty()) {
        const auto open = text.find("{{");
        const auto close = open == std::string_view::npos ? open : text.find("}}", open);
        out += text.substr(0, close == std::string_view::npos ? close : open);
        if (close == std::string_view::npos) break;
        const auto fact = facts.find(trim(text.substr(open + 2, close - open - 2)));
        if (fact != facts.end()) out += fact->second;
        text.remove_prefix(close + 2);
    }
    return harmless(trim(out));
}

std::string text_of(const Value& object, std::string_view key) {
    const Value* value = object.find(key);
    return value != nullptr && value->is_string() ? value->text : std::string();
}

LineStyle built_in(bool icons) {
    const auto icon = [icons](const char* with, const char* without) {
        return std::string(icons ? with : without);
    };
    return {{{icon("\U000F024B", ""), "{{workDirName}}", "bright_blue", ""},
             {icon("\uE0A0", ""), "{{gitBranch}}", "bright_magenta", ""},
             {icon("\U000F06A9", ""), "{{target}}", "bright_cyan", ""},
             {"\u2191", "{{inputTokens}}", "bright_green", ""},
             {"\u2193", "{{outputTokens}}", "bright_yellow", ""},
             {"", "{{cost}}", "", ""}},
            false};
}

struct Part {
    std::string text;
    std::string foreground;
    std::string background;
};

std::string plain_line(const std::vector<Part>& parts, bool colour) {
    std::string line;
    for (const Part& part : parts) {
        if (!line.empty()) line += ' ';
        std::string codes = part.foreground;
        if (!part.background.empty()) codes += (codes.empty() ? "" : ";") + part.background;
        const bool painted = colour && !codes.empty();
        line += painted ? escape(codes) + part.text + "\x1b[0m" : part.text;
    }
    return line;
}

// The arrow has the colour of the block that it ends on that of the next.
std::string powerline(const std::vector<Part>& parts, const std::vector<std::string>& blocks) {
    std::string line;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        line += escape("0") + escape(parts[i].foreground) + escape(parts[i].background) + " " +
                parts[i].text + " " + escape("0") + escape(blocks[i]);
        if (i + 1 < parts.size()) line += escape(parts[i + 1].background);
        line += "\uE0B0";
    }
    return line + "\x1b[0m";
}

std::string fixed(double value, int digits) {
    std::array<char, 64> out;
    const auto [end, error] =
        std::to_chars(out.data(), out.data() + out.size(), value, std::chars_format::fixed, digits);
    return error == std::errc{} ? std::string(out.data(), end) : std::string();
}

std::string money(double dollars) {
    if (!std::isfinite(dollars) || dollars < 0) return {};
    return dollars < 0.01 ? fixed(dollars * 100, 2) + "\u00A2" : "$" + fixed(dollars, 2);
}

std::string spell_time(double milliseconds) {
    if (!std::isfinite(milliseconds) || milliseconds < 0 || milliseconds > 1e15) return {};
    const auto seconds = static_cast<std::int64_t>(milliseconds / 1000);
    if (seconds < 60) return std::to_string(seconds) + "s";
    if (seconds < 3600)
        return std::to_string(seconds / 60) + "m" + std::to_string(seconds % 60) + "s";
    return std::to_string(seconds / 3600) + "h" + std::to_string(seconds % 3600 / 60) + "m";
}

void set_tokens(Facts& facts, std::int64_t input, std::int64_t output) {
    const bool thousands = input > 1000 || output > 1000;
    const auto shown = [thousands](std::int64_t count) {
        return thousands ? fixed(static_cast<double>(count) / 1000, 1) + "k"
                         : std::to_string(count);
    };
    facts["inputTokens"] = shown(input);
    facts["outputTokens"] = shown(output);
}

// All that the model read, whatever it cost.
std::int64_t input_of(json::Value usage) {
    return usage["input_tokens"].integer().value_or(0) +
           usage["cache_read_input_tokens"].integer().value_or(0) +
           usage["cache_creation_input_tokens"].integer().value_or(0);
}

void set_number(Facts& facts, std::string_view name, json::Value value) {
    if (const auto number = value.integer()) facts[std::string(name)] = std::to_string(*number);
}

void add_window(Facts& facts, json::Value window) {
    set_number(facts, "contextWindowSize", window["context_window_size"]);
    set_number(facts, "totalInputTokens", window["total_input_tokens"]);
    set_number(facts, "totalOutputTokens", window["total_output_tokens"]);
    const json::Value usage = window["current_usage"];
    if (usage.is_object())
        set_tokens(facts, input_of(usage), usage["output_tokens"].integer().value_or(0));
    if (const auto percent = window["used_percentage"].number())
        facts["contextPercent"] = fixed(*percent, 0);
}

void add_cost(Facts& facts, json::Value cost) {
    if (const auto dollars = cost["total_cost_usd"].number()) facts["cost"] = money(*dollars);
    if (const auto time = cost["total_duration_ms"].number()) facts["duration"] = spell_time(*time);
    set_number(facts, "linesAdded", cost["total_lines_added"]);
    set_number(facts, "linesRemoved", cost["total_lines_removed"]);
    const auto added = cost["total_lines_added"].integer();
    const auto removed = cost["total_lines_removed"].integer();
    if (added && removed && std::abs(*added) < 1'000'000'000 && std::abs(*removed) < 1'000'000'000)
        facts["netLines"] = std::to_string(*added - *removed);
}

std::string last_part(std::string_view path) {
    while (path.size() > 1 && path.ends_with('/'))
        path.remove_suffix(1);
    return std::string(path.substr(path.rfind('/') + 1));
}

bool lists(const Value& provider, std::string_view model) {
    const Value* models = provider.find("models");
    if (models == nullptr) return false;
    return std::any_of(models->items.begin(), models->items.end(), [model](const Value& item) {
        return iequals(item.is_string() ? item.text : text_of(item, "name"), model);
    });
}

}  // namespace

LineStyle line_style(const Value* status_line, bool icons) {
    if (status_line == nullptr) return built_in(icons);
    const std::string name = text_of(*status_line, "currentStyle");
    const Value* style = status_line->find(name.empty() ? "default" : name);
    const Value* modules = style == nullptr ? nullptr : style->find("modules");
    if (modules == nullptr || !modules->is_array()) return built_in(icons);
    LineStyle out;
    out.powerline = name == "powerline";
    for (const Value& module : modules->items) {
        if (text_of(module, "type") == "script" || out.modules.size() >= most_modules) continue;
        out.modules.push_back({text_of(module, "icon"), text_of(module, "text"),
                               text_of(module, "color"), text_of(module, "background")});
    }
    return out;
}

std::string render_line(const LineStyle& style, const Facts& facts, bool colour) {
    std::vector<Part> parts;
    std::vector<std::string> blocks;
    for (const LineModule& module : style.modules) {
        std::string text = filled(module.text, facts);
        if (text.empty()) continue;
        const std::string icon = harmless(module.icon);
        if (!icon.empty()) text.insert(0, icon + " ");
        parts.push_back({std::move(text), colour_code(module.colour, false),
                         colour_code(module.background, true)});
        blocks.push_back(colour_code(module.background, false));
    }
    if (style.powerline && colour) return parts.empty() ? std::string() : powerline(parts, blocks);
    return plain_line(parts, colour);
}

Facts facts_of(std::string_view text) {
    Facts facts;
    json::Document document;
    const auto root = document.parse(std::string(text));
    if (!root || !root->is_object()) return facts;
    const json::Value input = *root;
    const json::Value model = input["model"];
    const std::string_view name = model["display_name"].str();
    facts["model"] = name.empty() ? model["id"].str() : name;
    facts["modelId"] = model["id"].str();
    std::string_view directory = input["workspace"]["current_dir"].str();
    if (directory.empty()) directory = input["cwd"].str();
    facts["workDir"] = directory;
    facts["workDirName"] = last_part(directory);
    facts["transcriptPath"] = input["transcript_path"].str();
    facts["sessionId"] = input["session_id"].str().substr(0, 8);
    facts["version"] = input["version"].str();
    add_window(facts, input["context_window"]);
    add_cost(facts, input["cost"]);
    return facts;
}

void add_transcript(Facts& facts, std::string_view lines) {
    json::Document document;
    while (!lines.empty()) {
        const auto end = lines.rfind('\n');
        const std::string_view line = end == std::string_view::npos ? lines : lines.substr(end + 1);
        lines = end == std::string_view::npos ? std::string_view() : lines.substr(0, end);
        if (line.find("\"assistant\"") == std::string_view::npos) continue;
        const auto root = document.parse(std::string(line));
        if (!root || (*root)["type"].str() != "assistant" || (*root)["isSidechain"].boolean())
            continue;
        const json::Value message = (*root)["message"];
        const std::string_view model = message["model"].str();
        // The client's own notes look like answers.
        if (model.empty() || model == "<synthetic>") continue;
        facts["model"] = facts["modelId"] = model;
        const json::Value usage = message["usage"];
        if (usage.is_object())
            set_tokens(facts, input_of(usage), usage["output_tokens"].integer().value_or(0));
        return;
    }
}

void add_target(Facts& facts, const Value& config) {
    std::string model = facts["modelId"];
    std::string provider;
    if (const auto comma = model.find(','); comma != std::string::npos) {
        provider = model.substr(0, comma);
        model.erase(0, comma + 1);
        facts["model"] = model;
    }
    const Value* list = config.find("Providers");
    if (list == nullptr) list = config.find("providers");
    for (std::size_t i = 0; list != nullptr && provider.empty() && i < list->items.size(); ++i) {
        if (lists(list->items[i], model)) provider = text_of(list->items[i], "name");
    }
    facts["provider"] = provider;
    facts["target"] = provider.empty() ? facts["model"] : provider + "," + model;
}

}  // namespace ccr::ctl
