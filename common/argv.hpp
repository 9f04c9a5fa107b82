// SPDX-License-Identifier: MIT
// Words as exec*() and posix_spawn() take them.
#pragma once

#include <string>
#include <vector>

namespace ccr {

// Null-terminated pointers into `words`, which have to outlive it; nothing writes to them.
inline std::vector<char*> argv_of(const std::vector<std::string>& words) {
    std::vector<char*> argv;
    argv.reserve(words.size() + 1);
    for (const std::string& word : words)
        argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    return argv;
}

}  // namespace ccr
