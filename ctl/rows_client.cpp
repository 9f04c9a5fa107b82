// SPDX-License-Identifier: MIT
#include <array>

#include "ctl/commands.hpp"
#include "ctl/table.hpp"

namespace ccr::ctl {
namespace {

constexpr std::array<Operand, 1> arguments{{{.name = "ARGS", .many = true}}};

constexpr std::array<Option, 2> activate_options{{
    {.name = "shell",
     .value = "SHELL",
     .help = "whose language to print: sh (default), bash, zsh or fish",
     .completes = Completes::words,
     .choices = "sh bash zsh fish"},
    {.name = "preset", .value = "NAME", .help = "point the client at this preset"},
}};

constexpr std::array<Operand, 1> target{{{.name = "TARGET"}}};
constexpr std::array<Option, 2> model_options{{
    {.name = "route",
     .value = "ROUTE",
     .help = "which route to show or change (default: default)",
     .completes = Completes::words,
     .choices = "default background think longContext webSearch image"},
    {.name = "unset", .value = {}, .help = "take the route's target out"},
}};

constexpr std::array<Operand, 1> preset_name{{{.name = "NAME", .required = true}}};
constexpr std::array<Operand, 1> preset_source{
    {{.name = "SOURCE", .required = true, .completes = Completes::file}}};
constexpr std::array<Option, 3> install_options{{
    {.name = "name", .value = "NAME", .help = "install it under this name"},
    {.name = "set",
     .value = "ID=VALUE",
     .help = "the value of a field of the preset",
     .many = true},
    {.name = "force", .value = {}, .help = "replace a preset of this name"},
}};
constexpr std::array<Option, 4> export_options{{
    {.name = "output",
     .letter = 'o',
     .value = "PATH",
     .help = "directory or archive to write (default: among the presets)",
     .completes = Completes::file},
    {.name = "description", .value = "TEXT", .help = "what it is for"},
    {.name = "author", .value = "TEXT", .help = "who made it"},
    {.name = "version", .value = "VERSION", .help = "its version (default: 1.0.0)"},
}};

constexpr std::array<Operand, 1> maybe_preset{{{.name = "PRESET"}}};

constexpr std::array<Option, 1> ui_options{{
    {.name = "open", .value = {}, .help = "open it in the browser"},
}};

constexpr std::array<Command, 10> rows{{
    {.name = "code",
     .group = Group::client,
     .help = "run Claude Code against the router",
     .text =
         "Runs Claude Code with ARGS exactly as they are given, in the current directory, with its "
         "environment set as by `ccr activate`. The router is started first if it is not running. "
         "Options of `ccr` itself go before the word `code`.\n"
         "\n"
         "The program is `CLAUDE_PATH` of the configuration, else `CLAUDE_PATH` of the "
         "environment, else `claude` on `PATH`. With `StatusLine.enabled` in the configuration "
         "it is told to use `ccr statusline`, unless ARGS have a `--settings` of their own. With "
         "`NON_INTERACTIVE_MODE` it runs without a terminal.\n"
         "\n"
         "A word that is no command but the name of a preset does the same under that preset: `ccr "
         "NAME ARGS`. With `noServer` in the preset the client goes to the preset's first provider "
         "by itself, which has to speak Anthropic's format.",
     .operands = arguments,
     .verbatim = true,
     .run = code},
    {.name = "activate",
     .alias = "env",
     .group = Group::client,
     .help = "print shell exports that point a client here",
     .text = "Prints the environment that points a client of Anthropic's API at the router, for "
             "`eval \"$(ccr activate)\"`, or `ccr activate --shell fish | source`. What it prints "
             "has the router's key in it, if one is set.",
     .options = activate_options,
     .json = true,
     .run = activate},
    {.name = "model",
     .group = Group::client,
     .help = "show or choose which model each route goes to",
     .text = "Shows the target of each route and the models to choose from; on a terminal it asks "
             "which route to change. With TARGET, \"provider,model\", it sets the target of a "
             "route. The change is made in place in the configuration, whose comments stay, and a "
             "running router takes it up at once.",
     .options = model_options,
     .operands = target,
     .json = true,
     .run = model},
    {.name = "preset list",
     .group = Group::client,
     .help = "list the presets",
     .text = "Lists the presets beside the configuration and those in it. A preset is reached by "
             "clients under `/preset/NAME`; `ccr NAME ARGS` runs Claude Code with it.",
     .json = true,
     .run = preset_list},
    {.name = "preset show",
     .group = Group::client,
     .help = "print a preset's manifest without its secrets",
     .text = "Prints the manifest of the preset NAME. Secrets are shown as ***.",
     .operands = preset_name,
     .json = true,
     .run = preset_show},
    {.name = "preset install",
     .group = Group::client,
     .help = "install a preset from a directory or an archive",
     .text =
         "Installs a preset from a directory, or from a .zip, .tar, .tar.gz or .tgz. Values that "
         "its manifest asks for come from `--set` or are asked for on a terminal. SOURCE may also "
         "be the name of a preset that is installed, to give it other values.\n"
         "\n"
         "An archive is refused as a whole if it has files whose names lead out of it, links, "
         "more than 256 files or more than 16 MiB.",
     .options = install_options,
     .operands = preset_source,
     .run = preset_install},
    {.name = "preset export",
     .group = Group::client,
     .help = "make a preset of the configuration",
     .text =
         "Writes the providers and routes of the configuration as a preset called NAME, without "
         "secrets: each becomes a field that is asked for on installing.",
     .options = export_options,
     .operands = preset_name,
     .run = preset_export},
    {.name = "preset delete",
     .group = Group::client,
     .help = "delete a preset",
     .text = "Deletes the preset NAME with all of its files.",
     .operands = preset_name,
     .run = preset_delete},
    {.name = "statusline",
     .group = Group::client,
     .help = "print Claude Code's status line",
     .text =
         "Reads what Claude Code writes to the standard input of a status line and prints one "
         "line: directory, branch, the target that answered last, tokens and cost. `StatusLine` "
         "of the configuration, or of PRESET, chooses other parts and colours. It never fails; "
         "where something is amiss the line is plainer. `ccr code` sets it up.",
     .operands = maybe_preset,
     .run = statusline},
    {.name = "ui",
     .group = Group::client,
     .help = "print the dashboard's address",
     .text = "Prints the address of the dashboard, if the running router has one.",
     .options = ui_options,
     .json = true,
     .run = ui},
}};

}  // namespace

std::span<const Command> client_commands() {
    return rows;
}

}  // namespace ccr::ctl
