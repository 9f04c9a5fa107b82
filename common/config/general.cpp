// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>

#include "common/config/build.hpp"
#include "common/text.hpp"

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

void read_server(const Value& root, Server& out, Problems& problems) {
    const std::string host = get_string(root, "HOST");
    if (!trim(host).empty()) out.host = trim(host);
    read_count(root, "PORT", out.port);
    out.api_key = Secret(std::string(trim(get_string(root, "APIKEY"))));
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
    if (!is_loopback_host(out.host) && out.api_key.empty()) {
        problems.error(root.find("HOST")->at, "HOST",
                       "listens beyond this machine, but APIKEY is not set, so that anyone who can "
                       "reach the port could use your provider keys; set APIKEY, or set HOST to "
                       "127.0.0.1");
    }
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

// What only JavaScript could do is refused: leaving it out would send requests elsewhere than their
// owner means.
void refuse_scripts(const Value& root, Problems& problems) {
    const Member* custom = get(root, "CUSTOM_ROUTER_PATH");
    if (custom != nullptr && !trim(custom->value.text).empty()) {
        problems.error(
            custom->value.at, "CUSTOM_ROUTER_PATH",
            "a JavaScript router cannot be loaded; remove the key and let Router.default "
            "or the client's own \"provider,model\" decide");
    }
    const Member* list = get(root, "transformers");
    if (list == nullptr) return;
    for (std::size_t i = 0; i < list->value.items.size(); ++i) {
        problems.error(list->value.items[i].at, "transformers[" + std::to_string(i) + "]",
                       "a JavaScript transformer cannot be loaded; remove it and describe what the "
                       "provider needs by Providers[].profile or headers");
    }
}

}  // namespace

void build_general(const Value& root, const Lookup& lookup, Config& out, Problems& problems) {
    read_server(root, out.server, problems);
    read_log(root, out, problems);
    read_proxy(root, lookup, out.proxy, problems);
    read_limit(root, "pingIntervalMs", out.stream.ping_interval);
    read_limit(root, "keepAliveAfterMs", out.stream.keep_alive_after);
    read_limit(root, "API_TIMEOUT_MS", out.api_timeout);
    out.non_interactive = get_boolean(root, "NON_INTERACTIVE_MODE").value_or(false);
    out.claude_path = get_string(root, "CLAUDE_PATH");
    refuse_scripts(root, problems);
}

}  // namespace ccr::config
