// SPDX-License-Identifier: MIT
#include "ctl/table.hpp"

#include <algorithm>
#include <array>

#include "common/text.hpp"

namespace ccr::ctl {
namespace {

constexpr std::array<Option, 5> common{{
    {.name = "system", .value = {}, .help = "the system's service"},
    {.name = "user", .value = {}, .help = "this user's service"},
    {.name = "control",
     .value = "PATH",
     .help = "control socket (default: the system's, else the user's)",
     .completes = Completes::file},
    {.name = "config", .value = "FILE", .help = "configuration file", .completes = Completes::file},
    {.name = "help", .letter = 'h', .value = {}, .help = "print this help"},
}};

constexpr Option json{.name = "json", .value = {}, .help = "print JSON"};

constexpr std::array<GroupInfo, 5> group_infos{{
    {Group::service, "service", "Service",
     "These commands start, stop and look after the router. Where a unit ccrd.service is "
     "installed they go through systemd, the system's or the user's manager; otherwise they run "
     "ccrd as a background process of their own."},
    {Group::watch, "watch", "Watching",
     "These commands show what the router does and what it has done. They ask the running router "
     "over its control socket and change nothing."},
    {Group::client, "client", "Clients",
     "These commands run Claude Code against the router, point other clients at it, and choose "
     "which models it gets."},
    {Group::setup, "setup", "Setting up",
     "These commands read, check and change the configuration and the keys of providers, and find "
     "out what stands in the way."},
    {Group::other, "other", "Other", {}},
}};

}  // namespace

std::span<const Option> common_options() {
    return common;
}

const Option& json_option() {
    return json;
}

std::span<const GroupInfo> groups() {
    return group_infos;
}

const std::vector<const Command*>& all_commands() {
    static const std::vector<const Command*> all = [] {
        std::vector<const Command*> out;
        for (const auto rows : {service_commands(), watch_commands(), client_commands(),
                                setup_commands(), other_commands()}) {
            for (const Command& command : rows)
                out.push_back(&command);
        }
        return out;
    }();
    return all;
}

const Command* find_command(std::string_view word, std::string_view second) {
    for (const Command* command : all_commands()) {
        if (command->name == word || (!command->alias.empty() && command->alias == word))
            return command;
        const auto space = command->name.find(' ');
        if (space == std::string_view::npos || command->name.substr(0, space) != word) continue;
        if (command->name.substr(space + 1) == second) return command;
    }
    return nullptr;
}

std::vector<std::string_view> verbs_of(std::string_view word) {
    std::vector<std::string_view> out;
    for (const Command* command : all_commands()) {
        const auto space = command->name.find(' ');
        if (space != std::string_view::npos && command->name.substr(0, space) == word)
            out.push_back(command->name.substr(space + 1));
    }
    return out;
}

std::vector<const Option*> all_options(const Command& command) {
    std::vector<const Option*> options;
    for (const Option& option : command.options)
        options.push_back(&option);
    if (command.json) options.push_back(&json_option());
    for (const Option& option : common_options())
        options.push_back(&option);
    return options;
}

std::string nearest(std::string_view word, std::span<const std::string_view> known) {
    const std::size_t limit = word.size() < 6 ? 1 : 2;
    const std::string typed = lower(word);
    std::string_view best;
    std::size_t distance = limit + 1;
    for (const std::string_view candidate : known) {
        // Letters in the wrong order are one slip.
        const bool swapped = typed.size() == candidate.size() &&
                             std::is_permutation(typed.begin(), typed.end(), candidate.begin());
        const std::size_t far = swapped ? std::min<std::size_t>(edit_distance(typed, candidate), 1)
                                        : edit_distance(typed, candidate);
        if (far >= distance) continue;
        distance = far;
        best = candidate;
    }
    return std::string(best);
}

std::string suggest_command(std::string_view word) {
    std::vector<std::string_view> known;
    for (const Command* command : all_commands()) {
        if (command->hidden) continue;
        known.push_back(command->name.substr(0, command->name.find(' ')));
        if (!command->alias.empty()) known.push_back(command->alias);
    }
    return nearest(word, known);
}

}  // namespace ccr::ctl
