// SPDX-License-Identifier: MIT
// `ccr key`: keys of providers, kept apart from the configuration. No value is ever printed.
#include <unistd.h>

#include "common/json.hpp"
#include "common/paths.hpp"
#include "common/text.hpp"
#include "ctl/commands.hpp"
#include "ctl/files.hpp"
#include "ctl/key_store.hpp"
#include "ctl/print.hpp"
#include "ctl/programs.hpp"
#include "ctl/settings.hpp"

namespace ccr::ctl {
namespace {

constexpr std::size_t longest_key = std::size_t{64} << 10U;  // what the daemon reads of one

// Root looks after the system's service where there is one.
KeyStore store_of(const Arguments& arguments) {
    const std::string root = arguments.value("root").value_or("");
    const bool system_there = ::access(std::string(system_config).c_str(), F_OK) == 0;
    const bool system = arguments.scope() == Scope::system || !root.empty() ||
                        (arguments.scope() == Scope::automatic && ::geteuid() == 0 && system_there);
    return system ? KeyStore::of_system(root) : KeyStore::of_user();
}

int failed(const KeyStore& store, const Error& error) {
    const int code = exit_code_of(error);
    const bool root = code == exit_permission && store.system();
    return complain(code,
                    error.detail + (root ? "; run this as root: sudo ccr key --system …" : ""));
}

int bad_name(const std::string& name) {
    return complain(exit_usage, "\"" + name +
                                    "\" cannot be a key's name: it begins with a letter and has "
                                    "letters, digits, _, - and . only, as in DEEPSEEK_API_KEY");
}

// From a terminal it is typed and not shown; otherwise it is all that standard input holds.
Result<std::string> value_of(const std::string& name) {
    if (can_ask()) {
        const auto typed = ask("Key for " + name + " (not shown): ", true);
        return typed ? *typed : std::string();
    }
    Result<std::string> text = read_file("-", longest_key);
    if (!text) return text;
    return std::string(trim(*text));
}

// systemd reads the drop-in only when told to.
void have_it_read(const KeyStore& store, const Arguments& arguments) {
    if (!store.system()) {
        remark("a running router learns it by: ccr reload");
        return;
    }
    if (arguments.has("root")) return;
    const std::string program = find_program("systemctl");
    const bool booted = ::access("/run/systemd/system", F_OK) == 0;
    if (!booted || program.empty()) {
        remark("the service gets it as a systemd credential; elsewhere set it in the environment");
        return;
    }
    const auto ran = run_program({program, "daemon-reload"}, "", Millis(30'000));
    if (!ran || ran->code != 0) {
        remark("now run: systemctl daemon-reload && ccr restart --system");
    } else {
        remark("the service gets it with its next start: ccr restart --system");
    }
}

}  // namespace

int key_add(const Arguments& arguments) {
    const std::string name = arguments.operand(0);
    if (!key_name(name)) return bad_name(name);
    KeyStore store = store_of(arguments);
    if (store.directory().empty())
        return complain(exit_failure, "your home directory is not known; set HOME");
    const Result<std::string> value = value_of(name);
    if (!value) return complain(exit_failure, value.error().detail);
    if (value->empty())
        return complain(exit_usage, "no key was given; type it, or pipe it in: ccr key add " +
                                        name + " < FILE");
    if (value->find_first_of("\r\n") != std::string::npos)
        return complain(exit_usage, "the key has more than one line");
    // Encryption is for the machine that does it.
    const bool encrypt = !arguments.has("plain") && !arguments.has("root");
    const auto added = store.add(name, Secret(*value), encrypt);
    if (!added) return failed(store, added.error());
    out(name + " is kept in " + store.directory() +
        (added->encrypted ? ", encrypted for this machine" : "") +
        "; the configuration refers to it as ${" + name + "}\n");
    have_it_read(store, arguments);
    return exit_ok;
}

int key_list(const Arguments& arguments) {
    const KeyStore store = store_of(arguments);
    const auto keys = store.list();
    if (!keys) return failed(store, keys.error());
    if (arguments.json()) {
        std::string text;
        json::Writer writer(text);
        writer.begin_object();
        writer.key("directory").string(store.directory());
        writer.key("keys").begin_array();
        for (const StoredKey& key : *keys) {
            writer.begin_object();
            writer.key("name").string(key.name);
            writer.key("encrypted").boolean(key.encrypted);
            writer.end_object();
        }
        writer.end_array();
        writer.end_object();
        out(text + "\n");
        return exit_ok;
    }
    if (keys->empty()) remark("there are none in " + store.directory());
    for (const StoredKey& key : *keys)
        out(key.name + (key.encrypted ? "  (encrypted)" : "") + "\n");
    return exit_ok;
}

int key_remove(const Arguments& arguments) {
    const std::string name = arguments.operand(0);
    if (!key_name(name)) return bad_name(name);
    KeyStore store = store_of(arguments);
    const auto removed = store.remove(name);
    if (!removed) return failed(store, removed.error());
    if (!*removed)
        return complain(exit_failure, "there is no key " + name + " in " + store.directory() +
                                          "; ccr key list shows what there is");
    out(name + " is removed from " + store.directory() + "\n");
    have_it_read(store, arguments);
    return exit_ok;
}

}  // namespace ccr::ctl
