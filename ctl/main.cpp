// SPDX-License-Identifier: MIT
// `ccr`: hands the command line to the command that it names.
#include <poll.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
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
        case Parsed::What::unknown:
            // As with claude-code-router, `ccr PRESET ARGUMENTS` runs the client with a preset.
            if (is_preset(parsed.arguments, parsed.word))
                return code_with_preset(parsed.arguments, parsed.word);
            break;
        case Parsed::What::error:
            break;
    }
    return complain(exit_usage, parsed.error);
}

// What was to be read must not be lost without a word; a reader who has enough is no failure.
int with_output(int code) {
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return code;
    pollfd reader{STDOUT_FILENO, POLLOUT, 0};
    if (::poll(&reader, 1, 0) == 1 && (reader.revents & POLLERR) != 0) return code;  // has left
    return complain(code == exit_ok ? exit_failure : code,
                    "cannot write the output; is the disk full?");
}

}  // namespace
}  // namespace ccr::ctl

int main(int argc, char** argv) {
    // A reader that closes its end (`ccr … | head`) ends the output, with EPIPE, not the process.
    std::signal(SIGPIPE, SIG_IGN);
    try {
        const std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
        return ccr::ctl::with_output(ccr::ctl::run(words));
    } catch (const std::exception& error) {
        return ccr::ctl::complain(ccr::ctl::exit_failure, error.what());
    }
}
