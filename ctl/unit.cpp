// SPDX-License-Identifier: MIT
#include "ctl/unit.hpp"

#include <systemd/sd-bus.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "common/paths.hpp"

namespace ccr::ctl {
namespace {

constexpr const char* destination = "org.freedesktop.systemd1";
constexpr const char* object = "/org/freedesktop/systemd1";
constexpr const char* manager_interface = "org.freedesktop.systemd1.Manager";
constexpr const char* unit_interface = "org.freedesktop.systemd1.Unit";
constexpr const char* service_interface = "org.freedesktop.systemd1.Service";
constexpr std::uint64_t call_limit_us = 5'000'000;

struct BusError {
    sd_bus_error value{nullptr, nullptr, 0};
    BusError() = default;
    BusError(const BusError&) = delete;
    BusError& operator=(const BusError&) = delete;
    ~BusError() { sd_bus_error_free(&value); }
};

struct MessageCloser {
    void operator()(sd_bus_message* message) const { sd_bus_message_unref(message); }
};
using Message = std::unique_ptr<sd_bus_message, MessageCloser>;

struct SlotCloser {
    void operator()(sd_bus_slot* slot) const { sd_bus_slot_unref(slot); }
};
using Slot = std::unique_ptr<sd_bus_slot, SlotCloser>;

// The manager's own socket needs no message bus; small systems have none.
int open_private(Scope scope, sd_bus** bus) {
    std::string path = "/run/systemd/private";
    if (scope == Scope::user) {
        const auto runtime = paths::environment("XDG_RUNTIME_DIR");
        if (!runtime) return -ENOENT;
        path = *runtime + "/systemd/private";
    }
    if (::access(path.c_str(), W_OK) != 0) return -errno;
    int result = sd_bus_new(bus);
    if (result >= 0) result = sd_bus_set_address(*bus, ("unix:path=" + path).c_str());
    if (result >= 0) result = sd_bus_start(*bus);
    return result;
}

std::string_view method_of(Job job) {
    switch (job) {
        case Job::start:
            return "StartUnit";
        case Job::stop:
            return "StopUnit";
        case Job::restart:
            break;
    }
    return "RestartUnit";
}

Error refused(const sd_bus_error& error, int result, Scope scope) {
    const std::string name = error.name == nullptr ? "" : error.name;
    if (name == SD_BUS_ERROR_ACCESS_DENIED || result == -EACCES || result == -EPERM ||
        name == SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED) {
        return {ErrorKind::forbidden,
                scope == Scope::system
                    ? "only root may do that to the system's service; use sudo, or --user for a "
                      "service of your own"
                    : "the service manager does not allow it"};
    }
    return {ErrorKind::io, error.message == nullptr ? std::strerror(-result) : error.message};
}

// A job that has been queued, and its result once it is known.
struct Waiting {
    std::string path;
    std::string result;
};

int job_removed(sd_bus_message* message, void* userdata, sd_bus_error*) {
    auto& waiting = *static_cast<Waiting*>(userdata);
    std::uint32_t id = 0;
    const char* path = nullptr;
    const char* unit = nullptr;
    const char* result = nullptr;
    if (sd_bus_message_read(message, "uoss", &id, &path, &unit, &result) < 0) return 0;
    if (waiting.path == path) waiting.result = result;
    return 0;
}

}  // namespace

void Manager::Closer::operator()(sd_bus* bus) const {
    sd_bus_flush_close_unref(bus);
}

Result<Manager> Manager::open(Scope scope) {
    sd_bus* bus = nullptr;
    int result = open_private(scope, &bus);
    if (result < 0) {
        sd_bus_unref(bus);
        bus = nullptr;
        result = scope == Scope::user ? sd_bus_open_user(&bus) : sd_bus_open_system(&bus);
    }
    if (result < 0) {
        sd_bus_unref(bus);
        return Error{ErrorKind::unavailable,
                     std::string("no service manager of ") +
                         (scope == Scope::user ? "this user" : "the system") + ": " +
                         std::strerror(-result)};
    }
    sd_bus_set_method_call_timeout(bus, call_limit_us);
    return Manager(scope, bus);
}

std::string Manager::text(const std::string& path, const char* interface, const char* name) {
    BusError error;
    char* value = nullptr;
    if (sd_bus_get_property_string(bus_.get(), destination, path.c_str(), interface, name,
                                   &error.value, &value) < 0) {
        return {};
    }
    std::string out = value;
    std::free(value);
    return out;
}

std::int64_t Manager::number(const std::string& path, const char* interface, const char* name,
                             char type) {
    BusError error;
    std::int32_t value = 0;
    if (sd_bus_get_property_trivial(bus_.get(), destination, path.c_str(), interface, name,
                                    &error.value, type, &value) < 0) {
        return 0;
    }
    return value;
}

Result<UnitState> Manager::state(std::string_view unit) {
    BusError error;
    sd_bus_message* reply = nullptr;
    const int result =
        sd_bus_call_method(bus_.get(), destination, object, manager_interface, "LoadUnit",
                           &error.value, &reply, "s", std::string(unit).c_str());
    const Message owned(reply);
    if (result < 0) return refused(error.value, result, scope_);
    const char* found = nullptr;
    if (sd_bus_message_read(reply, "o", &found) < 0)
        return Error{ErrorKind::malformed, "the service manager's answer is not understood"};
    const std::string path = found;
    UnitState state;
    state.load = text(path, unit_interface, "LoadState");
    state.active = text(path, unit_interface, "ActiveState");
    state.sub = text(path, unit_interface, "SubState");
    state.enabled = text(path, unit_interface, "UnitFileState");
    if (!unit.ends_with(".service")) return state;
    state.result = text(path, service_interface, "Result");
    state.status = text(path, service_interface, "StatusText");
    state.pid = number(path, service_interface, "MainPID", 'u');
    state.exit = number(path, service_interface, "ExecMainStatus", 'i');
    state.restarts = number(path, service_interface, "NRestarts", 'u');
    return state;
}

void Manager::forget_failures(std::string_view unit) {
    sd_bus_call_method(bus_.get(), destination, object, manager_interface, "ResetFailedUnit",
                       nullptr, nullptr, "s", std::string(unit).c_str());
}

Result<std::string> Manager::run(Job job, std::string_view unit, Millis limit,
                                 const std::function<bool()>& idle) {
    const SteadyTime deadline = std::chrono::steady_clock::now() + limit;
    if (job != Job::stop) forget_failures(unit);
    Waiting waiting;
    sd_bus_slot* slot = nullptr;
    int result = sd_bus_match_signal(bus_.get(), &slot, nullptr, object, manager_interface,
                                     "JobRemoved", job_removed, &waiting);
    const Slot owned_slot(slot);
    // Without it a manager on a message bus keeps its signals to itself.
    sd_bus_call_method(bus_.get(), destination, object, manager_interface, "Subscribe", nullptr,
                       nullptr, nullptr);
    BusError error;
    sd_bus_message* reply = nullptr;
    if (result >= 0) {
        result = sd_bus_call_method(bus_.get(), destination, object, manager_interface,
                                    std::string(method_of(job)).c_str(), &error.value, &reply, "ss",
                                    std::string(unit).c_str(), "replace");
    }
    const Message owned(reply);
    if (result < 0) return refused(error.value, result, scope_);
    const char* path = nullptr;
    if (sd_bus_message_read(reply, "o", &path) < 0)
        return Error{ErrorKind::malformed, "the service manager's answer is not understood"};
    waiting.path = path;
    while (waiting.result.empty()) {
        result = sd_bus_process(bus_.get(), nullptr);
        if (result < 0) return refused(error.value, result, scope_);
        if (result > 0) continue;
        if (idle && !idle()) return std::string();
        if (std::chrono::steady_clock::now() >= deadline)
            return Error{ErrorKind::timeout, std::string(unit) + ": systemd is still at it"};
        sd_bus_wait(bus_.get(), 100'000);
    }
    return waiting.result;
}

std::optional<Found> find_unit(Scope scope) {
    std::vector<Scope> order{scope};
    if (scope == Scope::automatic) {
        order = {Scope::user, Scope::system};
        if (::geteuid() == 0) order = {Scope::system, Scope::user};
    }
    std::optional<Found> found;
    for (const Scope one : order) {
        auto manager = Manager::open(one);
        if (!manager) continue;
        auto state = manager->state();
        if (!state || !state->installed()) continue;
        const bool up = state->up();
        if (!found || (up && !found->state.up()))
            found.emplace(Found{std::move(*manager), std::move(*state)});
        if (up) break;
    }
    return found;
}

}  // namespace ccr::ctl
