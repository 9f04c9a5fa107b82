// SPDX-License-Identifier: MIT
#include "daemon/proxy/overrides.hpp"

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>

#include "common/config/override.hpp"
#include "common/log.hpp"
#include "common/paths.hpp"

namespace ccr::proxy {
namespace {

// Folders that have other uses in ~/.claude-code-router.
constexpr std::array<std::string_view, 6> reserved{"logs", "plugins", "presets",
                                                   "temp", "bin",     "node_modules"};

bool is_reserved(std::string_view name) {
    return name.starts_with('.') ||
           std::find(reserved.begin(), reserved.end(), name) != reserved.end();
}

struct CloseDir {
    void operator()(DIR* dir) const { ::closedir(dir); }
};

// Addresses are used again; control blocks are not while a weak pointer lives.
bool same_owner(const std::weak_ptr<const Config>& a, const std::shared_ptr<const Config>& b) {
    return !a.owner_before(b) && !b.owner_before(a);
}

bool is_folder(const std::string& path) {
    struct stat info {};
    return ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

}  // namespace

Overrides::Overrides() : Overrides(paths::home()) {}

Overrides::Overrides(const std::string& home) {
    if (home.empty()) return;
    root_ = home + "/.claude-code-router";
    projects_ = home + "/.claude/projects";
}

Overrides::Stamp Overrides::stamp_of(const std::string& path) {
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) return {};
    return {info.st_mtim.tv_sec, info.st_mtim.tv_nsec, info.st_size, info.st_ino};
}

// A new folder changes its parent's time; one stat tells.
bool Overrides::any(SteadyTime now) {
    if (root_.empty()) return false;
    if (root_checked_ != SteadyTime{} && now - root_checked_ < recheck) return !folders_.empty();
    root_checked_ = now;
    if (const Stamp stamp = stamp_of(root_); stamp != root_stamp_) {
        root_stamp_ = stamp;
        look_for_folders();
    }
    return !folders_.empty();
}

void Overrides::look_for_folders() {
    folders_.clear();
    const std::unique_ptr<DIR, CloseDir> dir(::opendir(root_.c_str()));
    if (!dir) return;
    while (const dirent* entry = ::readdir(dir.get())) {
        const std::string name = entry->d_name;
        if (is_reserved(name) || !is_folder(root_ + "/" + name)) continue;
        if (folders_.size() == max_folders) {
            log::warn(root_ + ": more than " + std::to_string(max_folders) +
                      " project folders; the rest is not looked at");
            break;
        }
        folders_.push_back(name);
    }
    std::sort(folders_.begin(), folders_.end());
}

// Only projects that have a folder of their own matter, so only these are looked into.
std::string Overrides::search(std::string_view session) const {
    for (const auto& folder : folders_) {
        std::string record = projects_;
        record.append("/").append(folder).append("/").append(session).append(".jsonl");
        if (stamp_of(record).size >= 0) return folder;
    }
    return {};
}

const std::string& Overrides::folder_of(std::string_view session, SteadyTime now) {
    const auto found = session_index_.find(session);
    if (found != session_index_.end()) {
        sessions_.splice(sessions_.begin(), sessions_, found->second);
        Session& known = sessions_.front();
        // A session's record appears after its first request, so "none" may be outdated.
        if (known.folder.empty() && now - known.checked >= recheck) {
            known.folder = search(session);
            known.checked = now;
        }
        return known.folder;
    }
    if (sessions_.size() == max_sessions) {
        session_index_.erase(sessions_.back().id);
        sessions_.pop_back();
    }
    sessions_.push_front({std::string(session), search(session), now});
    session_index_.emplace(sessions_.front().id, sessions_.begin());
    return sessions_.front().folder;
}

std::shared_ptr<const config::Router> Overrides::load(const std::string& path,
                                                      const std::shared_ptr<const Config>& config) {
    const Stamp stamp = stamp_of(path);
    auto found = file_index_.find(path);
    if (found == file_index_.end()) {
        if (stamp.size < 0) return nullptr;
        if (files_.size() == max_files) {
            file_index_.erase(files_.back().path);
            files_.pop_back();
        }
        files_.push_front({path, {}, {}, nullptr});
        found = file_index_.emplace(files_.front().path, files_.begin()).first;
    }
    files_.splice(files_.begin(), files_, found->second);
    File& file = files_.front();
    if (file.stamp == stamp && same_owner(file.config, config)) return file.router;
    file.stamp = stamp;
    file.config = config;
    file.router = nullptr;
    if (stamp.size < 0) return nullptr;
    auto router = config::load_router_override(path, *config);
    if (router) {
        file.router = std::make_shared<const config::Router>(std::move(*router));
    } else if (router.error().kind != ErrorKind::not_found) {
        log::warn(path + " does not count: " + router.error().chain());
    }
    return file.router;
}

std::shared_ptr<const config::Router> Overrides::find(std::string_view session,
                                                      const std::shared_ptr<const Config>& config,
                                                      SteadyTime now) {
    if (session.empty() || !any(now)) return nullptr;
    const std::string& folder = folder_of(session, now);
    if (folder.empty()) return nullptr;
    const std::string base = root_ + "/" + folder + "/";
    std::string own = base;
    own.append(session).append(".json");
    if (auto router = load(own, config)) return router;
    return load(base + "config.json", config);
}

}  // namespace ccr::proxy
