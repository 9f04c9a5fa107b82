// SPDX-License-Identifier: MIT
// `ccr model`: which target each route has, and choosing another.
#include <algorithm>
#include <array>

#include "common/config/problems.hpp"
#include "common/config/text_edit.hpp"
#include "common/json.hpp"
#include "common/text.hpp"
#include "ctl/commands.hpp"
#include "ctl/edit.hpp"
#include "ctl/files.hpp"
#include "ctl/print.hpp"
#include "ctl/settings.hpp"

namespace ccr::ctl {
namespace {

using config::Provider;
using config::Router;
using config::TargetRef;

struct Route {
    std::string_view name;  // as in the file
    TargetRef Router::*target;
    std::string_view what;
};

constexpr std::array<Route, 6> routes{{
    {"default", &Router::default_target, "everything else"},
    {"background", &Router::background, "small-model requests"},
    {"think", &Router::think, "thinking"},
    {"longContext", &Router::long_context, "long conversations"},
    {"webSearch", &Router::web_search, "web search"},
    {"image", &Router::image, "images"},
}};

const Route* find_route(std::string_view name) {
    const auto found = std::find_if(routes.begin(), routes.end(), [name](const Route& route) {
        return iequals(route.name, name);
    });
    return found == routes.end() ? nullptr : &*found;
}

std::string shown(const TargetRef& target) {
    return target.empty() ? std::string() : target.text();
}

std::vector<std::string> targets_of(const Config& config) {
    std::vector<std::string> out;
    for (const Provider& provider : config.providers) {
        for (const config::Model& model : provider.models)
            out.push_back(provider.name + "," + model.name);
    }
    return out;
}

std::string as_json(const Config& config) {
    std::string text;
    json::Writer writer(text);
    writer.begin_object();
    writer.key("routes").begin_object();
    for (const Route& route : routes) {
        const TargetRef& target = config.router.*route.target;
        writer.key(route.name);
        if (target.empty()) {
            writer.null();
        } else {
            writer.string(target.text());
        }
    }
    writer.end_object();
    writer.key("models").begin_array();
    for (const std::string& target : targets_of(config))
        writer.string(target);
    writer.end_array();
    writer.end_object();
    return text + "\n";
}

int show(const Config& config, bool json) {
    if (json) {
        out(as_json(config));
        return exit_ok;
    }
    Table table({{"ROUTE"}, {"TARGET"}, {"FOR"}});
    for (const Route& route : routes) {
        const std::string target = shown(config.router.*route.target);
        table.row({{std::string(route.name)},
                   {target.empty() ? "-" : target, target.empty() ? Colour::dim : Colour::none},
                   {std::string(route.what), Colour::dim}});
    }
    out(table.text(terminal()));
    std::string list = "\nModels to choose from:\n";
    for (const std::string& target : targets_of(config))
        list += "  " + harmless(target) + "\n";
    out(list);
    return exit_ok;
}

// What is wrong with a target for this configuration; empty: nothing.
std::string fault(const Config& config, const std::string& word) {
    const auto target = config::parse_target(word);
    const std::vector<std::string> known = targets_of(config);
    if (!target) {
        for (const std::string& each : known) {
            if (each.ends_with("," + word))
                return "a target is \"provider,model\"; did you mean " + each + "?";
        }
        return "\"" + word + "\" is no target; it is written \"provider,model\"";
    }
    if (config.find_provider(target->provider) != nullptr) return {};
    std::vector<std::string_view> names;
    names.reserve(config.providers.size());
    for (const Provider& provider : config.providers)
        names.emplace_back(provider.name);
    const std::string near = config::nearest(target->provider, names);
    return "there is no provider " + target->provider +
           (near.empty() ? "; ccr model lists the targets" : "; did you mean " + near + "?");
}

// As the configuration spells it.
std::string canonical(const Config& config, const std::string& word) {
    TargetRef target = *config::parse_target(word);
    const Provider& provider = *config.find_provider(target.provider);
    target.provider = provider.name;
    const config::Model* model = provider.find_model(target.model);
    if (model != nullptr) target.model = model->name;
    return target.text();
}

int choose(const Arguments& arguments, const std::string& path, const Route& route,
           const std::string& target) {
    const auto parts = config::parse_path("Router." + std::string(route.name));
    const Result<std::string> text = read_file(path, json5::max_size);
    if (!text) return complain(exit_code_of(text.error()), text.error().detail);
    const json5::Value value{.type = json5::Type::string, .text = target};
    const auto changed = target.empty() ? config::remove_from_text(*text, *parts)
                                        : config::set_in_text(*text, *parts, json5::to_json(value));
    if (!changed) return complain(exit_config, path + ": " + changed.error().detail);
    if (const int code = save_config(path, *text, *changed); code != exit_ok) return code;
    out(std::string(route.name) + ": " + (target.empty() ? "no target" : target) + "\n");
    return reload_if_running(arguments, path);
}

// A number from 1 to `count`, or nothing.
std::optional<std::size_t> pick(const std::string& prompt, std::size_t count) {
    for (;;) {
        const auto answer = ask(prompt);
        if (!answer || trim(*answer).empty()) return std::nullopt;
        const auto number = to_number<std::size_t>(trim(*answer));
        if (number && *number >= 1 && *number <= count) return *number - 1;
        remark("give a number from 1 to " + std::to_string(count) + ", or nothing to leave");
    }
}

int ask_for_both(const Arguments& arguments, const std::string& path, const Config& config,
                 const Route* route) {
    if (route == nullptr) {
        for (std::size_t i = 0; i < routes.size(); ++i) {
            const std::string target = shown(config.router.*routes[i].target);
            out(std::to_string(i + 1) + ") " + std::string(routes[i].name) + "  " +
                (target.empty() ? "-" : harmless(target)) + "\n");
        }
        const auto chosen = pick("Route to change: ", routes.size());
        if (!chosen) return exit_ok;
        route = &routes[*chosen];
    }
    const std::vector<std::string> targets = targets_of(config);
    for (std::size_t i = 0; i < targets.size(); ++i)
        out(std::to_string(i + 1) + ") " + harmless(targets[i]) + "\n");
    const auto chosen = pick("Model for " + std::string(route->name) + ": ", targets.size());
    return chosen ? choose(arguments, path, *route, targets[*chosen]) : exit_ok;
}

}  // namespace

int model(const Arguments& arguments) {
    const std::string path = config_file(arguments);
    const Settings settings = load_settings(path);
    if (!settings.ok()) return complain_about(settings);
    const Config& config = *settings.config;
    const std::string named = arguments.value("route").value_or("");
    const Route* route = named.empty() ? nullptr : find_route(named);
    if (!named.empty() && route == nullptr) {
        std::vector<std::string_view> names;
        names.reserve(std::size(routes));
        for (const Route& each : routes)
            names.push_back(each.name);
        const std::string near = config::nearest(named, names);
        return complain(exit_usage, "there is no route " + named +
                                        (near.empty() ? "; ccr model lists them"
                                                      : "; did you mean " + near + "?"));
    }
    const std::string word = arguments.operand(0);
    if (arguments.has("unset")) {
        if (route == nullptr || !word.empty())
            return complain(exit_usage, "model: --unset wants --route and no target");
        return choose(arguments, path, *route, "");
    }
    if (word.empty() && can_ask() && terminal().interactive && !arguments.json())
        return ask_for_both(arguments, path, config, route);
    if (word.empty() && route != nullptr && !arguments.json()) {
        const std::string target = shown(config.router.*route->target);
        if (target.empty()) return complain(exit_failure, named + " has no target");
        out(target + "\n");
        return exit_ok;
    }
    if (word.empty()) return show(config, arguments.json());
    if (const std::string wrong = fault(config, word); !wrong.empty())
        return complain(exit_usage, wrong);
    return choose(arguments, path, route == nullptr ? routes[0] : *route, canonical(config, word));
}

}  // namespace ccr::ctl
