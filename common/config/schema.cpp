// SPDX-License-Identifier: MIT
#include "common/config/schema.hpp"

#include <algorithm>
#include <array>

namespace ccr::config {
namespace {

constexpr double day_ms = 86'400'000;

// clang-format off
constexpr Key rows[] = {
    // the router's own server
    {"HOST", "", Kind::string, Use::active, "127.0.0.1", 0, 0,
     "Address to listen on; anything but loopback needs APIKEY."},
    {"PORT", "", Kind::integer, Use::active, "3456", 0, 65535,
     "TCP port to listen on; 0 takes any free one."},
    {"APIKEY", "", Kind::secret, Use::active, "", 0, 0,
     "Key that clients must send as x-api-key or Authorization: Bearer."},
    {"allowedHosts", "", Kind::list, Use::active, "", 0, 0,
     "Hosts, host:port pairs or * accepted in Host and Origin headers besides loopback names."},
    {"threads", "", Kind::integer, Use::active, "0", 0, 256,
     "Event loops; 0 takes the number of cores, at most 4."},
    {"bodyLimitBytes", "", Kind::bytes, Use::active, "67108864", 1024, 1073741824,
     "Largest request body accepted; larger ones get 413."},
    {"headerLimitBytes", "", Kind::bytes, Use::active, "65536", 4096, 1048576,
     "Largest request head accepted; larger ones get 431."},
    {"maxStreams", "", Kind::integer, Use::active, "4096", 1, 1'000'000,
     "Requests in flight; more are turned away with 529."},
    {"clientHeaderTimeoutMs", "", Kind::milliseconds, Use::active, "10000", 100, day_ms,
     "Time a client has to send its request head."},
    {"clientBodyTimeoutMs", "", Kind::milliseconds, Use::active, "60000", 100, day_ms,
     "Longest pause of a client while it sends a request body."},
    {"clientIdleTimeoutMs", "", Kind::milliseconds, Use::active, "75000", 100, day_ms,
     "Time a connection stays open between requests."},
    {"clientWriteTimeoutMs", "", Kind::milliseconds, Use::active, "60000", 100, day_ms,
     "Longest time a client may leave its reply unread."},
    {"drainTimeoutMs", "", Kind::milliseconds, Use::active, "600000", 0, day_ms,
     "Time that running streams get after the stop signal."},
    {"keepAliveAfterMs", "", Kind::milliseconds, Use::active, "10000", 0, day_ms,
     "Time that a reply's head waits for the first content before it is sent ahead."},
    {"pingIntervalMs", "", Kind::milliseconds, Use::active, "15000", 100, day_ms,
     "Silence in a stream after which a ping event is sent."},
    {"LOG", "", Kind::boolean, Use::active, "true", 0, 0,
     "false: only warnings and errors are logged."},
    {"LOG_LEVEL", "", Kind::string, Use::active, "info", 0, 0,
     "trace, debug, info, warn, error, critical (or fatal) or off."},

    // towards the providers
    {"API_TIMEOUT_MS", "", Kind::milliseconds, Use::active, "600000", 100, day_ms,
     "Time until the first content of a reply, all attempts together; also given to the client."},
    {"connectTimeoutMs", "", Kind::milliseconds, Use::active, "10000", 100, day_ms,
     "Time to connect to a provider, TLS included."},
    {"firstByteTimeoutMs", "", Kind::milliseconds, Use::active, "120000", 0, day_ms,
     "Time until a provider's reply begins; 0 sets no limit."},
    {"idleTimeoutMs", "", Kind::milliseconds, Use::active, "300000", 0, day_ms,
     "Longest silence of a provider within a reply; 0 sets no limit."},
    {"PROXY_URL", "HTTPS_PROXY https_proxy httpsProxy", Kind::url, Use::active, "", 0, 0,
     "HTTP proxy for all providers but loopback ones; the environment's HTTPS_PROXY counts for "
     "https providers where this is not set."},
    {"NO_PROXY", "no_proxy", Kind::list, Use::active, "", 0, 0,
     "Hosts, .suffixes, addresses or CIDR blocks reached without the proxy."},

    {"Providers", "providers", Kind::array, Use::active, "[]", 0, 0,
     "The providers that requests can be sent to."},
    {"Providers[]", "", Kind::object, Use::active, "", 0, 0, "One provider."},
    {"Providers[].name", "", Kind::string, Use::active, "", 0, 0,
     "Name used in routes, without a comma. Required."},
    {"Providers[].api_base_url", "", Kind::url, Use::active, "", 0, 0,
     "Complete endpoint, or a base that the protocol's path is appended to. Required."},
    {"Providers[].api_key", "", Kind::secret, Use::active, "", 0, 0,
     "Key for the provider; none is sent where this is absent or empty."},
    {"Providers[].api_keys", "", Kind::secret_list, Use::active, "", 0, 0,
     "Several keys in place of one."},
    {"Providers[].protocol", "", Kind::string, Use::active, "", 0, 0,
     "openai or anthropic; otherwise told from the transformer, then from the URL."},
    {"Providers[].models", "", Kind::array, Use::active, "[]", 0, 0,
     "Models on offer; others are forwarded all the same."},
    {"Providers[].models[]", "", Kind::string_or_object, Use::active, "", 0, 0,
     "A model's name, or an object that says more about it."},
    {"Providers[].models[].name", "", Kind::string, Use::active, "", 0, 0, "The model's name."},
    {"Providers[].models[].contextWindow", "context_window", Kind::integer, Use::active, "", 1, 1e9,
     "Tokens that fit into the model's context."},
    {"Providers[].models[].maxOutputTokens", "max_tokens max_output_tokens", Kind::integer,
     Use::active, "", 1, 1e9, "Requests asking for more output are clamped to this."},
    {"Providers[].models[].vision", "", Kind::boolean, Use::kept, "", 0, 0,
     "Whether the model accepts images."},
    {"Providers[].models[].tools", "", Kind::boolean, Use::kept, "", 0, 0,
     "Whether the model can call tools."},
    {"Providers[].models[].thinking", "", Kind::boolean, Use::kept, "", 0, 0,
     "Whether the model can think."},
    {"Providers[].models[].pricing", "", Kind::any, Use::kept, "", 0, 0, "Prices of the model."},
    {"Providers[].maxOutputTokens", "max_tokens max_output_tokens", Kind::integer, Use::active, "",
     1, 1e9, "The same clamp for models without one of their own."},
    {"Providers[].headers", "extra_headers", Kind::secret_map, Use::active, "", 0, 0,
     "Headers added to each request."},
    {"Providers[].headers.*", "", Kind::secret, Use::active, "", 0, 0, "A header's value."},
    {"Providers[].transformer", "", Kind::object, Use::active, "", 0, 0,
     "Adjustments of requests and replies, as other routers name them."},
    {"Providers[].transformer.use", "", Kind::array, Use::active, "", 0, 0,
     "Names, or [name, {options}] pairs, for all models."},
    {"Providers[].transformer.use[]", "", Kind::any, Use::active, "", 0, 0, "One transformer."},
    {"Providers[].transformer.*", "", Kind::object, Use::active, "", 0, 0,
     "The same for one model."},
    {"Providers[].transformer.*.use", "", Kind::array, Use::active, "", 0, 0,
     "Transformers of that model."},
    {"Providers[].transformer.*.use[]", "", Kind::any, Use::active, "", 0, 0, "One transformer."},
    {"Providers[].profile", "", Kind::any, Use::active, "", 0, 0,
     "Row of the provider quirk table to use, or an object of overrides (its name in `base`)."},
    {"Providers[].tls", "", Kind::object, Use::active, "", 0, 0,
     "TLS towards the provider; certificates are always verified."},
    {"Providers[].tls.ca_file", "", Kind::string, Use::active, "", 0, 0,
     "PEM file of certificate authorities trusted besides the system's."},
    {"Providers[].connectTimeoutMs", "", Kind::milliseconds, Use::active, "", 100, day_ms,
     "Overrides connectTimeoutMs for this provider."},
    {"Providers[].firstByteTimeoutMs", "", Kind::milliseconds, Use::active, "", 0, day_ms,
     "Overrides firstByteTimeoutMs for this provider."},
    {"Providers[].idleTimeoutMs", "", Kind::milliseconds, Use::active, "", 0, day_ms,
     "Overrides idleTimeoutMs for this provider."},
    {"Providers[].tier_name", "", Kind::string, Use::kept, "", 0, 0, "Label of the provider."},
    {"Providers[].tokenizer", "", Kind::any, Use::kept, "", 0, 0, "How to count its tokens."},
    {"Providers[].pricing", "", Kind::any, Use::kept, "", 0, 0, "Prices of its models."},

    {"Router", "router", Kind::object, Use::active, "{}", 0, 0, "Where requests go."},
    {"Router.default", "", Kind::target, Use::active, "", 0, 0,
     "Target of requests that name none themselves."},
    {"Router.background", "", Kind::target, Use::kept, "", 0, 0, "Target of small-model requests."},
    {"Router.think", "", Kind::target, Use::kept, "", 0, 0, "Target when thinking is asked for."},
    {"Router.longContext", "", Kind::target, Use::kept, "", 0, 0, "Target of long requests."},
    {"Router.longContextThreshold", "", Kind::integer, Use::kept, "60000", 1, 1e9,
     "Tokens from which a request is long."},
    {"Router.webSearch", "", Kind::target, Use::kept, "", 0, 0, "Target when the web is searched."},
    {"Router.image", "", Kind::target, Use::kept, "", 0, 0, "Target of requests with images."},
    {"Router.tiers", "", Kind::any, Use::kept, "", 0, 0, "Order of the targets to try."},
    {"Router.tierRetries", "", Kind::any, Use::kept, "", 0, 0, "Retries per tier."},
    {"Router.promotion", "", Kind::any, Use::kept, "", 0, 0, "Reordering by latency."},
    {"Router.forceNonStreaming", "", Kind::any, Use::kept, "", 0, 0, "Never stream upstream."},
    {"Router.ignoreDirect", "", Kind::any, Use::kept, "", 0, 0, "Ignore the client's target."},
    {"fallback", "", Kind::any, Use::kept, "", 0, 0, "Targets to try when a route fails."},

    // refused when they are set: they name JavaScript files
    {"CUSTOM_ROUTER_PATH", "", Kind::string, Use::active, "", 0, 0,
     "JavaScript router of other programs; cannot be honoured and is refused."},
    {"transformers", "", Kind::array, Use::active, "", 0, 0,
     "JavaScript transformers of other programs; cannot be honoured and are refused."},
    {"transformers[]", "", Kind::any, Use::active, "", 0, 0, "One JavaScript transformer."},

    // keys of the same file that other parts or programs use
    {"NON_INTERACTIVE_MODE", "", Kind::boolean, Use::kept, "false", 0, 0,
     "Run the client without a terminal."},
    {"CLAUDE_PATH", "", Kind::string, Use::kept, "claude", 0, 0, "The client's executable."},
    {"ANTHROPIC_SMALL_FAST_MODEL", "", Kind::string, Use::kept, "", 0, 0,
     "The client's small model."},
    {"REWRITE_SYSTEM_PROMPT", "", Kind::string, Use::kept, "", 0, 0,
     "File that replaces the system prompt."},
    {"forceUseImageAgent", "", Kind::boolean, Use::kept, "false", 0, 0,
     "Describe images by another model."},
    {"StatusLine", "", Kind::any, Use::kept, "", 0, 0, "The client's status line."},
    {"plugins", "Plugins", Kind::any, Use::kept, "", 0, 0, "Plugins of other programs."},
    {"Presets", "presets", Kind::any, Use::kept, "", 0, 0, "Named sets of routes."},
    {"WebSearch", "", Kind::any, Use::kept, "", 0, 0, "Web search by the router itself."},
    {"Dedup", "", Kind::any, Use::kept, "", 0, 0, "Joining of identical requests."},
    {"pricing", "", Kind::any, Use::kept, "", 0, 0, "Prices of models."},
    {"POOL_MAX_IDLE_PER_HOST", "", Kind::any, Use::kept, "", 0, 0, "Idle connections per host."},
    {"POOL_IDLE_TIMEOUT_MS", "", Kind::any, Use::kept, "", 0, 0, "Age of idle connections."},
    {"SSE_BUFFER_SIZE", "", Kind::any, Use::kept, "", 0, 0, "Chunks buffered per stream."},
};
// clang-format on

bool has_word(std::string_view words, std::string_view word) {
    while (!words.empty()) {
        const auto space = words.find(' ');
        if (words.substr(0, space) == word) return true;
        if (space == std::string_view::npos) break;
        words.remove_prefix(space + 1);
    }
    return false;
}

// The part of a path behind its parent, or nothing when it is not a direct child.
std::string_view below(std::string_view path, std::string_view parent) {
    if (parent.empty()) return path.find_first_of(".[") == std::string_view::npos ? path : "";
    if (!path.starts_with(parent) || path.substr(parent.size(), 1) != ".") return "";
    const std::string_view rest = path.substr(parent.size() + 1);
    return rest.find_first_of(".[") == std::string_view::npos ? rest : "";
}

}  // namespace

std::string_view Key::name() const {
    const auto dot = path.rfind('.');
    return dot == std::string_view::npos ? path : path.substr(dot + 1);
}

std::span<const Key> schema() {
    return rows;
}

const Key* find_key(std::string_view generic_path) {
    const auto* found = std::find_if(std::begin(rows), std::end(rows),
                                     [&](const Key& key) { return key.path == generic_path; });
    return found == std::end(rows) ? nullptr : found;
}

const Key* find_child(std::string_view parent, std::string_view name) {
    const Key* wildcard = nullptr;
    for (const Key& key : rows) {
        const std::string_view child = below(key.path, parent);
        if (child.empty()) continue;
        if (child == name || has_word(key.alias, name)) return &key;
        if (child == "*") wildcard = &key;
    }
    return wildcard;
}

std::vector<std::string_view> child_names(std::string_view parent) {
    std::vector<std::string_view> out;
    for (const Key& key : rows) {
        const std::string_view child = below(key.path, parent);
        if (!child.empty()) out.push_back(child);
    }
    return out;
}

std::string_view kind_name(Kind kind) {
    switch (kind) {
        case Kind::boolean:
            return "true or false";
        case Kind::integer:
            return "a whole number";
        case Kind::milliseconds:
            return "a number of milliseconds";
        case Kind::bytes:
            return "a number of bytes";
        case Kind::string:
        case Kind::secret:
            return "a string";
        case Kind::url:
            return "a URL";
        case Kind::target:
            return "\"provider,model\"";
        case Kind::list:
            return "an array of strings";
        case Kind::secret_list:
            return "an array of strings";
        case Kind::secret_map:
            return "an object of strings";
        case Kind::object:
            return "an object";
        case Kind::array:
            return "an array";
        case Kind::string_or_object:
            return "a string or an object";
        case Kind::any:
            return "any value";
    }
    return "any value";
}

bool is_secret(Kind kind) {
    return kind == Kind::secret || kind == Kind::secret_list || kind == Kind::secret_map;
}

bool is_number(Kind kind) {
    return kind == Kind::integer || kind == Kind::milliseconds || kind == Kind::bytes;
}

}  // namespace ccr::config
