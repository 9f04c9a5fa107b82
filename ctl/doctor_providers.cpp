// SPDX-License-Identifier: MIT
// What the providers answer.
#include <chrono>
#include <cstdlib>

#include "common/config/mask.hpp"
#include "common/text.hpp"
#include "ctl/doctor.hpp"
#include "ctl/print.hpp"
#include "ctl/probe.hpp"

namespace ccr::ctl {
namespace {

using config::Dialect;
using config::Provider;
using State = Finding::State;
using Reached = Probe::Reached;

bool loopback(std::string_view host) {
    return host == "localhost" || host.starts_with("127.") || host == "::1" || host == "[::1]";
}

// A provider's list of models stands beside its endpoint. Empty: it has none that is known.
std::string models_target(const Provider& provider) {
    const std::string& target = provider.endpoint.target;
    const std::string path = target.substr(0, target.find('?'));
    for (const std::string_view ending : {"/chat/completions", "/messages", "/responses"}) {
        if (path.ends_with(ending)) return path.substr(0, path.size() - ending.size()) + "/models";
    }
    return {};
}

const Secret* known_key(const Provider& provider) {
    for (const Secret& key : provider.keys)
        if (Settings::is_known(key)) return &key;
    return nullptr;
}

ProbeRequest request_for(const Config& config, const Provider& provider) {
    ProbeRequest out;
    const std::string target = models_target(provider);
    out.url = provider.endpoint.origin() + (target.empty() ? "/" : target);
    out.ca_file = provider.ca_file;
    const bool https = provider.endpoint.scheme == "https";
    if (!loopback(provider.endpoint.host) && (https || !config.proxy.https_only))
        out.proxy = config.proxy.url;
    const Secret* key = known_key(provider);
    // Without a list of models the key would be sent where it is of no use.
    if (target.empty() || key == nullptr) return out;
    const bool anthropic = provider.dialect == Dialect::anthropic;
    if (!anthropic || provider.bearer_only) {
        out.headers.emplace_back("authorization", Secret("Bearer " + std::string(key->reveal())));
    } else {
        out.headers.emplace_back("x-api-key", *key);
    }
    if (anthropic) out.headers.emplace_back("anthropic-version", Secret("2023-06-01"));
    for (const auto& header : provider.headers)
        if (Settings::is_known(header.second)) out.headers.push_back(header);
    return out;
}

Finding not_reached(const Probe& found, const Provider& provider) {
    const std::string host = provider.endpoint.host;
    Finding out{State::fail, "", harmless(found.why), ""};
    if (found.untrusted) {
        out.todo = "install ca-certificates, or name the authority by tls.ca_file";
    } else if (found.reached == Reached::nothing) {
        out.text = host + " has no address: " + out.text;
        out.todo = "check the name in api_base_url, and the network's DNS";
    } else {
        out.text = "no connection to " + provider.endpoint.origin() + ": " + out.text;
        out.todo = loopback(host) ? "start the server there" : "check the network and PROXY_URL";
    }
    return out;
}

Finding answered(const Probe& found, const Provider& provider) {
    const std::string host = provider.endpoint.origin();
    const std::string status = std::to_string(found.status);
    const bool key_sent = known_key(provider) != nullptr && !models_target(provider).empty();
    if (found.status == 401 || found.status == 403) {
        if (!key_sent) {
            return {State::ok, "", host + " answers; its key is not known to this user",
                    provider.keys.empty() ? "set api_key" : ""};
        }
        return {State::fail, "", host + " refuses the key (" + status + ")",
                "ccr key add, or correct api_key"};
    }
    if (found.status == 429)
        return {State::warn, "", host + " answers, but its limit is reached (429)", "wait"};
    if (found.status >= 500)
        return {State::warn, "", host + " answers with " + status, "try again later"};
    if (found.status / 100 == 2) {
        return {State::ok, "",
                host + (key_sent ? " accepts the key, " : " answers, ") + duration(found.seconds),
                ""};
    }
    return {State::ok, "", host + " answers (" + status + "); its key could not be tested", ""};
}

void look_at_skew(const Probe& found, Findings& out, bool& looked) {
    constexpr std::int64_t most_seconds = 300;
    if (looked || !found.date) return;
    looked = true;
    const auto now = std::chrono::duration_cast<std::chrono::seconds>(
                         std::chrono::system_clock::now().time_since_epoch())
                         .count();
    const std::int64_t skew = std::abs(now - *found.date);
    if (skew <= most_seconds) return;
    out.push_back({State::fail, "clock",
                   "the clock is " + duration(static_cast<double>(skew)) +
                       " away from a provider's; certificates and limits go wrong",
                   "set it, or enable systemd-timesyncd or chrony"});
}

}  // namespace

void look_at_providers(const Config& config, Findings& out) {
    bool looked_at_clock = false;
    for (const Provider& provider : config.providers) {
        const std::string name = "provider " + harmless(provider.name);
        if (!provider.unsupported.empty()) {
            out.push_back({State::warn, name, harmless(provider.unsupported),
                           "requests to it are refused; man ccr-config, protocol"});
            continue;
        }
        const Probe found = probe(request_for(config, provider));
        Finding finding = found.reached == Reached::answer ? answered(found, provider)
                                                           : not_reached(found, provider);
        finding.name = name;
        out.push_back(std::move(finding));
        look_at_skew(found, out, looked_at_clock);
    }
}

}  // namespace ccr::ctl
