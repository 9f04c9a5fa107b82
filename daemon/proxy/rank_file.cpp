// SPDX-License-Identifier: MIT
#include "daemon/proxy/rank_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "daemon/net/fd.hpp"
#include "daemon/store/data_folders.hpp"

namespace ccr::proxy {
namespace {

Error failed(const std::string& path) {
    return Error(ErrorKind::config, path + ": " + std::generic_category().message(errno));
}

}  // namespace

Result<std::unique_ptr<RankFile>> RankFile::open(const std::vector<std::string>& folders,
                                                 const std::string& name) {
    Error error(ErrorKind::config, name + ": no folder to look in");
    for (const auto& folder : folders) {
        std::string path = folder;
        path.append("/").append(name);
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
    std::vector<std::string> folders = store::data_folders();
    for (std::string& folder : folders)
        folder += "/tokens";
    return folders;
}

}  // namespace ccr::proxy
