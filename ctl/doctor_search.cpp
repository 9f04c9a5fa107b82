// SPDX-License-Identifier: MIT
// Whether the search engine of WebSearch answers.
#include "common/config/mask.hpp"
#include "common/url.hpp"
#include "ctl/doctor.hpp"
#include "ctl/print.hpp"
#include "ctl/probe.hpp"
#include "ctl/settings.hpp"

namespace ccr::ctl {
namespace {

using Engine = config::WebSearch::Engine;
using State = Finding::State;

ProbeRequest request_for(const Config& config) {
    const config::WebSearch& search = config.web_search;
    ProbeRequest out;
    out.url = search.url.origin() + "/";
    const bool https = search.url.tls();
    if (!is_loopback_host(search.url.host) && (https || !config.proxy.https_only))
        out.proxy = config.proxy.url;
    if (search.engine != Engine::searxng) return out;
    out.url = search.url.origin() + search.url.target;
    out.url += search.url.target.find('?') == std::string::npos ? "?" : "&";
    out.url += "q=test&format=json";
    if (!search.api_key.empty() && Settings::is_known(search.api_key)) {
        out.headers.emplace_back("authorization",
                                 Secret("Bearer " + std::string(search.api_key.reveal())));
    }
    return out;
}

Finding finding_of(const Probe& found, const config::WebSearch& search) {
    const std::string host = search.url.origin();
    if (found.reached != Probe::Reached::answer) {
        return {State::fail, "", "no connection to " + host + ": " + harmless(found.why),
                "check WebSearch.url, the network and PROXY_URL"};
    }
    if (search.engine != Engine::searxng) {
        return {State::ok, "", host + " answers; its key is not tested, a search costs something",
                ""};
    }
    const std::string status = std::to_string(found.status);
    if (found.status == 200) return {State::ok, "", host + " searches", ""};
    if (found.status == 403) {
        return {State::fail, "", host + " does not answer in JSON (403)",
                "add json to search.formats in its settings.yml"};
    }
    return {State::warn, "", host + " answers with " + status, "check WebSearch.url"};
}

}  // namespace

void look_at_search_engine(const Config& config, Findings& out) {
    if (!config.web_search.configured()) return;
    Finding finding = finding_of(probe(request_for(config)), config.web_search);
    finding.name = "search engine " + std::string(config::engine_name(config.web_search.engine));
    out.push_back(std::move(finding));
}

}  // namespace ccr::ctl
