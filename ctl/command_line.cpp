// SPDX-License-Identifier: MIT
// The command word is looked up first, then the library parses the options of that one row.
#include "ctl/command_line.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>

#include "ctl/table.hpp"

namespace ccr::ctl {
namespace {

using Words = std::vector<std::string>;

// What the common options before a word that is no command are parsed with.
constexpr Command no_command{.name = "ccr", .help = {}, .verbatim = true};

Parsed failed(std::string text) {
    Parsed out;
    out.error = std::move(text);
    return out;
}

const Option* common_option(std::string_view word) {
    for (const Option& option : common_options()) {
        if (word.starts_with("--") && word.substr(2) == option.name) return &option;
    }
    return nullptr;
}

// Where the command stands: behind the common options that may come before it.
std::size_t command_index(const Words& words) {
    std::size_t i = 0;
    while (i < words.size() && words[i].starts_with("-") && words[i] != "--") {
        const Option* option = common_option(words[i]);
        i += option != nullptr && !option->value.empty() ? 2U : 1U;
    }
    return std::min(i, words.size());
}

// What the library writes to; it has to stay in place while it parses.
struct Found {
    std::map<std::string, Words> values;
    std::map<std::string, bool> flags;
    Words operands;
};

void add_options(CLI::App& app, const Command& command, Found& found) {
    for (const Option* option : all_options(command)) {
        const std::string name(option->name);
        std::string names;
        if (option->letter != 0) names.append("-").append(1, option->letter).append(",");
        names.append("--").append(name);
        if (option->value.empty()) {
            app.add_flag(names, found.flags[name]);
        } else {
            app.add_option(names, found.values[name])
                ->expected(1)
                ->multi_option_policy(option->many ? CLI::MultiOptionPolicy::TakeAll
                                                   : CLI::MultiOptionPolicy::TakeLast)
                ->allow_extra_args(false);
        }
    }
    if (!command.operands.empty()) app.add_option("operands", found.operands);
}

// The library takes "[a,b]" for a list and splits it; to the commands it is one word like any
// other.
constexpr char guard = '\x01';

std::string guarded(std::string word) {
    const auto equals = word.starts_with("--") ? word.find('=') : std::string::npos;
    const std::size_t value = equals == std::string::npos ? 0 : equals + 1;
    if (value < word.size() && word[value] == '[') word.insert(value, 1, guard);
    return word;
}

void unguard(Words& words) {
    for (std::string& word : words)
        if (!word.empty() && word[0] == guard) word.erase(0, 1);
}

Arguments arguments_of(Found found) {
    Arguments out;
    for (auto& [name, values] : found.values) {
        unguard(values);
        if (!values.empty()) out.options[name] = std::move(values);
    }
    for (const auto& [name, given] : found.flags) {
        if (given) out.options[name] = {""};
    }
    out.operands = std::move(found.operands);
    unguard(out.operands);
    return out;
}

std::string how_to_ask(const Command& command) {
    return "; see ccr " + std::string(command.name) + " -h";
}

std::string unknown_argument(const Command& command, const std::string& word) {
    const std::string name(command.name);
    if (!word.starts_with("-")) {
        return name + ": too many arguments from \"" + word + "\" on" + how_to_ask(command);
    }
    std::vector<std::string> names;
    for (const Option* option : all_options(command))
        names.push_back("--" + std::string(option->name));
    const std::vector<std::string_view> known(names.begin(), names.end());
    const std::string near = nearest(word, known);
    return name + ": unknown option " + word +
           (near.empty() ? how_to_ask(command) : "; did you mean " + near + "?");
}

// Empty if the operands are as many as the row says.
std::string wrong_operands(const Command& command, const Words& operands) {
    for (std::size_t i = 0; i < command.operands.size(); ++i) {
        const Operand& operand = command.operands[i];
        if (operand.required && operands.size() <= i)
            return std::string(command.name) + ": " + std::string(operand.name) + " is missing" +
                   how_to_ask(command);
    }
    const bool many = !command.operands.empty() && command.operands.back().many;
    if (!many && operands.size() > command.operands.size())
        return unknown_argument(command, operands[command.operands.size()]);
    return {};
}

// Of a verbatim command `words` are those before it; what follows is not looked at.
Parsed parse_arguments(const Command& command, Words words) {
    CLI::App app;
    app.set_help_flag();
    Found found;
    add_options(app, command, found);
    app.allow_extras();
    std::transform(words.begin(), words.end(), words.begin(), guarded);
    std::reverse(words.begin(), words.end());
    try {
        app.parse(words);
    } catch (const CLI::ParseError& error) {
        return failed(std::string(command.name) + ": " + error.what() + how_to_ask(command));
    }
    Parsed out;
    out.command = &command;
    if (found.flags["help"]) {
        out.what = Parsed::What::help;
        return out;
    }
    auto extras = app.remaining();
    // What follows it has become operands; the library keeps the mark itself.
    if (const auto mark = std::find(extras.begin(), extras.end(), "--"); mark != extras.end())
        extras.erase(mark);
    if (!extras.empty()) return failed(unknown_argument(command, extras.front()));
    if (found.flags["system"] && found.flags["user"])
        return failed("--system and --user exclude each other; give one of them");
    out.arguments = arguments_of(std::move(found));
    if (!command.verbatim) out.error = wrong_operands(command, out.arguments.operands);
    if (out.error.empty()) out.what = Parsed::What::command;
    return out;
}

Parsed without_command(const Words& words) {
    Parsed out;
    for (const std::string& word : words) {
        if (word == "-h" || word == "--help") out.what = Parsed::What::help;
        if (word == "-v" || word == "--version") out.what = Parsed::What::version;
        if (out.what != Parsed::What::error) return out;
        if (word.starts_with("-") && common_option(word) == nullptr)
            return failed("unknown option " + word + "; ccr -h lists what there is");
    }
    return failed("which command? ccr -h lists them");
}

Parsed unknown_command(const std::string& word, const std::string& second) {
    const auto verbs = verbs_of(word);
    if (verbs.empty()) {
        const std::string near = suggest_command(word);
        Parsed out =
            failed("unknown command " + word +
                   (near.empty() ? "; ccr -h lists them" : "; did you mean ccr " + near + "?"));
        out.what = Parsed::What::unknown;
        out.word = word;
        return out;
    }
    if (second == "-h" || second == "--help") {
        Parsed out;
        out.what = Parsed::What::help;
        out.word = word;
        return out;
    }
    std::string list;
    for (const std::string_view verb : verbs)
        list += (list.empty() ? "" : ", ") + std::string(verb);
    if (second.empty()) return failed(word + ": which of " + list + "?");
    return failed(word + ": there is no " + second + "; it knows " + list);
}

}  // namespace

std::optional<std::string> Arguments::value(std::string_view option) const {
    const auto found = options.find(option);
    if (found == options.end() || found->second.empty()) return std::nullopt;
    return found->second.back();
}

std::vector<std::string> Arguments::values(std::string_view option) const {
    const auto found = options.find(option);
    return found == options.end() ? std::vector<std::string>() : found->second;
}

std::string Arguments::operand(std::size_t index) const {
    return index < operands.size() ? operands[index] : std::string();
}

Scope Arguments::scope() const {
    if (has("system")) return Scope::system;
    return has("user") ? Scope::user : Scope::automatic;
}

Parsed parse_command_line(const Words& words) {
    const std::size_t at = command_index(words);
    Words before(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(at));
    if (at == words.size()) return without_command(words);
    for (const std::string& word : before) {
        if (word == "-h" || word == "--help" || word == "-v" || word == "--version")
            return without_command({word});
    }
    const std::string second = at + 1 < words.size() ? words[at + 1] : std::string();
    const Command* command = find_command(words[at], second);
    if (command == nullptr) {
        Parsed out = unknown_command(words[at], second);
        if (out.what != Parsed::What::unknown) return out;
        Parsed common = parse_arguments(no_command, std::move(before));
        if (common.what != Parsed::What::command) return common;
        out.arguments = std::move(common.arguments);
        out.arguments.operands.assign(words.begin() + static_cast<std::ptrdiff_t>(at) + 1,
                                      words.end());
        return out;
    }
    const bool two = command->name.find(' ') != std::string_view::npos;
    const auto rest = words.begin() + static_cast<std::ptrdiff_t>(at + (two ? 2 : 1));
    if (command->verbatim) {
        Parsed out = parse_arguments(*command, std::move(before));
        out.arguments.operands.assign(rest, words.end());
        return out;
    }
    before.insert(before.end(), rest, words.end());
    return parse_arguments(*command, std::move(before));
}

}  // namespace ccr::ctl
