// SPDX-License-Identifier: MIT
#include <algorithm>
#include <iostream>
#include <vector>

#include "common/config/load.hpp"
#include "common/json.hpp"
#include "common/paths.hpp"
#include "ctl/commands.hpp"
#include "ctl/key_store.hpp"
#include "ctl/settings.hpp"

namespace ccr::ctl {
namespace {

using config::Loaded;
using config::Problem;
using config::Provider;
using config::Severity;

// Without the query, which may hold a key.
std::string shown(const Url& url) {
    return url.origin() + url.target.substr(0, url.target.find('?'));
}

void write(json::Writer& out, const Problem& problem) {
    out.begin_object();
    out.key("severity").string(problem.severity == Severity::error ? "error" : "warning");
    out.key("file").string(problem.file);
    out.key("line").number(std::int64_t{problem.line});
    out.key("column").number(std::int64_t{problem.column});
    out.key("path").string(problem.json_path);
    out.key("message").string(problem.message);
    out.key("suggestion").string(problem.suggestion);
    out.end_object();
}

void write(json::Writer& out, const Provider& provider) {
    out.begin_object();
    out.key("name").string(provider.name);
    out.key("protocol").string(config::dialect_name(provider.dialect));
    out.key("protocol_from").string(provider.dialect_reason);
    out.key("endpoint").string(shown(provider.endpoint));
    if (!provider.unsupported.empty()) out.key("unsupported").string(provider.unsupported);
    out.key("keys").number(static_cast<std::int64_t>(provider.keys.size()));
    out.key("models").begin_array();
    for (const config::Model& model : provider.models)
        out.string(model.name);
    out.end_array();
    out.end_object();
}

struct Route {
    std::string_view name;
    const config::TargetRef& target;
};

std::vector<Route> routes_of(const config::Router& router) {
    std::vector<Route> out;
    for (const Route& route :
         {Route{"default", router.default_target}, Route{"background", router.background},
          Route{"think", router.think}, Route{"longContext", router.long_context},
          Route{"webSearch", router.web_search}, Route{"image", router.image}}) {
        if (!route.target.empty()) out.push_back(route);
    }
    return out;
}

std::string as_json(const std::string& path, const Loaded& loaded) {
    std::string text;
    json::Writer out(text);
    out.begin_object();
    out.key("file").string(path);
    out.key("ok").boolean(loaded.ok());
    out.key("problems").begin_array();
    for (const Problem& problem : loaded.problems)
        write(out, problem);
    out.end_array();
    if (loaded.ok()) {
        out.key("providers").begin_array();
        for (const Provider& provider : loaded.config->providers)
            write(out, provider);
        out.end_array();
        out.key("routes").begin_object();
        for (const Route& route : routes_of(loaded.config->router))
            out.key(route.name).string(route.target.text());
        out.end_object();
        const config::WebSearch& search = loaded.config->web_search;
        if (search.configured()) {
            out.key("web_search").begin_object();
            out.key("engine").string(config::engine_name(search.engine));
            out.key("endpoint").string(shown(search.url)).end_object();
        }
    }
    out.end_object();
    return text;
}

void print_summary(const std::string& path, const Config& config) {
    std::cout << path << ": ok\n";
    for (const Provider& provider : config.providers) {
        std::cout << "  " << provider.name << "  POST " << shown(provider.endpoint) << "  ("
                  << config::dialect_name(provider.dialect) << ", from " << provider.dialect_reason
                  << (provider.unsupported.empty() ? ")\n" : "; refused)\n");
    }
    for (const Route& route : routes_of(config.router))
        std::cout << "  " << route.name << " route  " << route.target.text() << '\n';
    if (config.web_search.configured()) {
        std::cout << "  web search  " << config::engine_name(config.web_search.engine) << " at "
                  << shown(config.web_search.url) << '\n';
    }
}

// The system's service has values for the keys that are kept for it, which only it can read.
config::Lookup lookup_for(const std::string& path) {
    config::Lookup known = config::system_lookup();
    if (path != system_config) return known;
    const auto kept = KeyStore::of_system("").list();
    if (!kept) return known;
    return [known = std::move(known),
            kept = *kept](std::string_view name) -> std::optional<std::string> {
        if (auto value = known(name)) return value;
        const bool stored = std::any_of(kept.begin(), kept.end(),
                                        [name](const StoredKey& key) { return key.name == name; });
        return stored ? std::optional<std::string>("kept") : std::nullopt;
    };
}

}  // namespace

int check(const Arguments& arguments) {
    const std::string named = arguments.operand(0);
    const std::string path = named.empty() ? config_file(arguments) : paths::config_file(named);
    const Loaded loaded = config::load_file(path, lookup_for(path));
    if (arguments.json()) {
        std::cout << as_json(path, loaded) << '\n';
    } else {
        for (const Problem& problem : loaded.problems)
            std::cerr << format(problem) << '\n';
        if (loaded.ok()) print_summary(path, *loaded.config);
    }
    return loaded.ok() ? exit_ok : exit_config;
}

}  // namespace ccr::ctl
