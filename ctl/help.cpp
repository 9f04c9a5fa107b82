// SPDX-License-Identifier: MIT
#include "ctl/help.hpp"

#include <algorithm>
#include <vector>

#include "ctl/print.hpp"
#include "ctl/table.hpp"

namespace ccr::ctl {
namespace {

constexpr std::size_t width = 80;

std::string padded(std::string_view text, std::size_t columns) {
    std::string out(text);
    out.append(columns > out.size() ? columns - out.size() : 1, ' ');
    return out;
}

std::string heading_of(const Option& option) {
    std::string out = option.letter == 0 ? "    " : std::string("-") + option.letter + ", ";
    out += "--" + std::string(option.name);
    if (!option.value.empty()) out += " " + std::string(option.value);
    return out;
}

// "  heading      text", the text wrapped under itself.
std::string item(std::string_view heading, std::string_view text, std::size_t column) {
    std::string out = padded("  " + std::string(heading), column);
    std::string indent(column, ' ');
    bool first = true;
    for (const std::string& line : wrapped(text, width - column)) {
        if (!first) out += indent;
        out += line + "\n";
        first = false;
    }
    if (first) out += "\n";
    return out;
}

std::string options_text(const std::vector<const Option*>& options) {
    std::size_t column = 0;
    for (const Option* option : options)
        column = std::max(column, heading_of(*option).size() + 4);
    std::string out;
    for (const Option* option : options)
        out += item(heading_of(*option), option->help, column);
    return out;
}

std::string command_heading(const Command& command) {
    std::string out(command.name);
    if (!command.alias.empty()) out += ", " + std::string(command.alias);
    return out;
}

std::vector<const Option*> common_list() {
    std::vector<const Option*> out;
    for (const Option& option : common_options())
        out.push_back(&option);
    return out;
}

}  // namespace

std::string synopsis(const Command& command) {
    std::string out = "ccr " + std::string(command.name);
    if (command.verbatim) return out + " [ARGUMENTS...]";
    for (const Option& option : command.options) {
        out += " [--" + std::string(option.name);
        if (!option.value.empty()) out += " " + std::string(option.value);
        out += "]";
    }
    if (command.json) out += " [--json]";
    for (const Operand& operand : command.operands) {
        const std::string name = std::string(operand.name) + (operand.many ? "..." : "");
        out += operand.required ? " " + name : " [" + name + "]";
    }
    return out;
}

std::string help_text() {
    std::string out =
        "Usage: ccr COMMAND [OPTIONS]\n\nCommand line of the ccr LLM API router, ccrd.\n";
    std::size_t column = 0;
    for (const Command* command : all_commands())
        column = std::max(column, command_heading(*command).size() + 4);
    for (const GroupInfo& group : groups()) {
        std::string rows;
        for (const Command* command : all_commands()) {
            if (command->group == group.group && !command->hidden)
                rows += item(command_heading(*command), command->help, column);
        }
        if (!rows.empty()) out += "\n" + std::string(group.title) + ":\n" + rows;
    }
    out += "\nOptions of all commands:\n" + options_text(common_list());
    return out + "\nccr COMMAND -h says more about one. The manual is ccr(1).\n";
}

std::string help_text(const Command& command) {
    std::string out;
    for (const std::string& line : wrapped("Usage: " + synopsis(command), width))
        out += (out.empty() ? "" : "         ") + line + "\n";
    out += "\n";
    const std::string_view text = command.text.empty() ? command.help : command.text;
    for (const std::string& line : wrapped(plain(text), width))
        out += line + "\n";
    std::vector<const Option*> own;
    for (const Option& option : command.options)
        own.push_back(&option);
    if (command.json) own.push_back(&json_option());
    if (!own.empty()) out += "\nOptions:\n" + options_text(own);
    if (command.verbatim) return out + "\nOptions of ccr go before the command's name.\n";
    return out + "\nOptions of all commands:\n" + options_text(common_list());
}

std::string help_text(std::string_view word) {
    std::string out = "Usage: ccr " + std::string(word) + " COMMAND [OPTIONS]\n\n";
    for (const Command* command : all_commands()) {
        if (command->name.starts_with(std::string(word) + " "))
            out += item(command_heading(*command), command->help, 26);
    }
    return out;
}

}  // namespace ccr::ctl
