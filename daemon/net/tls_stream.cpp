// SPDX-License-Identifier: MIT
#include "daemon/net/tls_stream.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace ccr::net {
namespace {

constexpr std::size_t record = 16 * 1024;  // one TLS record's worth

// The socket as OpenSSL sees it. Unlike OpenSSL's own socket BIO it cannot raise SIGPIPE, and it
// knows when a receive would only cost a syscall.
struct SocketBio {
    int fd = -1;
    bool drained = false;
    int last_error = 0;
};

SocketBio& state_of(BIO* bio) {
    return *static_cast<SocketBio*>(BIO_get_data(bio));
}

int bio_write(BIO* bio, const char* data, int size) {
    SocketBio& state = state_of(bio);
    BIO_clear_retry_flags(bio);
    const ssize_t sent =
        ::send(state.fd, data, static_cast<std::size_t>(size), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) return static_cast<int>(sent);
    state.last_error = errno;
    if (errno == EAGAIN || errno == EINTR) BIO_set_retry_write(bio);
    return -1;
}

int bio_read(BIO* bio, char* data, int size) {
    SocketBio& state = state_of(bio);
    BIO_clear_retry_flags(bio);
    if (state.drained) {
        BIO_set_retry_read(bio);
        return -1;
    }
    const ssize_t got = ::recv(state.fd, data, static_cast<std::size_t>(size), MSG_DONTWAIT);
    state.drained = (got > 0 && got < size) || (got < 0 && errno == EAGAIN);
    if (got >= 0) return static_cast<int>(got);
    state.last_error = errno;
    if (errno == EAGAIN || errno == EINTR) BIO_set_retry_read(bio);
    return -1;
}

long bio_control(BIO*, int command, long, void*) {
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

int bio_destroy(BIO* bio) {
    delete static_cast<SocketBio*>(BIO_get_data(bio));
    BIO_set_data(bio, nullptr);
    return 1;
}

BIO_METHOD* make_method() {
    BIO_METHOD* const method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket");
    BIO_meth_set_write(method, bio_write);
    BIO_meth_set_read(method, bio_read);
    BIO_meth_set_ctrl(method, bio_control);
    BIO_meth_set_destroy(method, bio_destroy);
    return method;
}

SocketBio& bio_state(SSL* ssl) {
    return state_of(SSL_get_rbio(ssl));
}

std::string reason_text() {
    const unsigned long code = ERR_peek_last_error();
    const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
    return reason ? reason : "unknown reason";
}

// Copies the front of a buffer list into one record.
std::size_t gather(std::span<char> room, std::span<const asio::const_buffer> buffers) {
    std::size_t used = 0;
    for (const auto& buffer : buffers) {
        const std::size_t take = std::min(buffer.size(), room.size() - used);
        std::memcpy(room.data() + used, buffer.data(), take);
        used += take;
        if (used == room.size()) break;
    }
    return used;
}

std::string advice(long verify) {
    switch (verify) {
        case X509_V_ERR_CERT_NOT_YET_VALID:
        case X509_V_ERR_CERT_HAS_EXPIRED:
            return "; check this machine's clock, or the server has to renew it";
        case X509_V_ERR_HOSTNAME_MISMATCH:
        case X509_V_ERR_IP_ADDRESS_MISMATCH:
            return "; the certificate was issued for another name, check the URL";
        default:
            return "; install its CA certificate (package ca-certificates, SSL_CERT_FILE), or "
                   "check this machine's clock";
    }
}

}  // namespace

void SslFree::operator()(ssl_st* ssl) const {
    SSL_free(ssl);
}

bool attach_socket(ssl_st& ssl, int fd) {
    static BIO_METHOD* const method = make_method();
    BIO* const bio = BIO_new(method);
    if (!bio) return false;
    BIO_set_data(bio, new SocketBio{fd, false, 0});
    BIO_set_init(bio, 1);
    SSL_set_bio(&ssl, bio, bio);
    return true;
}

Error handshake_error(const ssl_st& ssl, const std::string& where) {
    const long verify = SSL_get_verify_result(&ssl);
    if (verify != X509_V_OK) {
        return {ErrorKind::tls, "certificate of " + where + " not trusted: " +
                                    X509_verify_cert_error_string(verify) + advice(verify)};
    }
    std::string text = "TLS handshake with " + where + " failed: " + reason_text();
    const int reason = ERR_GET_REASON(ERR_peek_last_error());
    if (reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_HTTP_REQUEST) {
        text += "; the server does not speak TLS on this port, should the URL begin with http://?";
    }
    return {ErrorKind::tls, std::move(text)};
}

TlsStream::TlsStream(Loop& loop, StreamParts parts)
    : SocketStream(loop, std::move(parts.fd)), ssl_(std::move(parts.ssl)) {
    bio_state(ssl_.get()).drained = false;
}

TlsStream::~TlsStream() {
    TlsStream::close();
}

// Without the notice OpenSSL drops the session, and the next connection cannot resume it.
void TlsStream::say_goodbye() {
    if (!ssl_ || !open() || broken_ || !SSL_is_init_finished(ssl_.get())) return;
    ERR_clear_error();
    SSL_shutdown(ssl_.get());  // best effort: sends the notice if the socket takes it
    ERR_clear_error();
}

void TlsStream::close() {
    say_goodbye();
    SocketStream::close();
    ssl_.reset();
}

void TlsStream::shutdown_send() {
    say_goodbye();
}

StreamParts TlsStream::detach() {
    StreamParts parts;
    parts.ssl = std::move(ssl_);
    parts.fd = release_fd();
    return parts;
}

Result<std::size_t> TlsStream::judge(int code, bool reading, const char* doing) {
    switch (SSL_get_error(ssl_.get(), code)) {
        case SSL_ERROR_WANT_READ:
            if (reading) more_ = false;
            write_wants_read_ = !reading;
            return would_block;
        case SSL_ERROR_WANT_WRITE:
            core().writable = false;
            read_wants_write_ = reading;
            return would_block;
        case SSL_ERROR_ZERO_RETURN:
            return std::size_t{0};
        case SSL_ERROR_SYSCALL:
            broken_ = true;
            return socket_error(bio_state(ssl_.get()).last_error, doing);
        default:
            break;
    }
    broken_ = true;
    if (ERR_GET_REASON(ERR_peek_last_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
        return Error{ErrorKind::reset, std::string("TLS connection cut off while ") + doing};
    }
    return Error{ErrorKind::tls, std::string("TLS error while ") + doing + ": " + reason_text()};
}

template <typename Call>
Result<std::size_t> TlsStream::run(Call call, bool reading, const char* doing) {
    if (broken_ || !ssl_) return Error{ErrorKind::reset, "the TLS connection is closed"};
    SocketBio& socket = bio_state(ssl_.get());
    socket.drained = !core().readable;
    ERR_clear_error();
    const int code = call(ssl_.get());
    core().readable = !socket.drained;
    if (code > 0) return static_cast<std::size_t>(code);
    return judge(code, reading, doing);
}

Result<std::size_t> TlsStream::receive(std::span<char> into) {
    read_wants_write_ = false;
    more_ = true;
    const int size = static_cast<int>(std::min<std::size_t>(into.size(), 1U << 30U));
    const auto call = [&](SSL* ssl) { return SSL_read(ssl, into.data(), size); };
    return run(call, true, "reading");
}

bool TlsStream::has_pending() const {
    return more_ && ssl_ && SSL_has_pending(ssl_.get()) == 1;
}

Result<std::size_t> TlsStream::try_write(std::span<const asio::const_buffer> buffers) {
    if (auto error = refusal()) return std::move(*error);
    write_wants_read_ = false;
    char room[record];
    // A retried write must bring the same bytes again: the caller does, as none were taken.
    const std::size_t size = gather({room, sizeof room}, buffers);
    if (size == 0) return std::size_t{0};
    const auto call = [&](SSL* ssl) { return SSL_write(ssl, room, static_cast<int>(size)); };
    return run(call, false, "writing");
}

bool TlsStream::is_alive_idle() {
    if (!open() || broken_) return false;
    char byte = 0;
    const ssize_t got = ::recv(core().fd(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (got == 0 || (got < 0 && errno != EAGAIN)) return false;
    if (got < 0) return SSL_pending(ssl_.get()) == 0;
    // Bytes may be a late session ticket: let OpenSSL take it in; real data is out of place here.
    core().readable = true;
    const auto peek = [&byte](SSL* ssl) { return SSL_peek(ssl, &byte, 1); };
    const auto seen = run(peek, true, "waiting");
    return seen && *seen == would_block;
}

asio::awaitable<Result<void>> TlsStream::handshake(std::string where, Limit limit) {
    const SteadyTime deadline = std::chrono::steady_clock::now() + limit;
    const auto shake = [](SSL* ssl) { return SSL_do_handshake(ssl); };
    for (;;) {
        read_wants_write_ = false;
        auto step = run(shake, true, "handshaking");
        if (!step && step.error().kind != ErrorKind::tls) {
            co_return step.error().wrap(ErrorKind::tls, "TLS handshake with " + where + " failed");
        }
        if (!step || *step == 0) co_return handshake_error(*ssl_, where);
        if (*step != would_block) co_return Result<void>{};
        const auto left = std::chrono::ceil<Millis>(deadline - std::chrono::steady_clock::now());
        const Limit wait = std::max(left, Limit{0});
        auto ready = co_await wait_readable(wait);
        if (!ready && ready.error().kind == ErrorKind::timeout) {
            co_return Error{ErrorKind::timeout, "TLS handshake with " + where + " took too long"};
        }
        if (!ready) co_return ready;
    }
}

std::unique_ptr<Stream> make_tls_stream(Loop& loop, StreamParts parts) {
    return std::make_unique<TlsStream>(loop, std::move(parts));
}

}  // namespace ccr::net
