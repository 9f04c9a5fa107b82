// SPDX-License-Identifier: MIT
#include "ctl/key_store.hpp"

#include <dirent.h>
#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "common/paths.hpp"
#include "common/text.hpp"
#include "ctl/files.hpp"
#include "ctl/programs.hpp"

namespace ccr::ctl {
namespace {

constexpr std::string_view encrypted_suffix = ".cred";
constexpr mode_t group_may_list = 0750;

Error failed(const std::string& path, int error) {
    Error out{ErrorKind::io, path + ": " + reason(error)};
    out.code = error == EACCES || error == EPERM ? "permission" : "";
    return out;
}

// The group that may use the service may see the names.
void give_to_group(const std::string& directory) {
    const group* found = ::getgrnam("ccr");
    if (::geteuid() != 0 || found == nullptr) return;
    if (::chown(directory.c_str(), 0, found->gr_gid) == 0)
        static_cast<void>(::chmod(directory.c_str(), group_may_list));
}

// What systemd-creds makes of it; nothing where it is not there or cannot encrypt.
std::string encrypted(const std::string& name, const Secret& value) {
    const std::string program = find_program("systemd-creds");
    if (program.empty()) return {};
    const auto ran = run_program({program, "encrypt", "--name=" + name, "-", "-"}, value.reveal(),
                                 Millis(20'000));
    return ran && ran->code == 0 ? ran->out : std::string();
}

Result<bool> unlink_file(const std::string& path) {
    if (::unlink(path.c_str()) == 0) return true;
    if (errno == ENOENT) return false;
    return failed(path, errno);
}

}  // namespace

bool key_name(std::string_view name) {
    if (name.empty() || name.size() > 64) return false;
    const auto letter = [](char c) {
        const char low = ascii_lower(c);
        return (low >= 'a' && low <= 'z') || c == '_';
    };
    return letter(name[0]) && !name.ends_with(encrypted_suffix) &&
           std::all_of(name.begin(), name.end(), [&](char c) {
               return letter(c) || (c >= '0' && c <= '9') || c == '.' || c == '-';
           });
}

KeyStore KeyStore::of_system(const std::string& root) {
    KeyStore out;
    out.system_ = true;
    out.directory_ = root + "/etc/ccr/credentials";
    out.drop_in_ = root + "/etc/systemd/system/ccrd.service.d/50-credentials.conf";
    return out;
}

KeyStore KeyStore::of_user() {
    KeyStore out;
    out.directory_ = paths::user_credentials();
    return out;
}

std::string KeyStore::file(const std::string& name, bool is_encrypted) const {
    std::string path = directory_ + "/" + name;
    if (is_encrypted) path += encrypted_suffix;
    return path;
}

Result<std::vector<StoredKey>> KeyStore::list() const {
    std::vector<StoredKey> out;
    const std::unique_ptr<DIR, decltype(&::closedir)> directory(::opendir(directory_.c_str()),
                                                                &::closedir);
    if (directory == nullptr) {
        if (errno == ENOENT) return out;
        return failed(directory_, errno);
    }
    while (const dirent* entry = ::readdir(directory.get())) {
        std::string name = entry->d_name;
        const bool sealed = system_ && name.ends_with(encrypted_suffix);
        if (sealed) name.resize(name.size() - encrypted_suffix.size());
        if (key_name(name)) out.push_back({std::move(name), sealed});
    }
    std::sort(out.begin(), out.end(),
              [](const StoredKey& a, const StoredKey& b) { return a.name < b.name; });
    return out;
}

Result<StoredKey> KeyStore::add(const std::string& name, const Secret& value, bool encrypt) {
    if (Result<void> made = make_directories(directory_, system_ ? 0755 : 0700); !made)
        return made.error();
    if (system_) {
        give_to_group(directory_);
    } else {
        static_cast<void>(::chmod(directory_.c_str(), 0700));
    }
    const std::string sealed = encrypt && system_ ? encrypted(name, value) : std::string();
    const StoredKey key{name, !sealed.empty()};
    const std::string path = file(name, key.encrypted);
    const std::string_view text = key.encrypted ? std::string_view(sealed) : value.reveal();
    if (Result<void> written = replace_file(path, text, 0600); !written) return written.error();
    // An old file's mode is kept by the replacement; of a key it is always this one.
    if (::chmod(path.c_str(), 0600) != 0) return failed(path, errno);
    if (Result<bool> gone = unlink_file(file(name, !key.encrypted)); !gone && system_)
        return gone.error();
    if (Result<void> written = write_drop_in(); !written) return written.error();
    return key;
}

Result<bool> KeyStore::remove(const std::string& name) {
    const Result<bool> plain = unlink_file(file(name, false));
    if (!plain) return plain.error();
    Result<bool> sealed = false;
    if (system_) sealed = unlink_file(file(name, true));
    if (!sealed) return sealed.error();
    if (!*plain && !*sealed) return false;
    if (Result<void> written = write_drop_in(); !written) return written.error();
    return true;
}

Result<void> KeyStore::write_drop_in() const {
    if (!system_) return {};
    const Result<std::vector<StoredKey>> keys = list();
    if (!keys) return keys.error();
    if (keys->empty()) {
        const Result<bool> gone = unlink_file(drop_in_);
        return gone ? Result<void>() : Result<void>(gone.error());
    }
    std::string text = "# Written by `ccr key`.\n[Service]\n";
    // The service sees the directory as this machine has it.
    constexpr std::string_view directory = "/etc/ccr/credentials/";
    for (const StoredKey& key : *keys) {
        text += key.encrypted ? "LoadCredentialEncrypted=" : "LoadCredential=";
        text.append(key.name).append(":").append(directory).append(key.name);
        text.append(key.encrypted ? encrypted_suffix : "").append("\n");
    }
    const auto slash = drop_in_.rfind('/');
    if (Result<void> made = make_directories(drop_in_.substr(0, slash), 0755); !made) return made;
    return replace_file(drop_in_, text, 0644);
}

}  // namespace ccr::ctl
