// SPDX-License-Identifier: MIT
#include "common/journal.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

namespace ccr::log {
namespace {

void append(std::string& out, std::string_view name, std::string_view value) {
    out += name;
    if (value.find('\n') == std::string_view::npos) {
        out.append("=").append(value).append("\n");
        return;
    }
    // Name, line break, length as 64 bits with the lowest byte first, value, line break.
    out += '\n';
    for (unsigned shift = 0; shift < 64; shift += 8)
        out += static_cast<char>((std::uint64_t{value.size()} >> shift) & 0xFFU);
    out.append(value).append("\n");
}

}  // namespace

std::string journal_entry(int priority, std::string_view line, std::span<const Field> fields) {
    std::string out;
    out.reserve(256 + line.size());
    append(out, "MESSAGE", line);
    append(out, "PRIORITY", std::to_string(priority));
    append(out, "SYSLOG_IDENTIFIER", "ccrd");
    for (const Field& field : fields)
        append(out, field.name, field.value);
    return out;
}

Journal::Journal(std::string_view socket) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (socket.size() >= sizeof address.sun_path) return;
    std::memcpy(address.sun_path, socket.data(), socket.size());
    fd_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const auto* const where = static_cast<const sockaddr*>(static_cast<const void*>(&address));
    if (fd_ >= 0 && ::connect(fd_, where, sizeof address) != 0) {
        ::close(fd_);
        fd_ = -1;
    }
}

Journal::~Journal() {
    if (fd_ >= 0) ::close(fd_);
}

bool Journal::send(int priority, std::string_view line, std::span<const Field> fields) {
    const std::string entry = journal_entry(priority, line, fields);
    for (int attempt = 0; attempt < 2; ++attempt) {
        if (::send(fd_, entry.data(), entry.size(), MSG_NOSIGNAL) >= 0) return true;
        if (errno != EAGAIN) return false;
        pollfd room{fd_, POLLOUT, 0};
        if (::poll(&room, 1, max_wait_ms) <= 0) return false;
    }
    return false;
}

}  // namespace ccr::log
