// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>

#include "common/config/build.hpp"
#include "common/text.hpp"
#include "common/utf8.hpp"

namespace ccr::config {
namespace {

using json5::Member;
using json5::Value;

template <typename T>
void read_count(const Value& root, std::string_view key, T& out) {
    if (const auto number = get_number(root, key)) out = static_cast<T>(*number);
}

void read_limit(const Value& root, std::string_view key, Millis& out) {
    if (const auto number = get_number(root, key)) out = Millis(static_cast<Millis::rep>(*number));
}

// Other programs of this kind let the environment choose the port.
void read_port(const Value& root, const Lookup& lookup, Server& out, Problems& problems) {
    read_count(root, "PORT", out.port);
    const auto service = lookup("SERVICE_PORT");
    if (!service || trim(*service).empty()) return;
    if (const auto port = to_number<std::uint16_t>(trim(*service))) {
        out.port = *port;
    } else {
        problems.error({}, "SERVICE_PORT in the environment", "is no port number");
    }
}

void read_host(const Value& root, Server& out, Problems& problems) {
    const std::string host = get_string(root, "HOST");
    if (trim(host).empty()) return;
    if (is_loopback_host(trim(host)) || !out.api_key.empty()) {
        out.host = trim(host);
        return;
    }
    problems.error(root.find("HOST")->at, "HOST",
                   "anyone who can reach " + std::string(trim(host)) +
                       " could use your provider keys, because APIKEY is not set; set APIKEY, or "
                       "set HOST to 127.0.0.1");
}

void read_server(const Value& root, const Lookup& lookup, Server& out, Problems& problems) {
    out.api_key = Secret(std::string(trim(get_string(root, "APIKEY"))));
    read_host(root, out, problems);
    read_port(root, lookup, out, problems);
    out.allowed_hosts = get_list(root, "allowedHosts");
    for (std::string& name : out.allowed_hosts)
        name = lower(name);
    read_count(root, "threads", out.threads);
    read_count(root, "bodyLimitBytes", out.body_limit);
    read_count(root, "headerLimitBytes", out.header_limit);
    read_count(root, "maxStreams", out.max_streams);
    read_limit(root, "clientHeaderTimeoutMs", out.header_timeout);
    read_limit(root, "clientBodyTimeoutMs", out.body_timeout);
    read_limit(root, "clientIdleTimeoutMs", out.keep_alive_timeout);
    read_limit(root, "clientWriteTimeoutMs", out.write_timeout);
    read_limit(root, "drainTimeoutMs", out.drain_timeout);
}

void read_log(const Value& root, Config& out, Problems& problems) {
    struct Row {
        std::string_view name;
        log::Level level;
    };
    constexpr std::array<Row, 10> rows{{{"trace", log::Level::trace},
                                        {"debug", log::Level::debug},
                                        {"info", log::Level::info},
                                        {"warn", log::Level::warn},
                                        {"warning", log::Level::warn},
                                        {"error", log::Level::error},
                                        {"critical", log::Level::critical},
                                        {"fatal", log::Level::critical},
                                        {"off", log::Level::off},
                                        {"silent", log::Level::off}}};
    const std::string wanted = get_string(root, "LOG_LEVEL");
    const auto* row = std::find_if(rows.begin(), rows.end(), [&](const Row& candidate) {
        return iequals(candidate.name, trim(wanted));
    });
    if (row != rows.end()) {
        out.log_level = row->level;
    } else if (!trim(wanted).empty()) {
        std::vector<std::string_view> names;
        names.reserve(rows.size());
        for (const Row& candidate : rows)
            names.push_back(candidate.name);
        problems.error(root.find("LOG_LEVEL")->at, "LOG_LEVEL",
                       "unknown level; use trace, debug, info, warn, error, critical or off",
                       nearest(wanted, names));
    }
    if (!get_boolean(root, "LOG").value_or(true)) {
        out.log_level = std::max(out.log_level, log::Level::warn);
    }
}

std::optional<std::string> either(const Lookup& lookup, std::string_view a, std::string_view b) {
    std::optional<std::string> value = lookup(a);
    return value && !value->empty() ? value : lookup(b);
}

void read_proxy(const Value& root, const Lookup& lookup, Proxy& out, Problems& problems) {
    std::string text(trim(get_string(root, "PROXY_URL")));
    const bool from_file = !text.empty();
    if (!from_file) text = either(lookup, "HTTPS_PROXY", "https_proxy").value_or("");
    // Both spellings stand in the wild: "proxy:3128" and "http://proxy:3128".
    if (!text.empty() && text.find("://") == std::string::npos) text = "http://" + text;
    if (!text.empty()) {
        const auto url = parse_url(text);
        const json5::Position at = from_file ? root.find("PROXY_URL")->at : json5::Position{};
        const std::string where = from_file ? "PROXY_URL" : "HTTPS_PROXY in the environment";
        if (!url) {
            problems.error(at, where, url.error().detail);
        } else if (url->tls()) {
            problems.error(at, where, "a proxy is reached by http://, not https://");
        }
    }
    out.https_only = !from_file && !text.empty();
    out.url = Secret(std::move(text));
    out.no_proxy = get_list(root, "NO_PROXY");
    if (get(root, "NO_PROXY") == nullptr) {
        const Value value{
            .type = json5::Type::object,
            .members = {{"NO_PROXY",
                         {},
                         {.type = json5::Type::string,
                          .text = either(lookup, "NO_PROXY", "no_proxy").value_or("")}}}};
        out.no_proxy = get_list(value, "NO_PROXY");
    }
}

// What only JavaScript could do is refused: leaving it out would send other requests than their
// owner means.
void refuse_scripts(const Value& root, Problems& problems) {
    const Member* list = get(root, "transformers");
    if (list == nullptr) return;
    for (std::size_t i = 0; i < list->value.items.size(); ++i) {
        problems.error(list->value.items[i].at, "transformers[" + std::to_string(i) + "]",
                       "a JavaScript transformer cannot be loaded; remove it and use the built-in "
                       "ones in Providers[].transformer (customparams, sampling, thinktag ...), "
                       "Providers[].profile or Providers[].headers");
    }
}

void check_plugins(const Value& root, Problems& problems) {
    const Member* list = get(root, "plugins");
    if (list == nullptr) return;
    for (std::size_t i = 0; i < list->value.items.size(); ++i) {
        const Value& plugin = list->value.items[i];
        const std::string name = get_string(plugin, "name");
        if (iequals(trim(name), "token-speed") || !get_boolean(plugin, "enabled").value_or(false)) {
            continue;
        }
        problems.warning(plugin.at, "plugins[" + std::to_string(i) + "]",
                         "plugins cannot be loaded; choose targets by CUSTOM_ROUTER and change "
                         "requests by Providers[].transformer");
    }
}

// Of the text at `path`, at most 1 MiB.
std::optional<std::string> small_file(const std::string& path, std::string& why) {
    constexpr std::size_t limit = std::size_t{1} << 20U;
    std::error_code code;
    if (!std::filesystem::is_regular_file(path, code)) {
        why = "cannot read " + path;
        return std::nullopt;
    }
    std::ifstream file(path, std::ios::binary);
    std::string text(limit + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    if (!file.eof() && text.size() <= limit) why = "cannot read " + path;
    if (text.size() > limit) why = path + " is larger than 1 MiB";
    if (!utf8::valid(text)) why = path + " is not valid UTF-8";
    return why.empty() ? std::optional(std::move(text)) : std::nullopt;
}

void read_system_prompt(const Value& root, Config& out, Problems& problems) {
    const std::string name(trim(get_string(root, "REWRITE_SYSTEM_PROMPT")));
    if (name.empty()) return;
    std::string why;
    out.rewrite_system_prompt = small_file(resolve_path(name, out.source), why);
    if (!why.empty()) {
        problems.error(root.find("REWRITE_SYSTEM_PROMPT")->at, "REWRITE_SYSTEM_PROMPT", why);
    }
}

}  // namespace

void build_general(const Value& root, const Lookup& lookup, Config& out, Problems& problems) {
    read_server(root, lookup, out.server, problems);
    read_log(root, out, problems);
    read_proxy(root, lookup, out.proxy, problems);
    read_count(root, "POOL_MAX_IDLE_PER_HOST", out.pool.max_idle_per_host);
    read_limit(root, "POOL_IDLE_TIMEOUT_MS", out.pool.idle_timeout);
    if (out.pool.idle_timeout == Millis(0)) out.pool.idle_timeout = std::chrono::hours(24);
    read_limit(root, "pingIntervalMs", out.stream.ping_interval);
    read_limit(root, "keepAliveAfterMs", out.stream.keep_alive_after);
    read_limit(root, "API_TIMEOUT_MS", out.api_timeout);
    out.non_interactive = get_boolean(root, "NON_INTERACTIVE_MODE").value_or(false);
    out.claude_path = get_string(root, "CLAUDE_PATH");
    out.small_fast_model = trim(get_string(root, "ANTHROPIC_SMALL_FAST_MODEL"));
    if (const Member* line = get(root, "StatusLine")) out.status_line = line->value;
    out.force_image_agent = get_boolean(root, "forceUseImageAgent").value_or(false);
    build_own(root, lookup, out, problems);
}

void build_own(const Value& root, const Lookup& lookup, Config& out, Problems& problems) {
    out.rewrite_system_prompt.reset();
    read_system_prompt(root, out, problems);
    out.custom_router = CustomRouter{.budget = out.custom_router.budget};
    build_custom_router(root, lookup, out.source, out.custom_router, problems);
    check_plugins(root, problems);
    refuse_scripts(root, problems);
}

}  // namespace ccr::config
