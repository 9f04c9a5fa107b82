// SPDX-License-Identifier: MIT
#include "daemon/store/state_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>

#include "common/digest.hpp"
#include "common/text.hpp"

namespace ccr::store {
namespace {

constexpr mode_t private_file = 0600;

class File {
  public:
    explicit File(int fd) : fd_(fd) {}
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    ~File() {
        if (fd_ >= 0) ::close(fd_);
    }
    [[nodiscard]] int get() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }

  private:
    int fd_;
};

Error failed(std::string_view doing, const std::string& path) {
    const int code = errno;
    return {ErrorKind::io, "cannot " + std::string(doing) + " " + path + ": " + strerror(code)};
}

bool write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = ::write(fd, bytes.data(), bytes.size());
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

// A rename is only safe from a power cut once its folder is written, too.
void sync_folder(const std::string& path) {
    const std::string folder = std::filesystem::path(path).parent_path().string();
    const File file(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (file) ::fsync(file.get());
}

}  // namespace

Result<std::optional<std::string>> read_file(const std::string& path) {
    const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!file && errno == ENOENT) return std::optional<std::string>();
    if (!file) return failed("open", path);
    std::string content;
    const auto block = std::make_unique<std::array<char, std::size_t{64} * 1024>>();
    for (;;) {
        const ssize_t got = ::read(file.get(), block->data(), block->size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return failed("read", path);
        if (got == 0) return std::optional<std::string>(std::move(content));
        content.append(block->data(), static_cast<std::size_t>(got));
        if (content.size() > max_state_file) {
            return Error(ErrorKind::malformed, path + " is larger than 16 MiB");
        }
    }
}

Result<void> replace_file(const std::string& path, std::string_view content) {
    std::error_code ignored;  // shows in the next step
    std::filesystem::create_directories(std::filesystem::path(path).parent_path(), ignored);
    const std::string aside = path + "." + hex(random_bytes(8));
    {
        const File file(
            ::open(aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, private_file));
        if (!file) return failed("create", aside);
        if (!write_all(file.get(), content) || ::fsync(file.get()) != 0) {
            Error error = failed("write", aside);
            ::unlink(aside.c_str());
            return error;
        }
    }
    if (::rename(aside.c_str(), path.c_str()) != 0) {
        Error error = failed("replace", path);
        ::unlink(aside.c_str());
        return error;
    }
    sync_folder(path);
    return {};
}

Result<std::string> set_aside(const std::string& path, std::int64_t now) {
    std::string aside = path + ".damaged-" + std::to_string(now);
    if (::rename(path.c_str(), aside.c_str()) != 0) return failed("rename", path);
    return aside;
}

}  // namespace ccr::store
