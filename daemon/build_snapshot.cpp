// SPDX-License-Identifier: MIT
#include "daemon/build_snapshot.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <string>

#include "common/config/preset.hpp"
#include "common/log.hpp"
#include "daemon/store/data_folders.hpp"
#include "daemon/store/price_file.hpp"

namespace ccr {
namespace {

// Makes the dialers of one configuration. Providers that are reached in the same way share one, and
// with it lookups and TLS sessions.
class Dialers {
  public:
    static Result<Dialers> create(const config::Proxy& proxy) {
        std::string no_proxy;
        for (const auto& entry : proxy.no_proxy)
            no_proxy += entry + ",";
        auto settings = net::make_proxy_settings(proxy.url.reveal(), no_proxy);
        if (!settings) return std::move(settings).error();
        Dialers out;
        out.proxy_ = std::move(*settings);
        out.https_only_ = proxy.https_only;
        return out;
    }

    Result<std::shared_ptr<net::Dialer>> to(const net::Origin& origin, const std::string& ca_file) {
        // HTTPS_PROXY of the environment speaks of https only; PROXY_URL of all.
        const bool direct = https_only_ && !origin.tls;
        auto& dialer = shared_[Way{ca_file, direct, origin.tls}];
        if (dialer) return dialer;
        std::shared_ptr<net::TlsContext> context;
        if (origin.tls) {
            // Reading the system's certificates is most of the time that a start takes.
            auto tls = net::TlsContext::create({ca_file});
            if (!tls) return std::move(tls).error();
            context = std::move(*tls);
        }
        dialer = std::make_shared<net::NetDialer>(std::move(context),
                                                  direct ? net::ProxySettings() : proxy_);
        return dialer;
    }

  private:
    struct Way {
        std::string ca_file;
        bool direct;
        bool tls;
        auto operator<=>(const Way&) const = default;
    };

    net::ProxySettings proxy_;
    bool https_only_ = false;
    std::map<Way, std::shared_ptr<net::Dialer>> shared_;
};

Result<void> add_origins(proxy::Snapshot& snapshot) {
    auto dialers = Dialers::create(snapshot.config().proxy);
    if (!dialers) return std::move(dialers).error();
    for (const auto& provider : snapshot.directory->providers()) {
        const config::Provider& config = *provider.config;
        net::Origin origin(config.endpoint);
        auto dialer = dialers->to(origin, config.ca_file);
        if (!dialer) return dialer.error().wrap("provider " + config.name + ": tls.ca_file");
        origin.dialer = std::move(*dialer);
        snapshot.origins.push_back(std::move(origin));
        snapshot.token_origins.emplace_back();
        if (config.auth != config::Auth::google_account) continue;
        auto tokens = std::make_unique<net::Origin>(config.google.token_url);
        auto way = dialers->to(*tokens, config.ca_file);
        if (!way) return way.error().wrap("provider " + config.name + ": tls.ca_file");
        tokens->dialer = std::move(*way);
        snapshot.token_origins.back() = std::move(tokens);
    }
    const config::WebSearch& search = snapshot.config().web_search;
    if (!search.configured()) return {};
    auto engine = std::make_unique<net::Origin>(search.url);
    auto way = dialers->to(*engine, {});
    if (!way) return way.error().wrap("WebSearch");
    engine->dialer = std::move(*way);
    snapshot.search_origin = std::move(engine);
    return {};
}

using PriceList = std::shared_ptr<const stats::PriceList>;

// A list of the operator's own lies beside the configuration.
PriceList prices_for(const Config& config) {
    const auto folder = std::filesystem::path(config.source).parent_path();
    auto prices = store::load_prices((folder / "prices.json").string(), store::data_folders());
    for (const Error& trouble : prices.troubles)
        log::warn("a price list is left out: " + trouble.chain());
    return std::move(prices.list);
}

Result<std::shared_ptr<proxy::Snapshot>> build_one(const std::shared_ptr<const Config>& config,
                                                   stats::Book& book, const PriceList& prices,
                                                   std::string_view preset = {}) {
    auto directory = route::Directory::build(config);
    if (!directory) return std::move(directory).error();
    auto snapshot = std::make_shared<proxy::Snapshot>();
    snapshot->directory = std::move(*directory);
    if (auto added = add_origins(*snapshot); !added) return std::move(added).error();
    snapshot->guard = {config->server.allowed_hosts, config->server.api_key};
    snapshot->slots = proxy::TargetSlots::build(*snapshot->directory, book, prices, preset);
    snapshot->lineup = proxy::Lineup::build(*snapshot->directory);
    return snapshot;
}

// A preset that cannot be served is left out: one of many must not take the others down.
void add_presets(proxy::Snapshot& snapshot, const std::shared_ptr<const Config>& config,
                 stats::Book& book, const PriceList& prices) {
    const auto folder = std::filesystem::path(config->source).parent_path();
    auto presets = config::load_presets(folder.string(), config);
    for (const auto& problem : presets.problems)
        log::warn(config::format(problem));
    for (auto& preset : presets.list) {
        auto built = build_one(preset.config, book, prices, preset.id);
        if (built) {
            snapshot.presets.push_back({std::move(preset), std::move(*built)});
        } else {
            log::warn("preset " + preset.id + " is left out: " + built.error().chain());
        }
    }
}

}  // namespace

Result<std::shared_ptr<const proxy::Snapshot>> build_snapshot(
    const std::shared_ptr<const Config>& config, stats::Book& book) {
    const PriceList prices = prices_for(*config);
    auto snapshot = build_one(config, book, prices);
    if (!snapshot) return std::move(snapshot).error();
    add_presets(**snapshot, config, book, prices);
    return std::shared_ptr<const proxy::Snapshot>(std::move(*snapshot));
}

bool same_ways(const Config& before, const Config& after) {
    const auto trusts_own = [](const config::Provider& provider) {
        return !provider.ca_file.empty();
    };
    const auto has_own = [&](const Config& config) {
        return std::any_of(config.providers.begin(), config.providers.end(), trusts_own);
    };
    return before.proxy.url.reveal() == after.proxy.url.reveal() &&
           before.proxy.https_only == after.proxy.https_only &&
           before.proxy.no_proxy == after.proxy.no_proxy && !has_own(before) && !has_own(after);
}

}  // namespace ccr
