// SPDX-License-Identifier: MIT
#include "daemon/api/process_info.hpp"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>
#include <string>

namespace ccr::api {
namespace {

// Fields of /proc/self/stat behind the command's name, which may hold spaces; the first is the
// state, number 3 of proc(5).
constexpr std::size_t first_field = 3;

class Stat {
  public:
    Stat() {
        std::ifstream file("/proc/self/stat");
        std::string text((std::istreambuf_iterator<char>(file)), {});
        const auto name_end = text.rfind(')');
        if (name_end == std::string::npos) return;
        std::istringstream rest(text.substr(name_end + 1));
        std::copy(std::istream_iterator<std::string>(rest), {}, std::back_inserter(fields_));
    }
    [[nodiscard]] double number(std::size_t field) const {
        const std::size_t at = field - first_field;
        return at < fields_.size() ? std::strtod(fields_[at].c_str(), nullptr) : 0;
    }

  private:
    std::vector<std::string> fields_;
};

double boot_time() {
    std::ifstream file("/proc/stat");
    std::string word;
    double value = 0;
    while (file >> word) {
        if (word == "btime" && file >> value) return value;
    }
    return 0;
}

std::uint64_t open_descriptors() {
    const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir("/proc/self/fd"), ::closedir);
    if (!folder) return 0;
    std::uint64_t count = 0;
    while (::readdir(folder.get()) != nullptr)
        ++count;
    return count > 3 ? count - 3 : 0;  // "." and ".." and the folder itself
}

}  // namespace

stats::Process process_info() {
    const Stat stat;
    const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
    const auto page = static_cast<double>(::sysconf(_SC_PAGESIZE));
    stats::Process out;
    out.cpu_seconds = (stat.number(14) + stat.number(15)) / ticks;
    out.threads = static_cast<std::uint64_t>(stat.number(20));
    out.start_time = boot_time() + stat.number(22) / ticks;
    out.virtual_bytes = static_cast<std::uint64_t>(stat.number(23));
    out.resident_bytes = static_cast<std::uint64_t>(stat.number(24) * page);
    out.open_fds = open_descriptors();
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) out.max_fds = limit.rlim_cur;
    return out;
}

}  // namespace ccr::api
