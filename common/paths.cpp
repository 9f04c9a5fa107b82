// SPDX-License-Identifier: MIT
#include "common/paths.hpp"

#include <pwd.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

namespace ccr::paths {
namespace {

constexpr std::string_view system_config = "/etc/ccr/config.json";
constexpr std::string_view user_config = "/.claude-code-router/config.json";

std::string home_of_user() {
    std::array<char, 4096> buffer{};
    passwd entry{};
    passwd* found = nullptr;
    if (::getpwuid_r(::getuid(), &entry, buffer.data(), buffer.size(), &found) != 0) return {};
    return found == nullptr || entry.pw_dir == nullptr ? std::string() : std::string(entry.pw_dir);
}

}  // namespace

std::optional<std::string> environment(std::string_view name) {
    const char* value = std::getenv(std::string(name).c_str());
    if (value == nullptr || *value == '\0') return std::nullopt;
    return std::string(value);
}

std::string home(const Env& env) {
    if (auto value = env("HOME")) return *value;
    return home_of_user();
}

std::string expand_home(std::string_view path, const Env& env) {
    if (path == "~" || path.starts_with("~/")) return home(env) + std::string(path.substr(1));
    return std::string(path);
}

std::string user_credentials(const Env& env) {
    constexpr std::string_view below = "/ccr/credentials";
    if (const auto named = env("XDG_CONFIG_HOME")) return *named + std::string(below);
    const std::string own = home(env);
    return own.empty() ? own : own + "/.config" + std::string(below);
}

bool system_service(const Env& env) {
    // The manager names the process that it started itself, so children such as a login shell do
    // not count; only the managers of users give their own PID.
    const auto started = env("SYSTEMD_EXEC_PID");
    return started && *started == std::to_string(::getpid()) && !env("MANAGERPID");
}

std::string config_file(std::string_view option, const Env& env) {
    if (!option.empty()) return std::string(option);
    if (auto named = env("CCR_CONFIG")) return expand_home(*named, env);
    if (system_service(env)) return std::string(system_config);
    return home(env) + std::string(user_config);
}

}  // namespace ccr::paths
