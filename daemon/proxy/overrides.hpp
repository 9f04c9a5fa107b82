// SPDX-License-Identifier: MIT
// A project's or session's own routes. As in the Node router: Claude Code keeps a session's record
// as ~/.claude/projects/FOLDER/SESSION.jsonl, and ~/.claude-code-router/FOLDER/config.json (for all
// of that project's sessions) or FOLDER/SESSION.json (for the one) may hold a Router that takes the
// place of the whole one in the config.
//
// The files are looked at in the middle of a request, on its loop: a handful of stat calls on local
// files, and a small read when one has changed, is less than what handing the work to a thread and
// back would cost. Without any such folder nothing is looked at but, every few seconds, the parent.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/config/model.hpp"
#include "common/time.hpp"

namespace ccr::proxy {

// One per loop.
class Overrides {
  public:
    static constexpr std::size_t max_sessions = 1'000;
    static constexpr std::size_t max_files = 256;
    static constexpr std::size_t max_folders = 1'000;
    // How long "there is none" is believed.
    static constexpr Millis recheck{5'000};

    Overrides();  // of the user that runs the program
    // `home` holds .claude and .claude-code-router; empty: there are no overrides.
    explicit Overrides(const std::string& home);

    // The Router in force for a session, or null for the config's own. `session` is a valid id (see
    // route/session.hpp); `config` may be an alias of what owns it, and is told from another by the
    // owner. A file with errors is logged once and does not count.
    [[nodiscard]] std::shared_ptr<const config::Router> find(
        std::string_view session, const std::shared_ptr<const Config>& config, SteadyTime now);

    // Whether find() could find anything: no need to look for the session's id otherwise.
    [[nodiscard]] bool any(SteadyTime now);

  private:
    // State of a file as far as a change shows.
    struct Stamp {
        std::int64_t seconds = 0, nanoseconds = 0, size = -1;  // size -1: there is no such file
        std::uint64_t inode = 0;
        friend bool operator==(const Stamp&, const Stamp&) = default;
    };
    struct File {
        std::string path;
        Stamp stamp;
        std::weak_ptr<const Config> config;  // it was resolved against
        std::shared_ptr<const config::Router> router;
    };
    struct Session {
        std::string id;
        std::string folder;  // empty: not found
        SteadyTime checked{};
    };
    template <typename Item>
    using Recent = std::list<Item>;  // used last in front

    [[nodiscard]] static Stamp stamp_of(const std::string& path);
    void look_for_folders();
    [[nodiscard]] const std::string& folder_of(std::string_view session, SteadyTime now);
    [[nodiscard]] std::string search(std::string_view session) const;
    [[nodiscard]] std::shared_ptr<const config::Router> load(
        const std::string& path, const std::shared_ptr<const Config>& config);

    std::string root_;      // ~/.claude-code-router
    std::string projects_;  // ~/.claude/projects
    std::vector<std::string> folders_;
    Stamp root_stamp_;
    SteadyTime root_checked_{};
    Recent<Session> sessions_;
    std::unordered_map<std::string_view, Recent<Session>::iterator> session_index_;
    Recent<File> files_;
    std::unordered_map<std::string_view, Recent<File>::iterator> file_index_;
};

}  // namespace ccr::proxy
