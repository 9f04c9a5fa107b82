// SPDX-License-Identifier: MIT
#include <array>

#include "ctl/commands.hpp"
#include "ctl/table.hpp"

namespace ccr::ctl {
namespace {

constexpr std::array<Operand, 1> config_operand{{{.name = "FILE", .completes = Completes::file}}};
constexpr std::array<Operand, 1> old_config{
    {{.name = "FILE", .required = true, .completes = Completes::file}}};
constexpr std::array<Operand, 1> maybe_key{{{.name = "KEY"}}};
constexpr std::array<Operand, 1> key_operand{{{.name = "KEY", .required = true}}};
constexpr std::array<Operand, 2> key_and_value{
    {{.name = "KEY", .required = true}, {.name = "VALUE", .required = true}}};

constexpr std::array<Option, 3> migrate_options{{
    {.name = "output",
     .letter = 'o',
     .value = "FILE",
     .help = "write the configuration there, readable by you only",
     .completes = Completes::file},
    {.name = "from",
     .value = "WHAT",
     .help = "whose file it is: auto (default), node-v1, node-v2, ccr-rust",
     .completes = Completes::words,
     .choices = "auto node-v1 node-v2 ccr-rust"},
    {.name = "force", .value = {}, .help = "replace an existing file"},
}};

constexpr std::array<Operand, 1> key_name{{{.name = "NAME", .required = true}}};
constexpr std::array<Option, 1> key_options{{
    {.name = "root",
     .value = "DIR",
     .help = "the system whose root directory is DIR, not the running one",
     .completes = Completes::directory},
}};
constexpr std::array<Option, 2> key_add_options{{
    {.name = "plain", .value = {}, .help = "do not encrypt a key of the system's service"},
    key_options[0],
}};

constexpr std::array<Operand, 1> body{{{.name = "BODY", .completes = Completes::file}}};
constexpr std::array<Option, 1> explain_options{{
    {.name = "model", .value = "MODEL", .help = "as if the request asked for this model"},
}};
constexpr std::array<Option, 1> doctor_options{{
    {.name = "offline", .value = {}, .help = "ask no provider"},
}};

constexpr std::array<Command, 11> rows{{
    {.name = "check",
     .group = Group::setup,
     .help = "validate a configuration file",
     .text = "Validates a configuration, the one in use unless FILE names another: all problems at "
             "once, each with line and column. Exits with 78 if it cannot be used.",
     .operands = config_operand,
     .json = true,
     .run = check},
    {.name = "config path",
     .group = Group::setup,
     .help = "print which configuration file is used",
     .text = "That is the one of `--config`, else of `CCR_CONFIG`, else the user's if it exists, "
             "else the system's if it exists. `--system` and `--user` choose between the two.",
     .json = true,
     .run = config_path},
    {.name = "config show",
     .group = Group::setup,
     .help = "print the configuration without its secrets",
     .text = "Prints the file as JSON, or the value of one KEY. Secrets are shown as ***; where a "
             "secret comes from a variable, the reference to it is shown.",
     .operands = maybe_key,
     .json = true,
     .run = config_show},
    {.name = "config set",
     .group = Group::setup,
     .help = "change one value of the configuration",
     .text =
         "Changes one value in place; comments, order and layout of the file stay. KEY is a path "
         "such as `Router.default`, `Providers[0].models` or `Providers[NAME].api_base_url`. VALUE "
         "is a text, a number or JSON, as the key wants; - asks for it. Secrets are not taken from "
         "the command line.\n"
         "\n"
         "The result is validated first: a change that makes the configuration unusable is "
         "refused. `ccr reload` puts it into effect.",
     .operands = key_and_value,
     .run = config_set},
    {.name = "config unset",
     .group = Group::setup,
     .help = "take one value out of the configuration",
     .text = "Removes KEY from the file, in the same way as `ccr config set` changes it.",
     .operands = key_operand,
     .run = config_unset},
    {.name = "config migrate",
     .group = Group::setup,
     .help = "read the configuration of another router",
     .text = "Reads a configuration of claude-code-router 1 or 2, or of ccr-rust, and prints the "
             "equivalent one. Each key that could not be carried over, or means something else "
             "here, is named on standard error with the reason and what to do instead, and so are "
             "the places of comments, which the new file does not have. A file that `--force` "
             "replaces is kept as FILE.old.",
     .options = migrate_options,
     .operands = old_config,
     .json = true,
     .run = config_migrate},
    {.name = "explain",
     .group = Group::setup,
     .help = "show where a request would go, and why",
     .text = "Asks the running router where it would send a request of Anthropic's Messages API: "
             "the route with the rule that chose it, and the targets in the order in which they "
             "would be asked now. Nothing is sent. BODY is a file with the request, or - for "
             "standard input; with `--model` alone a small one is made up.",
     .options = explain_options,
     .operands = body,
     .json = true,
     .run = explain},
    {.name = "doctor",
     .group = Group::setup,
     .help = "find out what stands in the way",
     .text =
         "Looks at the configuration and who may read it, the running router and its port, the "
         "clock, the protection of the unit and the client, and asks each provider for its list of "
         "models, which tests its name, TLS and key. Each line is ok, warn or fail, with what to "
         "do. Nothing is changed. Exits with 1 if a line is fail.",
     .options = doctor_options,
     .json = true,
     .run = doctor},
    {.name = "key add",
     .group = Group::setup,
     .help = "store a provider's key",
     .text =
         "Stores a key under NAME, which the configuration refers to as `${NAME}`. The key is "
         "asked for on a terminal and not shown, or read from standard input; never is it part of "
         "a command line.\n"
         "\n"
         "A user's keys are files in `~/.config/ccr/credentials` that nobody else may read. Those "
         "of the system's service are in `/etc/ccr/credentials`, encrypted by systemd-creds(1) "
         "where that works, and reach it as systemd credentials by a drop-in of its unit. Root "
         "means the system's if it is installed.",
     .options = key_add_options,
     .operands = key_name,
     .run = key_add},
    {.name = "key list",
     .group = Group::setup,
     .help = "list the names of the stored keys",
     .text = "Lists names, never values.",
     .options = key_options,
     .json = true,
     .run = key_list},
    {.name = "key remove",
     .group = Group::setup,
     .help = "remove a stored key",
     .text = "Removes the key called NAME.",
     .options = key_options,
     .operands = key_name,
     .run = key_remove},
}};

}  // namespace

std::span<const Command> setup_commands() {
    return rows;
}

}  // namespace ccr::ctl
