// SPDX-License-Identifier: MIT
// `ccr`: the command table and the command line.
#include <CLI/CLI.hpp>
#include <array>
#include <iostream>
#include <string>
#include <string_view>

#include "ctl/commands.hpp"

namespace ccr::ctl {
namespace {

enum Takes : unsigned { nothing = 0, config_option = 1, config_operand = 2, json_flag = 4 };

struct Command {
    std::string_view name;   // "group command" for one in a group
    std::string_view alias;  // empty: none
    std::string_view help;
    unsigned takes;
    int (*run)(const Options&);
};

constexpr std::array<Command, 4> commands{{
    {"activate", "env", "print shell exports that point a client here", config_option, activate},
    {"check", "", "validate a configuration file", config_operand | json_flag, check},
    {"config path", "", "print which configuration file is used", config_option, config_path},
    {"version", "", "print the version", json_flag, version},
}};

CLI::App* add_group(CLI::App& app, const std::string& name) {
    const auto known =
        app.get_subcommands([&name](CLI::App* sub) { return sub->get_name() == name; });
    if (!known.empty()) return known.front();
    return app.add_subcommand(name, "inspect the configuration")->require_subcommand(1);
}

CLI::App* add(CLI::App& app, const Command& command, Options& options) {
    std::string name(command.name);
    CLI::App* parent = &app;
    if (const auto space = name.find(' '); space != std::string::npos) {
        parent = add_group(app, name.substr(0, space));
        name.erase(0, space + 1);
    }
    CLI::App* sub = parent->add_subcommand(name, std::string(command.help));
    if (!command.alias.empty()) sub->alias(std::string(command.alias));
    if ((command.takes & config_option) != 0) {
        sub->add_option("--config", options.config, "configuration file")->type_name("FILE");
    }
    if ((command.takes & config_operand) != 0) {
        sub->add_option("FILE", options.config, "configuration file")->type_name("");
    }
    if ((command.takes & json_flag) != 0) sub->add_flag("--json", options.json, "print JSON");
    return sub;
}

int run(int argc, char** argv) {
    CLI::App app("Command line of the ccr LLM API router", "ccr");
    app.require_subcommand(1);
    app.set_version_flag("-v,--version", "ccr " CCR_VERSION);
    Options options;
    std::array<CLI::App*, commands.size()> subs{};
    for (std::size_t i = 0; i < commands.size(); ++i)
        subs[i] = add(app, commands[i], options);
    try {
        app.parse(argc, argv);
    } catch (const CLI::RequiredError& error) {
        if (argc > 1 && argv[1][0] != '-' && app.get_subcommands().empty()) {
            std::cerr << "ccr: unknown command " << argv[1] << "; ccr --help lists them\n";
            return exit_usage;
        }
        return app.exit(error) == 0 ? exit_ok : exit_usage;
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? exit_ok : exit_usage;
    }
    for (std::size_t i = 0; i < commands.size(); ++i) {
        if (subs[i]->parsed()) return commands[i].run(options);
    }
    return exit_usage;
}

}  // namespace
}  // namespace ccr::ctl

int main(int argc, char** argv) {
    try {
        return ccr::ctl::run(argc, argv);
    } catch (const std::exception& error) {
        std::cerr << "ccr: " << error.what() << '\n';
        return ccr::ctl::exit_failure;
    }
}
