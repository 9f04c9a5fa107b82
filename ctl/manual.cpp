// SPDX-License-Identifier: MIT
#include "ctl/manual.hpp"

#include <algorithm>
#include <array>

#include "ctl/command.hpp"
#include "ctl/print.hpp"
#include "ctl/table.hpp"

namespace ccr::ctl {
namespace {

constexpr std::string_view date = "November 24, 2026";

struct Entry {
    std::string_view name;
    std::string_view text;
};

constexpr std::array<Entry, 7> variables{{
    {"CCR_CONFIG", "The configuration file, where --config names none."},
    {"CCR_CONTROL", "The control socket, where --control names none."},
    {"CCRD",
     "The daemon that `ccr start` runs, where no unit is installed. Otherwise ccrd beside "
     "ccr, or on PATH."},
    {"CLAUDE_PATH", "The client that `ccr code` runs. Otherwise claude on PATH."},
    {"NO_COLOR",
     "If set and not empty: no colours. There are none either where the output is no "
     "terminal."},
    {"XDG_RUNTIME_DIR", "Holds ccr/control.sock, the control socket of a user's router."},
    {"XDG_STATE_HOME",
     "Holds ccr/ccrd.log, the log of a background process, and what the router "
     "keeps. Otherwise ~/.local/state."},
}};

constexpr std::array<Entry, 4> files{{
    {"/etc/ccr/config.json", "Configuration of the system's service."},
    {"~/.claude-code-router/config.json", "Configuration of a user's router."},
    {"/run/ccr/control.sock", "Control socket of the system's service, for root and group ccr."},
    {"~/.local/state/ccr/ccrd.log", "Log of a router that `ccr start` runs without systemd."},
}};

constexpr std::array<Entry, 8> exits{{
    {"0", "All is well."},
    {"1", "A failure that is none of the following."},
    {"2", "The command line is wrong."},
    {"3", "The router is not running."},
    {"4", "No permission; of `ccr status`: its state cannot be found out."},
    {"69",
     "Something that is needed is not there: a program, a unit, a router that takes "
     "requests."},
    {"75", "It does not answer in time; another try may help."},
    {"78", "The configuration cannot be used."},
}};

// Text that means nothing to roff. Dashes stay what can be typed.
std::string escaped(std::string_view text) {
    std::string result;
    for (const char c : text) {
        if (c == '\\') {
            result += "\\e";
        } else if (c == '-') {
            result += "\\-";
        } else {
            result += c;
        }
    }
    if (result.starts_with('.') || result.starts_with('\'')) result.insert(0, "\\&");
    return result;
}

// A macro's argument: quoted, so that no word of it is taken for another macro.
std::string argument(std::string_view text) {
    std::string result = "\"";
    for (const char c : escaped(text))
        result += c == '"' ? std::string("\\(dq") : std::string(1, c);
    return result + "\"";
}

// One paragraph: sentences on lines of their own, `literals` in bold.
std::string paragraph(std::string_view text) {
    std::string result;
    std::string piece;
    bool literal = false;
    const auto flush = [&] {
        const std::string safe = literal ? escaped(piece) : piece;
        result += literal ? "\\fB" + safe + "\\fR" : safe;
        piece.clear();
    };
    for (const char c : text) {
        if (c == '`') {
            flush();
            literal = !literal;
        } else if (c == ' ' && !literal && !piece.empty() && piece.back() == '.') {
            piece += '\n';
        } else if (c == '\\') {
            piece += literal ? "\\" : "\\e";
        } else {
            piece += c;
        }
    }
    flush();
    // Options in running text are typed as they stand.
    for (auto at = result.find(" --"); at != std::string::npos; at = result.find(" --", at + 5))
        result.replace(at, 3, " \\-\\-");
    return result + "\n";
}

std::string paragraphs(std::string_view text) {
    std::string result;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.find("\n\n", at), text.size());
        result += (result.empty() ? "" : ".Pp\n") + paragraph(text.substr(at, end - at));
        at = end + 2;
    }
    return result;
}

std::string sentence(std::string_view help) {
    std::string result(help);
    if (!result.empty() && result[0] >= 'a' && result[0] <= 'z')
        result[0] = static_cast<char>(result[0] - 32);
    return result + ".";
}

std::string option_macro(const Option& option) {
    std::string result;
    if (option.letter != 0) result = std::string(".It Fl ") + option.letter + " , Fl \\-";
    if (option.letter == 0) result = ".It Fl \\-";
    result += escaped(option.name);
    if (!option.value.empty()) result += " Ar " + std::string(option.value);
    return result + "\n";
}

std::string option_list(const std::vector<const Option*>& options) {
    std::string result = ".Bl -tag -width Ds\n";
    for (const Option* option : options)
        result += option_macro(*option) + paragraph(sentence(option->help));
    return result + ".El\n";
}

std::string entry_list(std::string_view macro, std::span<const Entry> entries) {
    std::string result = ".Bl -tag -width Ds\n";
    for (const Entry& entry : entries)
        result +=
            ".It " + std::string(macro) + " " + argument(entry.name) + "\n" + paragraph(entry.text);
    return result + ".El\n";
}

