// SPDX-License-Identifier: MIT
#include "daemon/state_dir.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <filesystem>

#include "common/digest.hpp"
#include "common/log.hpp"
#include "common/paths.hpp"
#include "common/text.hpp"
#include "daemon/net/fd.hpp"

namespace ccr::state_dir {
namespace {

constexpr std::size_t key_bytes = 32;
constexpr mode_t private_file = 0600;

std::string read_key(const std::string& file) {
    const net::Fd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!fd) return {};
    std::array<char, key_bytes + 1> bytes{};
    const auto count = ::read(fd.get(), bytes.data(), bytes.size());
    if (count != static_cast<ssize_t>(key_bytes)) return {};
    return {bytes.data(), key_bytes};
}

// Written aside and linked into place, so that two daemons starting at once agree on one key.
bool write_key(const std::string& file, const std::string& key) {
    const std::string temporary = file + "." + hex(random_bytes(8));
    {
        const net::Fd fd(
            ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, private_file));
        if (!fd) return false;
        const auto count = ::write(fd.get(), key.data(), key.size());
        if (count != static_cast<ssize_t>(key.size()) || ::fsync(fd.get()) != 0) {
            ::unlink(temporary.c_str());
            return false;
        }
    }
    const bool linked = ::link(temporary.c_str(), file.c_str()) == 0 || errno == EEXIST;
    ::unlink(temporary.c_str());
    return linked;
}

}  // namespace

std::string path() {
    if (const auto given = paths::environment("STATE_DIRECTORY")) {
        return given->substr(0, given->find(':'));
    }
    if (const auto state_home = paths::environment("XDG_STATE_HOME")) return *state_home + "/ccr";
    const std::string home = paths::home();
    return home.empty() ? home : home + "/.local/state/ccr";
}

std::string envelope_key() {
    const std::string directory = path();
    if (!directory.empty()) {
        std::error_code error;
        std::filesystem::create_directories(directory, error);
        const std::string file = directory + "/envelope.key";
        std::string key = read_key(file);
        if (key.empty() && write_key(file, random_bytes(key_bytes))) key = read_key(file);
        if (!key.empty()) return key;
        log::warn("cannot keep a key in " + file +
                  " (not writable, or damaged: remove it); reasoning of earlier turns is not "
                  "recognised after a restart");
    }
    return random_bytes(key_bytes);
}

}  // namespace ccr::state_dir
