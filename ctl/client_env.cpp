// SPDX-License-Identifier: MIT
#include "ctl/client_env.hpp"

#include <unistd.h>

#include "common/paths.hpp"
#include "ctl/client.hpp"

namespace ccr::ctl {
namespace {

std::string no_proxy() {
    auto own = paths::environment("NO_PROXY");
    if (!own) own = paths::environment("no_proxy");
    if (!own) return "127.0.0.1,localhost";
    if (own->find("127.0.0.1") != std::string::npos) return *own;
    return *own + ",127.0.0.1,localhost";
}

// The client takes a window of a million tokens for granted where it does not know the model.
std::string context_window(const Config& config) {
    const config::TargetRef& target = config.router.default_target;
    const config::Provider* provider = config.find_provider(target.provider);
    const config::Model* model = provider == nullptr ? nullptr : provider->find_model(target.model);
    if (model == nullptr || !model->context_window) return {};
    return std::to_string(*model->context_window);
}

// An address to listen on as one to connect to.
std::string reachable(std::string url) {
    for (const auto& [any, own] :
         {std::pair("//0.0.0.0:", "//127.0.0.1:"), std::pair("//[::]:", "//[::1]:")}) {
        const auto at = url.find(any);
        if (at != std::string::npos) url.replace(at, std::string_view(any).size(), own);
    }
    return url;
}

ClientEnvironment environment_for(const Config& config, const std::string& url, const Secret& key) {
    ClientEnvironment out;
    const auto set = [&out](std::string name, std::string value) {
        out.set.emplace_back(std::move(name), std::move(value));
    };
    set("ANTHROPIC_BASE_URL", url);
    // The client insists on a token even where the router asks for none.
    set("ANTHROPIC_AUTH_TOKEN", key.empty() ? "unused" : std::string(key.reveal()));
    set("ANTHROPIC_API_KEY", "");
    set("API_TIMEOUT_MS", std::to_string(config.api_timeout.count()));
    set("NO_PROXY", no_proxy());
    set("DISABLE_TELEMETRY", "true");
    set("DISABLE_ERROR_REPORTING", "true");
    set("DISABLE_COST_WARNINGS", "true");
    if (std::string tokens = context_window(config); !tokens.empty())
        set("CLAUDE_CODE_MAX_CONTEXT_TOKENS", std::move(tokens));
    if (!config.small_fast_model.empty())
        set("ANTHROPIC_SMALL_FAST_MODEL", config.small_fast_model);
    if (config.non_interactive) {
        set("CI", "true");
        set("FORCE_COLOR", "0");
        set("NODE_NO_READLINE", "1");
        set("TERM", "dumb");
    }
    out.unset = {"CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_VERTEX"};
    return out;
}

}  // namespace

Result<std::string> base_url(const Config& config) {
    if (config.server.port == 0) {
        return Error{ErrorKind::config, config.source +
                                            ": PORT is 0, so that the port is not known before "
                                            "the start; set it"};
    }
    std::string host = config.server.host;
    if (host.find(':') != std::string::npos) host = "[" + host + "]";
    return reachable("http://" + host + ":" + std::to_string(config.server.port));
}

Router find_router(const Arguments& arguments) {
    Router out;
    const bool config = arguments.has("config") || paths::environment("CCR_CONFIG");
    const bool control = arguments.has("control") || paths::environment("CCR_CONTROL");
    std::string path = config_file(arguments);
    if (!config || control) {
        Client client(arguments);
        const Ask ask{.target = std::string(control::endpoint::status), .limit = Millis(3000)};
        const auto status = client.fetch<control::Status>(ask);
        out.running = status.has_value();
        out.hidden = !out.running && status.error().kind == ErrorKind::forbidden;
        if (out.running) {
            for (const control::Listener& listener : status->listeners)
                if (listener.name == "http") out.url = reachable(listener.address);
            const std::string& used = status->config.path;
            if (!config && ::access(used.c_str(), R_OK) == 0) path = used;
        }
    }
    out.settings = load_settings(path);
    return out;
}

Result<ClientEnvironment> client_environment(const Router& router, std::string_view preset) {
    const Settings& settings = router.settings;
    const Config& config = *settings.config;
    Result<std::string> url = router.url.empty() ? base_url(config) : router.url;
    if (!url) return url.error();
    if (!preset.empty()) url->append("/preset/").append(preset);
    const Secret& key = config.server.api_key;
    if (!Settings::is_known(key)) {
        return Error{ErrorKind::config,
                     "APIKEY comes from a variable that only the service knows; export it in this "
                     "shell, or start the client with ANTHROPIC_BASE_URL=" +
                         *url + " and the key in ANTHROPIC_AUTH_TOKEN"};
    }
    ClientEnvironment out = environment_for(config, *url, key);
    // Says what kind of request each one is, so that routing need not guess.
    out.set.emplace_back("CLAUDE_CODE_GATEWAY_HINT_HEADERS", "1");
    return out;
}

Result<ClientEnvironment> direct_environment(const Config& preset) {
    constexpr std::string_view path = "/v1/messages";
    if (preset.providers.empty())
        return Error{ErrorKind::config, preset.source + ": noServer needs a provider"};
    const config::Provider& provider = preset.providers.front();
    std::string url = provider.endpoint.origin() + provider.endpoint.target;
    if (provider.dialect != config::Dialect::anthropic || !url.ends_with(path)) {
        return Error{ErrorKind::config,
                     preset.source + ": noServer, but the client cannot talk to " + provider.name +
                         " by itself: that needs Anthropic's format and an api_base_url that ends "
                         "in /v1/messages; take noServer out to go through the router"};
    }
    url.resize(url.size() - path.size());
    const Secret key = provider.keys.empty() ? Secret() : provider.keys.front();
    if (!Settings::is_known(key)) {
        return Error{ErrorKind::config, preset.source + ": the key of " + provider.name +
                                            " comes from a variable without a value here; export "
                                            "it in this shell"};
    }
    return environment_for(preset, url, key);
}

}  // namespace ccr::ctl