// "Ic check Oo Fl \-json Oc Oo Ar FILE Oc", for .It and the synopsis.
std::string form(const Command& command) {
    std::string result = "Ic " + argument(command.name);
    if (command.verbatim) return result + " Oo Ar ARGUMENTS ... Oc";
    for (const Option& option : command.options) {
        result += " Oo Fl \\-" + escaped(option.name);
        if (!option.value.empty()) result += " Ar " + std::string(option.value);
        result += " Oc";
    }
    if (command.json) result += " Oo Fl \\-json Oc";
    for (const Operand& operand : command.operands) {
        result += operand.required ? " Ar " : " Oo Ar ";
        result += std::string(operand.name) + (operand.many ? " ..." : "");
        if (!operand.required) result += " Oc";
    }
    return result;
}

std::string head(std::string_view name, std::string_view summary) {
    std::string title(name);
    for (char& c : title)
        c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    return ".\\\" SPDX-License-Identifier: MIT\n.\\\" Made from the commands' table in ctl/; a "
           "test "
           "compares it.\n.Dd " +
           std::string(date) + "\n.Dt " + title + " 1\n.Os\n.Sh NAME\n.Nm " + std::string(name) +
           "\n.Nd " + std::string(summary) + "\n";
}

std::vector<const Command*> commands_of(Group group) {
    std::vector<const Command*> result;
    for (const Command* command : all_commands()) {
        if (command->group == group && !command->hidden) result.push_back(command);
    }
    return result;
}

std::string section(const Command& command, bool options) {
    std::string result = ".It " + form(command) + "\n";
    result += command.text.empty() ? paragraph(sentence(command.help)) : paragraphs(command.text);
    if (!command.alias.empty()) result += "Also called\n.Ic " + std::string(command.alias) + " .\n";
    if (!options || command.options.empty()) return result;
    std::vector<const Option*> own;
    for (const Option& option : command.options)
        own.push_back(&option);
    return result + option_list(own);
}

std::string page_name(const GroupInfo& group) {
    return "ccr-" + std::string(group.name);
}

std::string common_section() {
    std::vector<const Option*> options;
    for (const Option& option : common_options())
        options.push_back(&option);
    return ".Sh OPTIONS\nThese are taken by all commands, before or after their names; by those "
           "that "
           "pass\ntheir arguments on, before.\n" +
           option_list(options) + "Commands that print data take\n.Fl \\-json\nas well.\n";
}

std::string main_page() {
    std::string text = head("ccr", "command line of the LLM API router");
    text += ".Sh SYNOPSIS\n.Nm\n.Op Ar options\n.Ar command\n.Op Ar arguments\n.Nm\n.Fl v | Fl h\n";
    text +=
        ".Sh DESCRIPTION\n.Nm\nis the command line beside\n.Xr ccrd 8 ,\na router between clients "
        "that speak Anthropic's API and the providers of models.\n"
        "Each command says more about itself with\n.Fl h .\n";
    for (const GroupInfo& group : groups()) {
        const auto commands = commands_of(group.group);
        if (commands.empty()) continue;
        text += ".Ss " + std::string(group.title) + "\n";
        if (!group.text.empty()) text += "More in\n.Xr " + page_name(group) + " 1 .\n";
        text += ".Bl -tag -width Ds\n";
        for (const Command* command : commands) {
            // What has a page of its own is told there.
            if (group.text.empty()) {
                text += section(*command, true);
                continue;
            }
            text += ".It " + form(*command) + "\n" + paragraph(sentence(command->help));
            if (!command->alias.empty())
                text += "Also called\n.Ic " + std::string(command->alias) + " .\n";
        }
        text += ".El\n";
    }
    text += common_section();
    text += ".Sh ENVIRONMENT\n" + entry_list("Ev", variables);
    text += ".Sh FILES\n" + entry_list("Pa", files);
    text += ".Sh EXIT STATUS\n" + entry_list("Li", exits);
    text += ".Sh SEE ALSO\n";
    for (const GroupInfo& group : groups()) {
        if (!group.text.empty() && !commands_of(group.group).empty())
            text += ".Xr " + page_name(group) + " 1 ,\n";
    }
    return text + ".Xr ccr-config 5 ,\n.Xr ccrd 8\n";
}

std::string group_page(const GroupInfo& group) {
    std::string title(group.title);
    title[0] = static_cast<char>(title[0] + 32);
    std::string text = head(page_name(group), "commands of ccr: " + title) + ".Sh SYNOPSIS\n";
    const auto commands = commands_of(group.group);
    for (const Command* command : commands)
        text += ".Nm ccr\n." + form(*command) + "\n";
    text += ".Sh DESCRIPTION\n" + paragraphs(group.text) + ".Bl -tag -width Ds\n";
    for (const Command* command : commands)
        text += section(*command, true);
    text += ".El\n.Pp\nOptions of all commands, environment and exit status are in\n.Xr ccr 1 .\n";
    return text + ".Sh SEE ALSO\n.Xr ccr 1 ,\n.Xr ccr-config 5 ,\n.Xr ccrd 8\n";
}

}  // namespace

std::vector<std::string> manual_pages() {
    std::vector<std::string> names{"ccr"};
    for (const GroupInfo& group : groups()) {
        if (!group.text.empty() && !commands_of(group.group).empty())
            names.push_back(page_name(group));
    }
    return names;
}

std::optional<std::string> manual_page(std::string_view name) {
    if (name == "ccr") return main_page();
    for (const GroupInfo& group : groups()) {
        if (!group.text.empty() && page_name(group) == name) return group_page(group);
    }
    return std::nullopt;
}

}  // namespace ccr::ctl
