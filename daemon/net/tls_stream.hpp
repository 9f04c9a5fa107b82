// SPDX-License-Identifier: MIT
// A TLS connection on a SocketStream. Private to net/.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "daemon/net/socket_core.hpp"

namespace ccr::net {

class TlsStream final : public SocketStream {
  public:
    TlsStream(Loop& loop, StreamParts parts);
    ~TlsStream() override;

    Result<std::size_t> try_write(std::span<const asio::const_buffer> buffers) override;
    bool is_alive_idle() override;
    StreamParts detach() override;
    void close() override;
    void shutdown_send() override;

    [[nodiscard]] asio::awaitable<Result<void>> handshake(std::string where, Limit limit);
    [[nodiscard]] const ssl_st& ssl() const { return *ssl_; }

  protected:
    Result<std::size_t> receive(std::span<char> into) override;
    bool has_pending() const override;

  private:
    // Runs one OpenSSL call and turns its outcome into ours; `doing` is for messages.
    template <typename Call>
    Result<std::size_t> run(Call call, bool reading, const char* doing);
    Result<std::size_t> judge(int code, bool reading, const char* doing);
    void say_goodbye();

    SslHandle ssl_;
    bool more_ = false;    // OpenSSL may hold decoded or whole undecoded records
    bool broken_ = false;  // after a fatal error nothing more may be said
};

// Attaches a socket to an SSL object (which then may be given to a TlsStream).
[[nodiscard]] bool attach_socket(ssl_st& ssl, int fd);

// Why a handshake failed, with advice.
[[nodiscard]] Error handshake_error(const ssl_st& ssl, const std::string& where);

}  // namespace ccr::net
