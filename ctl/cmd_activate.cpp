// SPDX-License-Identifier: MIT
#include <iostream>

#include "common/config/load.hpp"
#include "common/paths.hpp"
#include "ctl/commands.hpp"

namespace ccr::ctl {
namespace {

// In single quotes nothing is special to a shell but the quote itself.
std::string quoted(std::string_view text) {
    std::string out = "'";
    for (const char c : text) {
        if (c == '\'') {
            out += "'\\''";
        } else {
            out += c;
        }
    }
    return out + "'";
}

void print_export(std::string_view name, std::string_view value) {
    std::cout << "export " << name << '=' << quoted(value) << '\n';
}

// Where a client on this machine finds the router.
std::string base_url(const config::Server& server) {
    std::string host = server.host;
    if (host == "0.0.0.0") host = "127.0.0.1";
    if (host == "::") host = "::1";
    if (host.find(':') != std::string::npos) host = "[" + host + "]";
    return "http://" + host + ":" + std::to_string(server.port);
}

std::string no_proxy() {
    auto own = paths::environment("NO_PROXY");
    if (!own) own = paths::environment("no_proxy");
    if (!own) return "127.0.0.1,localhost";
    if (own->find("127.0.0.1") != std::string::npos) return *own;
    return *own + ",127.0.0.1,localhost";
}

}  // namespace

int activate(const Arguments& arguments) {
    const std::string path = paths::config_file(arguments.config());
    const config::Loaded loaded = config::load_file(path);
    if (!loaded.ok()) {
        for (const auto& problem : loaded.problems)
            std::cerr << format(problem) << '\n';
        return exit_config;
    }
    const Config& config = *loaded.config;
    if (config.server.port == 0) {
        std::cerr << path
                  << ": PORT is 0, so that the port is not known before the start; set it\n";
        return exit_config;
    }
    // The client insists on a token even where the router asks for none.
    const Secret& key = config.server.api_key;
    print_export("ANTHROPIC_BASE_URL", base_url(config.server));
    print_export("ANTHROPIC_AUTH_TOKEN", key.empty() ? "unused" : key.reveal());
    print_export("ANTHROPIC_API_KEY", "");
    print_export("API_TIMEOUT_MS", std::to_string(config.api_timeout.count()));
    print_export("NO_PROXY", no_proxy());
    print_export("DISABLE_TELEMETRY", "true");
    print_export("DISABLE_COST_WARNINGS", "true");
    std::cout << "unset CLAUDE_CODE_USE_BEDROCK CLAUDE_CODE_USE_VERTEX\n";
    return exit_ok;
}

}  // namespace ccr::ctl
