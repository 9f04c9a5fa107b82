// SPDX-License-Identifier: MIT
#include "daemon/net/stream.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "daemon/net/socket_core.hpp"

namespace ccr::net {
namespace {

constexpr std::size_t max_gather = 16;
using Vectors = std::array<iovec, max_gather>;

std::size_t fill(Vectors& vectors, std::span<const asio::const_buffer> buffers) {
    const std::size_t count = std::min(buffers.size(), max_gather);
    for (std::size_t i = 0; i < count; ++i) {
        vectors[i] = {const_cast<void*>(buffers[i].data()), buffers[i].size()};
    }
    return count;
}

class PlainStream final : public SocketStream {
  public:
    using SocketStream::SocketStream;

    Result<std::size_t> try_write(std::span<const asio::const_buffer> buffers) override {
        if (auto error = refusal()) return std::move(*error);
        if (!core().writable) return would_block;
        Vectors vectors;
        msghdr message{};
        message.msg_iov = vectors.data();
        message.msg_iovlen = fill(vectors, buffers);
        const ssize_t sent = ::sendmsg(core().fd(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent >= 0) return static_cast<std::size_t>(sent);
        if (errno == EINTR) return std::size_t{0};
        if (errno != EAGAIN) return socket_error(errno, "writing");
        core().writable = false;
        return would_block;
    }

    bool is_alive_idle() override {
        if (!open()) return false;
        char byte = 0;
        const ssize_t got = ::recv(core().fd(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
        return got < 0 && errno == EAGAIN;
    }

    StreamParts detach() override { return {release_fd(), nullptr}; }

  protected:
    Result<std::size_t> receive(std::span<char> into) override {
        if (!core().readable) return would_block;
        const ssize_t got = ::recv(core().fd(), into.data(), into.size(), MSG_DONTWAIT);
        if (got < 0 && errno == EINTR) return receive(into);
        // A short receive has emptied the socket: the next one would only cost a syscall. At the
        // end of the stream it must stay readable, as no further event will come.
        core().readable = got == 0 || (got > 0 && static_cast<std::size_t>(got) == into.size());
        if (got >= 0) return static_cast<std::size_t>(got);
        if (errno == EAGAIN) return would_block;
        return socket_error(errno, "reading");
    }
};

// Drops `size` bytes from the front of a buffer list.
void consume(std::span<asio::const_buffer>& buffers, std::size_t size) {
    while (!buffers.empty() && size >= buffers.front().size()) {
        size -= buffers.front().size();
        buffers = buffers.subspan(1);
    }
    if (!buffers.empty()) buffers.front() += size;
}

}  // namespace

std::unique_ptr<Stream> make_stream(Loop& loop, StreamParts parts) {
    if (parts.ssl) return make_tls_stream(loop, std::move(parts));
    return std::make_unique<PlainStream>(loop, std::move(parts.fd));
}

asio::awaitable<Result<std::size_t>> Stream::read_some(std::span<char> into, Limit limit) {
    for (;;) {
        auto got = try_read(into);
        if (!got || *got != would_block) co_return got;
        auto ready = co_await wait_readable(limit);
        if (!ready) co_return std::move(ready).error();
    }
}

asio::awaitable<Result<void>> Stream::write(std::span<const asio::const_buffer> buffers,
                                            Limit limit) {
    std::array<asio::const_buffer, max_gather> copy;
    while (!buffers.empty()) {
        const std::size_t count = std::min(buffers.size(), max_gather);
        std::copy_n(buffers.begin(), count, copy.begin());
        buffers = buffers.subspan(count);
        std::span<asio::const_buffer> rest(copy.data(), count);
        consume(rest, 0);
        while (!rest.empty()) {
            const auto sent = try_write(rest);
            if (!sent) co_return sent.error();
            if (*sent != would_block) {
                consume(rest, *sent);
                continue;
            }
            auto ready = co_await wait_writable(limit);
            if (!ready) co_return std::move(ready).error();
        }
    }
    co_return Result<void>{};
}

}  // namespace ccr::net
