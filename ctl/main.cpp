// SPDX-License-Identifier: MIT
// `ccr`: hands the command line to the command that it names.
#include <csignal>
#include <exception>
#include <string>
#include <vector>

#include "ctl/command_line.hpp"
#include "ctl/commands.hpp"
#include "ctl/help.hpp"
#include "ctl/print.hpp"

namespace ccr::ctl {
namespace {

int help(const Parsed& parsed) {
    if (parsed.command != nullptr) {
        out(help_text(*parsed.command));
    } else {
        out(parsed.word.empty() ? help_text() : help_text(parsed.word));
    }
    return exit_ok;
}

int run(const std::vector<std::string>& words) {
    const Parsed parsed = parse_command_line(words);
    switch (parsed.what) {
        case Parsed::What::command:
            return parsed.command->run(parsed.arguments);
        case Parsed::What::help:
            return help(parsed);
        case Parsed::What::version:
            return version({});
        case Parsed::What::error:
            break;
    }
    return complain(exit_usage, parsed.error);
}

}  // namespace
}  // namespace ccr::ctl

int main(int argc, char** argv) {
    // A reader that closes its end (`ccr … | head`) ends the output, with EPIPE, not the process.
    std::signal(SIGPIPE, SIG_IGN);
    try {
        return ccr::ctl::run(std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc));
    } catch (const std::exception& error) {
        return ccr::ctl::complain(ccr::ctl::exit_failure, error.what());
    }
}
