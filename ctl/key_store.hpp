// SPDX-License-Identifier: MIT
// Where keys of providers are kept: one file for each. The user's are read by the daemon itself;
// the system's reach the service as systemd credentials, named by a drop-in of its unit.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"
#include "common/secret.hpp"

namespace ccr::ctl {

struct StoredKey {
    std::string name;
    bool encrypted = false;  // by systemd-creds, for this machine
};

class KeyStore {
  public:
    // `root`: goes before the system's directories, "" for this machine's own.
    static KeyStore of_system(const std::string& root);
    static KeyStore of_user();

    [[nodiscard]] bool system() const { return system_; }
    [[nodiscard]] const std::string& directory() const { return directory_; }

    // By name. A directory that is not there holds none.
    [[nodiscard]] Result<std::vector<StoredKey>> list() const;
    // Takes the place of one with this name. `encrypt`: by systemd-creds if it is there and can.
    Result<StoredKey> add(const std::string& name, const Secret& value, bool encrypt);
    // False: there was none.
    Result<bool> remove(const std::string& name);

  private:
    [[nodiscard]] std::string file(const std::string& name, bool encrypted) const;
    Result<void> write_drop_in() const;

    bool system_ = false;
    std::string directory_;
    std::string drop_in_;  // of the system's
};

// Names that a config can refer to as ${NAME} and that are file names: [A-Za-z_][A-Za-z0-9_.-]*, at
// most 64 characters.
[[nodiscard]] bool key_name(std::string_view name);

}  // namespace ccr::ctl
