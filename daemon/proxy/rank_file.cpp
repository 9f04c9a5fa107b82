// SPDX-License-Identifier: MIT
#include "daemon/proxy/rank_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "daemon/net/fd.hpp"

namespace ccr::proxy {
namespace {

Error failed(const std::string& path) {
    return Error(ErrorKind::config, path + ": " + std::generic_category().message(errno));
}

std::string program_folder() {
    std::array<char, 4096> path{};
    const ssize_t size = ::readlink("/proc/self/exe", path.data(), path.size());
    if (size <= 0) return {};
    const std::string file(path.data(), static_cast<std::size_t>(size));
    return file.substr(0, file.rfind('/'));
}

}  // namespace

Result<std::unique_ptr<RankFile>> RankFile::open(const std::vector<std::string>& folders,
                                                 const std::string& name) {
    Error error(ErrorKind::config, name + ": no folder to look in");
    for (const auto& folder : folders) {
        const std::string path = folder + "/" + name;
        const net::Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
        struct stat info {};
        if (!fd || ::fstat(fd.get(), &info) != 0) {
            error = failed(path);
            continue;
        }
        const auto size = static_cast<std::size_t>(info.st_size);
        void* address = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, fd.get(), 0);
        if (address == MAP_FAILED) return failed(path);
        std::unique_ptr<RankFile> file(new RankFile(address, size));
        auto opened = tokens::Vocabulary::open({static_cast<const char*>(address), size});
        if (!opened) return std::move(opened).error().wrap(path);
        file->vocabulary_ = std::make_unique<tokens::Vocabulary>(*opened);
        return file;
    }
    return error;
}

RankFile::~RankFile() {
    ::munmap(address_, size_);
}

std::vector<std::string> rank_folders() {
    return {program_folder() + "/../share/ccr/tokens", CCR_DATA_DIR "/tokens"};
}

}  // namespace ccr::proxy
