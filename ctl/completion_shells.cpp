// SPDX-License-Identifier: MIT
// zsh and fish, which describe each word.
#include "ctl/completion.hpp"
#include "ctl/table.hpp"

namespace ccr::ctl {
namespace {

// For text between single quotes in an argument of _arguments or _describe.
std::string zsh_text(std::string_view text) {
    std::string result;
    for (const char c : text) {
        if (c == '\'') {
            result += "'\\''";
            continue;
        }
        if (c == ':' || c == '[' || c == ']' || c == '\\') result += '\\';
        result += c;
    }
    return result;
}

std::string fish_text(std::string_view text) {
    std::string result = "'";
    for (const char c : text) {
        if (c == '\'' || c == '\\') result += '\\';
        result += c;
    }
    return result + "'";
}

std::string zsh_action(Completes completes, std::string_view choices) {
    switch (completes) {
        case Completes::file:
            return "_files";
        case Completes::directory:
            return "_files -/";
        case Completes::words:
            return "(" + std::string(choices) + ")";
        case Completes::nothing:
            break;
    }
    return " ";
}

std::string zsh_option(const Option& option) {
    const std::string help = "[" + zsh_text(option.help) + "]";
    const std::string value =
        option.value.empty()
            ? ""
            : ":" + zsh_text(option.value) + ":" + zsh_action(option.completes, option.choices);
    const std::string repeat = option.many ? "*" : "";
    std::string text = " '" + repeat + "--" + std::string(option.name) + help + value + "'";
    if (option.letter != 0)
        text += " '" + repeat + "-" + std::string(1, option.letter) + help + value + "'";
    return text;
}

std::string zsh_command(const Command& command) {
    std::string text = "        '" + std::string(command.name) + "'";
    if (!command.alias.empty()) text += "|" + std::string(command.alias);
    text += ")\n            ";
    if (command.verbatim) return text + "_normal ;;\n";
    text += "_arguments -s";
    for (const Option* option : all_options(command))
        text += zsh_option(*option);
    for (const Operand& operand : command.operands) {
        text += std::string(" '") + (operand.many ? "*" : "") + (operand.required ? ":" : "::") +
                zsh_text(operand.name) + ":" + zsh_action(operand.completes, operand.choices) + "'";
    }
    return text + " ;;\n";
}

std::string zsh_list(const std::vector<std::pair<std::string, std::string>>& words) {
    std::string text;
    for (const auto& [word, help] : words)
        text += " '" + zsh_text(word) + ":" + zsh_text(help) + "'";
    return text;
}

std::vector<std::pair<std::string, std::string>> verbs_with_help(const std::string& word) {
    std::vector<std::pair<std::string, std::string>> verbs;
    for (const Command* command : all_commands()) {
        if (!command->hidden && command->name.starts_with(word + " "))
            verbs.emplace_back(command->name.substr(word.size() + 1), command->help);
    }
    return verbs;
}

std::string fish_option(const Option& option, const std::string& when) {
    std::string text = "complete -c ccr" + when + " -l " + std::string(option.name);
    if (option.letter != 0) text += std::string(" -s ") + option.letter;
    if (!option.value.empty()) text += " -r";
    if (option.completes == Completes::file) text += " -F";
    if (option.completes == Completes::directory) text += " -a '(__fish_complete_directories)'";
    if (option.completes == Completes::words) text += " -f -a " + fish_text(option.choices);
    return text + " -d " + fish_text(option.help) + "\n";
}

std::string fish_command(const Command& command) {
    const auto space = command.name.find(' ');
    std::string seen = "__fish_seen_subcommand_from " + std::string(command.name.substr(0, space));
    if (!command.alias.empty()) seen += " " + std::string(command.alias);
    if (space != std::string_view::npos) {
        seen += "; and __fish_seen_subcommand_from " + std::string(command.name.substr(space + 1));
    }
    const std::string when = " -n " + fish_text(seen);
    std::string text;
    for (const Option& option : command.options)
        text += fish_option(option, when);
    if (command.json) text += fish_option(json_option(), when);
    bool files = command.verbatim;
    for (const Operand& operand : command.operands) {
        files = files || operand.completes == Completes::file;
        if (operand.completes == Completes::directory)
            text += "complete -c ccr" + when + " -a '(__fish_complete_directories)'\n";
        if (operand.completes == Completes::words)
            text += "complete -c ccr" + when + " -a " + fish_text(operand.choices) + "\n";
    }
    if (files) text += "complete -c ccr" + when + " -F\n";
    return text;
}

}  // namespace

std::string zsh_completion() {
    std::string text =
        "#compdef ccr\n# zsh completion of ccr\n_ccr() {\n"
        "    local curcontext=\"$curcontext\" state line command\n    _arguments -C";
    for (const Option& option : common_options())
        text += zsh_option(option);
    text +=
        " '1: :->command' '*:: :->arguments'\n    case $state in\n        command)\n"
        "            local -a words_\n            words_=(" +
        zsh_list(first_words()) +
        ")\n            _describe command words_\n            return ;;\n        arguments) ;;\n"
        "        *) return ;;\n    esac\n    command=$line[1]\n    case $command in\n";
    for (const auto& [word, help] : first_words()) {
        if (verbs_of(word).empty()) continue;
        text += "        " + word +
                ")\n            if (( CURRENT == 1 )); then\n                local -a verbs\n"
                "                verbs=(" +
                zsh_list(verbs_with_help(word)) +
                ")\n                _describe verb verbs\n                return\n            fi\n"
                "            command=\"$command $words[1]\"\n            shift words\n"
                "            (( CURRENT-- )) ;;\n";
    }
    // _arguments takes the first word for the command's own name.
    text +=
        "    esac\n    words=(\"$command\" \"${words[@]}\")\n    (( CURRENT++ ))\n"
        "    case $command in\n";
    for (const Command* command : all_commands()) {
        if (!command->hidden) text += zsh_command(*command);
    }
    return text +
           "    esac\n}\nif [[ $funcstack[1] == _ccr ]]; then _ccr \"$@\"; else compdef _ccr "
           "ccr; fi\n";
}

std::string fish_completion() {
    std::string text = "# fish completion of ccr\ncomplete -c ccr -f\n";
    for (const Option& option : common_options())
        text += fish_option(option, "");
    for (const auto& [word, help] : first_words()) {
        text +=
            "complete -c ccr -n __fish_use_subcommand -a " + word + " -d " + fish_text(help) + "\n";
        std::string all;
        const auto verbs = verbs_with_help(word);
        for (const auto& verb : verbs)
            all.append(" ").append(verb.first);
        std::string where = "__fish_seen_subcommand_from " + word;
        where.append("; and not __fish_seen_subcommand_from").append(all);
        for (const auto& [verb, verb_help] : verbs) {
            text.append("complete -c ccr -n ").append(fish_text(where));
            text.append(" -a ").append(verb).append(" -d ").append(fish_text(verb_help));
            text += '\n';
        }
    }
    for (const Command* command : all_commands()) {
        if (!command->hidden) text += fish_command(*command);
    }
    return text;
}

}  // namespace ccr::ctl
