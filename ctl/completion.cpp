// SPDX-License-Identifier: MIT
#include "ctl/completion.hpp"

#include <algorithm>

#include "ctl/table.hpp"

namespace ccr::ctl {
namespace {

// What a script may contain between single quotes.
std::string quoted(std::string_view text) {
    std::string result = "'";
    for (const char c : text)
        result += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return result + "'";
}

std::string joined(const std::vector<std::pair<std::string, std::string>>& words) {
    std::string text;
    for (const auto& word : words)
        text += (text.empty() ? "" : " ") + word.first;
    return text;
}

// ---- bash: no helper of the bash-completion package is needed ----

constexpr std::string_view bash_head = R"(# bash completion of ccr
_ccr_files() {
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen "$1" -- "$cur")
}
_ccr_words() {
    mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur")
}
_ccr() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
    local command='' verb='' operand=0 i word
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        case "$word" in
            VALUED) ((i++)) ;;
            -*) ;;
            *)
                if [[ -z $command ]]; then command=$word
                elif [[ -z $verb ]]; then verb=$word operand=1
                else ((operand++)); fi ;;
        esac
    done
)";

std::string bash_valued() {
    std::string pattern;
    for (const Command* command : all_commands()) {
        for (const Option* option : all_options(*command)) {
            if (option->value.empty()) continue;
            const std::string word = "--" + std::string(option->name);
            if (("|" + pattern + "|").find("|" + word + "|") != std::string::npos) continue;
            pattern += (pattern.empty() ? "" : "|") + word;
        }
    }
    return pattern;
}

std::string bash_value(Completes completes, std::string_view choices) {
    switch (completes) {
        case Completes::file:
            return "_ccr_files -f";
        case Completes::directory:
            return "_ccr_files -d";
        case Completes::words:
            return "_ccr_words " + quoted(choices);
        case Completes::nothing:
            break;
    }
    return ":";
}

std::string bash_values(const Command& command) {
    std::string text;
    for (const Option* option : all_options(command)) {
        if (option->value.empty()) continue;
        std::string pattern = "--" + std::string(option->name);
        if (option->letter != 0) pattern += std::string("|-") + option->letter;
        text += "                " + pattern + ") " +
                bash_value(option->completes, option->choices) + "; return ;;\n";
    }
    return text.empty() ? text : "            case \"$prev\" in\n" + text + "            esac\n";
}

std::string bash_operands(const Command& command) {
    std::string text;
    const std::size_t first = command.name.find(' ') == std::string_view::npos ? 0 : 1;
    for (std::size_t i = 0; i < command.operands.size(); ++i) {
        const Operand& operand = command.operands[i];
        text += "                " + (operand.many ? "*" : std::to_string(first + i)) + ") " +
                bash_value(operand.completes, operand.choices) + " ;;\n";
    }
    return text.empty() ? text : "            case \"$operand\" in\n" + text + "            esac\n";
}

std::string bash_command(const Command& command) {
    std::string text;
    const auto space = command.name.find(' ');
    if (space == std::string_view::npos) {
        text = "        " + std::string(command.name) +
               (command.alias.empty() ? "" : "|" + std::string(command.alias)) + ")\n";
    } else {
        text = "        '" + std::string(command.name) + "')\n";
    }
    if (command.verbatim) return text + "            _ccr_files -f ;;\n";
    std::string options;
    for (const Option* option : all_options(command))
        options += (options.empty() ? "--" : " --") + std::string(option->name);
    text += bash_values(command);
    text += "            if [[ $cur == -* ]]; then _ccr_words " + quoted(options) +
            "; return; fi\n" + bash_operands(command);
    return text + "            ;;\n";
}

std::string bash_groups() {
    std::string text;
    for (const auto& [word, help] : first_words()) {
        std::string verbs;
        for (const std::string_view verb : verbs_of(word))
            verbs += (verbs.empty() ? "" : " ") + std::string(verb);
        if (verbs.empty()) continue;
        text += "        " + word + ")\n            if [[ -z $verb ]]; then _ccr_words " +
                quoted(verbs) + "; return; fi\n            command=\"$command $verb\" ;;\n";
    }
    return text;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> first_words() {
    std::vector<std::pair<std::string, std::string>> words;
    for (const Command* command : all_commands()) {
        if (command->hidden) continue;
        const auto space = command->name.find(' ');
        if (space == std::string_view::npos) {
            words.emplace_back(command->name, command->help);
            if (!command->alias.empty()) words.emplace_back(command->alias, command->help);
            continue;
        }
        const std::string word(command->name.substr(0, space));
        const std::string verb(command->name.substr(space + 1));
        const auto known = std::find_if(words.begin(), words.end(),
                                        [&word](const auto& one) { return one.first == word; });
        if (known == words.end()) {
            words.emplace_back(word, verb);
        } else {
            known->second += ", " + verb;
        }
    }
    return words;
}

std::string bash_completion() {
    std::string text(bash_head);
    text.replace(text.find("VALUED"), 6, bash_valued());
    std::string common;
    for (const Option& option : common_options())
        common += " --" + std::string(option.name);
    text += "    case \"$prev\" in\n";
    for (const Option& option : common_options()) {
        if (!option.value.empty())
            text += "        --" + std::string(option.name) + ") " +
                    bash_value(option.completes, option.choices) + "; return ;;\n";
    }
    text += "    esac\n    case \"$command\" in\n        '') _ccr_words " +
            quoted(joined(first_words()) + common + " --version") + "; return ;;\n";
    text += bash_groups() + "    esac\n    case \"$command\" in\n";
    for (const Command* command : all_commands()) {
        if (!command->hidden) text += bash_command(*command);
    }
    return text + "    esac\n}\ncomplete -F _ccr ccr\n";
}

}  // namespace ccr::ctl
