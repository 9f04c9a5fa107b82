// SPDX-License-Identifier: MIT
#include "common/control/channel.hpp"

#include <utility>

namespace ccr::control {
namespace {

std::string named(std::string_view option, const paths::Env& env) {
    if (!option.empty()) return paths::expand_home(option, env);
    if (const auto path = env("CCR_CONTROL")) return paths::expand_home(*path, env);
    return {};
}

}  // namespace

std::string user_socket(const paths::Env& env) {
    if (const auto runtime = env("XDG_RUNTIME_DIR")) return *runtime + "/ccr/control.sock";
    if (const auto state = env("XDG_STATE_HOME")) return *state + "/ccr/control.sock";
    const std::string home = paths::home(env);
    return home.empty() ? home : home + "/.local/state/ccr/control.sock";
}

std::vector<std::string> sockets(std::string_view option, Scope scope, const paths::Env& env) {
    if (std::string path = named(option, env); !path.empty()) return {path};
    std::vector<std::string> out;
    if (scope != Scope::user) out.emplace_back(system_socket);
    if (std::string path = user_socket(env); scope != Scope::system && !path.empty()) {
        out.push_back(std::move(path));
    }
    return out;
}

std::string socket_to_bind(std::string_view option, const paths::Env& env) {
    if (std::string path = named(option, env); !path.empty()) return path;
    return paths::system_service(env) ? std::string(system_socket) : user_socket(env);
}

}  // namespace ccr::control
