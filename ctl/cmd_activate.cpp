// SPDX-License-Identifier: MIT
#include "common/json.hpp"
#include "ctl/client_env.hpp"
#include "ctl/commands.hpp"
#include "ctl/print.hpp"
#include "ctl/settings.hpp"

namespace ccr::ctl {
namespace {

// In single quotes nothing is special to a shell but the quote itself; to fish the backslash too.
std::string quoted(std::string_view text, bool fish) {
    std::string quoted = "'";
    for (const char c : text) {
        if (fish && (c == '\'' || c == '\\')) quoted += '\\';
        if (!fish && c == '\'') quoted += "'\\'";
        quoted += c;
    }
    return quoted + "'";
}

std::string as_shell(const ClientEnvironment& environment, bool fish) {
    std::string text;
    for (const auto& [name, value] : environment.set) {
        text += fish ? "set -gx " + name + " " : "export " + name + "=";
        text += quoted(value, fish) + (fish ? ";\n" : "\n");
    }
    std::string names;
    for (const std::string& name : environment.unset)
        names += " " + name;
    return text + (fish ? "set -e" + names + ";\n" : "unset" + names + "\n");
}

std::string as_json(const ClientEnvironment& environment) {
    std::string text;
    json::Writer writer(text);
    writer.begin_object();
    writer.key("set").begin_object();
    for (const auto& [name, value] : environment.set)
        writer.key(name).string(value);
    writer.end_object();
    writer.key("unset").begin_array();
    for (const std::string& name : environment.unset)
        writer.string(name);
    writer.end_array();
    writer.end_object();
    return text + "\n";
}

}  // namespace

int activate(const Arguments& arguments) {
    const std::string shell = arguments.value("shell").value_or("sh");
    const bool fish = shell == "fish";
    if (!fish && shell != "sh" && shell != "bash" && shell != "zsh")
        return complain(exit_usage, "activate: --shell is sh, bash, zsh or fish, not " + shell);
    const Router router = find_router(arguments);
    if (!router.settings.ok()) return complain_about(router.settings);
    const auto environment = client_environment(router, arguments.value("preset").value_or(""));
    if (!environment) return complain(exit_config, environment.error().detail);
    out(arguments.json() ? as_json(*environment) : as_shell(*environment, fish));
    return exit_ok;
}

}  // namespace ccr::ctl
