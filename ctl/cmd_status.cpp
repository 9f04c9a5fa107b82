// SPDX-License-Identifier: MIT
// status: what the router says of itself, and what the service manager says of its unit.
#include <ctime>

#include "common/json.hpp"
#include "ctl/commands.hpp"
#include "ctl/print.hpp"
#include "ctl/service.hpp"
#include "ctl/tier_table.hpp"

namespace ccr::ctl {
namespace {

using control::Status;

constexpr int running = 0;
constexpr int stopped = 3;
constexpr int unknown = 4;

constexpr std::size_t shown_errors = 5;

std::string clock_time(std::int64_t milliseconds) {
    const std::time_t seconds = milliseconds / 1000;
    std::tm local{};
    ::localtime_r(&seconds, &local);
    char text[64];
    const std::size_t n = std::strftime(text, sizeof text, "%F %T", &local);
    return {text, n};
}

void line(std::string& text, std::string_view title, std::string_view value) {
    if (value.empty()) return;
    std::string name(title);
    name.resize(12, ' ');
    text += name + harmless(value) + "\n";
}

std::string config_line(const control::ConfigStatus& config) {
    std::string text = config.path + ", loaded " + duration(config.age_seconds) + " ago";
    if (config.warnings > 0) text += ", " + std::to_string(config.warnings) + " warnings";
    return text;
}

std::string listeners_line(const Status& status) {
    std::string text;
    for (const control::Listener& listener : status.listeners) {
        text += (text.empty() ? "" : ", ") + listener.address;
        if (listener.inherited) text += " (from systemd)";
    }
    return text;
}

std::string unit_line(const std::optional<Found>& unit) {
    if (!unit) return {};
    const UnitState& state = unit->state;
    std::string text = std::string(service_unit) +
                       (unit->manager.scope() == Scope::user ? " (user), " : ", ") + state.active +
                       " (" + state.sub + "), " + state.enabled;
    if (state.restarts > 0) text += ", restarted " + std::to_string(state.restarts) + " times";
    if (!state.result.empty() && state.result != "success") text += ", last end: " + state.result;
    return text;
}

std::string errors_text(const Status& status, const Terminal& where) {
    std::string text;
    const auto& errors = status.last_errors;
    for (std::size_t i = errors.size() > shown_errors ? errors.size() - shown_errors : 0;
         i < errors.size(); ++i) {
        text += (text.empty() ? "\nLast errors:\n" : "");
        text += "  " + clock_time(errors[i].at) + "  " +
                painted(harmless(errors[i].message),
                        errors[i].level == "warning" ? Colour::yellow : Colour::red, where.colour) +
                "\n";
    }
    return text;
}

std::string reload_line(const Status& status) {
    if (!status.last_reload) return {};
    const control::LastReload& reload = *status.last_reload;
    if (!reload.ok) return clock_time(reload.at) + " failed, old one kept: " + reload.error;
    return clock_time(reload.at) + " ok, " + std::to_string(reload.changed.size()) + " changes";
}

std::string human(const Status& status, const std::optional<Found>& unit, const std::string& socket,
                  const Terminal& where) {
    std::string text = "ccrd " + harmless(status.version) + " is " +
                       painted(harmless(status.state), state_colour(status.state), where.colour) +
                       ", pid " + std::to_string(status.pid) + ", up " +
                       duration(status.uptime_seconds) + "\n";
    line(text, "config", config_line(status.config));
    line(text, "listens on", listeners_line(status));
    line(text, "control", socket);
    line(text, "unit", unit_line(unit));
    line(text, "requests",
         std::to_string(status.requests_in_flight) + " in flight, " +
             std::to_string(status.streams) + " streaming, " + std::to_string(status.connections) +
             " connections");
    if (status.drain && status.drain->state != "serving")
        line(text, "drain", progress(*status.drain));
    line(text, "last reload", reload_line(status));
    for (const std::string& file : status.set_aside)
        line(text, "set aside", file + " was damaged");
    const std::string tiers = tier_table(status, where);
    if (!tiers.empty()) text += "\n" + tiers;
    return text + errors_text(status, where);
}

void write_unit(json::Writer& writer, const std::optional<Found>& unit) {
    writer.key("unit");
    if (!unit) {
        writer.null();
        return;
    }
    const UnitState& state = unit->state;
    writer.begin_object().key("name").string(service_unit);
    writer.key("manager").string(unit->manager.scope() == Scope::user ? "user" : "system");
    writer.key("load").string(state.load).key("active").string(state.active);
    writer.key("sub").string(state.sub).key("enabled").string(state.enabled);
    writer.key("result").string(state.result).key("status").string(state.status);
    writer.key("pid").number(state.pid).key("restarts").number(state.restarts).end_object();
}

// {"running": …, "control": …, "unit": …, "error": …} and, of a running one, all that it tells.
std::string as_json(const Result<Status>& status, const std::optional<Found>& unit,
                    const std::string& socket, int code) {
    std::string text;
    json::Writer writer(text);
    writer.begin_object().key("running");
    code == unknown ? writer.null() : writer.boolean(code == running);
    writer.key("control").string(socket);
    write_unit(writer, unit);
    if (!status) writer.key("error").string(status.error().chain());
    writer.end_object();
    if (!status) return text + "\n";
    text.back() = ',';
    return text + control::to_json(*status).substr(1) + "\n";
}

int code_of(const Result<Status>& status) {
    if (status) return running;
    return status.error().kind == ErrorKind::connect ? stopped : unknown;
}

}  // namespace

int status(const Arguments& arguments) {
    Client client(arguments);
    const auto unit = unit_for(arguments);
    const auto answer = ask_status(client, unit);
    const int code = code_of(answer);
    if (arguments.json()) {
        const std::string socket = client.used().empty() && !client.sockets().empty()
                                       ? client.sockets().front()
                                       : client.used();
        out(as_json(answer, unit, socket, code));
        return code;
    }
    if (answer) {
        out(human(*answer, unit, client.used(), terminal()));
        return code;
    }
    if (code == unknown) return complain(code, answer.error().chain());
    std::string text = "ccrd is not running; ccr start starts it\n";
    line(text, "unit", unit_line(unit));
    out(text);
    return code;
}

}  // namespace ccr::ctl
