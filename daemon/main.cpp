// SPDX-License-Identifier: MIT
// ccrd: arguments and configuration. The work is App's, the waiting Supervisor's.
#include <malloc.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <iostream>

#include "common/config/load.hpp"
#include "common/control/channel.hpp"
#include "common/log.hpp"
#include "common/paths.hpp"
#include "daemon/app.hpp"
#include "daemon/check_config.hpp"
#include "daemon/supervisor.hpp"

namespace {

using namespace ccr;

constexpr int exit_config = 78;  // EX_CONFIG

struct Arguments {
    std::string config;
    std::string control;
    bool check = false;
};

// Two descriptors a stream; the soft limit of 1024 is for programs that still use select().
void raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
    limit.rlim_cur = limit.rlim_max;
    if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) log::warn("cannot raise the descriptor limit");
}

// Bodies of some 100 kB come and go all the time: by default each would grow the heap, shrink it
// again and fault its pages in anew. What a burst leaves behind stays bounded by the threshold.
void tune_allocator() {
    mallopt(M_TRIM_THRESHOLD, 1 << 20);
    mallopt(M_TOP_PAD, 64 << 10);
    mallopt(M_MMAP_THRESHOLD, 4 << 20);
}

AppOptions app_options(const std::string& control) {
    AppOptions options;
    options.control = control::socket_to_bind(control);
    options.control_required = !control.empty() || paths::environment("CCR_CONTROL").has_value();
    return options;
}

int serve(config::Loaded loaded, const std::string& file, const AppOptions& options) {
    tune_allocator();
    raise_descriptor_limit();
    Supervisor::block_signals();
    auto app = App::create(loaded.config, options);
    if (!app) {
        log::critical(app.error().chain());
        return traits(app.error().kind).exit_code;
    }
    Supervisor supervisor(**app, std::move(loaded), file);
    supervisor.run();
    return 0;
}

int check(const std::string& file) {
    const ConfigCheck result = check_config(file);
    for (const auto& problem : result.problems)
        std::cerr << config::format(problem) << '\n';
    if (!result.ok) return exit_config;
    std::cout << file << ": ok\n";
    return 0;
}

int run(const Arguments& arguments) {
    const std::string file = paths::config_file(arguments.config);
    if (arguments.check) return check(file);
    auto loaded = config::load_file(file);
    for (const auto& problem : loaded.problems)
        std::cerr << config::format(problem) << '\n';
    if (!loaded.ok()) return exit_config;
    log::init(loaded.config->log_level);
    return serve(std::move(loaded), file, app_options(arguments.control));
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App cli(
        "ccrd: LLM API router. Speaks the Anthropic Messages API to clients and forwards "
        "their requests to the providers in its configuration.");
    Arguments arguments;
    cli.add_option("--config", arguments.config,
                   "configuration file (default: $CCR_CONFIG, /etc/ccr/config.json as a system "
                   "service, else ~/.claude-code-router/config.json)");
    cli.add_option("--control", arguments.control,
                   "socket that ccr(1) talks to, or none (default: $CCR_CONTROL, "
                   "/run/ccr/control.sock as a system service, else "
                   "$XDG_RUNTIME_DIR/ccr/control.sock)");
    cli.add_flag("--check", arguments.check, "check the configuration, print all problems, exit");
    cli.add_option("FILE", arguments.config, "the configuration file, as with --config");
    cli.set_version_flag("--version", std::string("ccrd ") + CCR_VERSION);
    try {
        cli.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        const int code = cli.exit(error);
        return code == 0 ? 0 : 2;
    }
    return run(arguments);
}
