// SPDX-License-Identifier: MIT
#include "daemon/store/data_folders.hpp"

#include <unistd.h>

#include <array>

namespace ccr::store {
namespace {

std::string program_folder() {
    std::array<char, 4096> path{};
    const ssize_t size = ::readlink("/proc/self/exe", path.data(), path.size());
    if (size <= 0) return {};
    const std::string file(path.data(), static_cast<std::size_t>(size));
    return file.substr(0, file.rfind('/'));
}

}  // namespace

std::vector<std::string> data_folders() {
    return {program_folder() + "/../share/ccr", CCR_DATA_DIR};
}

}  // namespace ccr::store
