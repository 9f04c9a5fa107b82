// SPDX-License-Identifier: MIT
#include "daemon/net/tls.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "common/text.hpp"
#include "common/url.hpp"
#include "daemon/net/tls_stream.hpp"

namespace ccr::net {
namespace {

constexpr std::size_t max_sessions = 256;

struct ContextFree {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
struct SessionFree {
    void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
};
using Session = std::unique_ptr<SSL_SESSION, SessionFree>;

// The latest session of each origin. The key's string lives in the map's node and is what an SSL
// object carries, so a session finds its origin without further bookkeeping.
class SessionCache {
  public:
    // A stable pointer for `origin`; null when the cache is full of other origins.
    const std::string* key(const std::string& origin) {
        const std::lock_guard lock(mutex_);
        auto found = sessions_.find(origin);
        if (found == sessions_.end()) {
            if (sessions_.size() >= max_sessions) return nullptr;
            found = sessions_.emplace(origin, nullptr).first;
        }
        return &found->first;
    }
    void offer(SSL* ssl, const std::string& origin) {
        const std::lock_guard lock(mutex_);
        const auto found = sessions_.find(origin);
        if (found != sessions_.end() && found->second) SSL_set_session(ssl, found->second.get());
    }
    void keep(const std::string& origin, Session session) {
        const std::lock_guard lock(mutex_);
        sessions_[origin] = std::move(session);
    }

  private:
    std::mutex mutex_;
    std::map<std::string, Session> sessions_;
};

int on_new_session(SSL* ssl, SSL_SESSION* session) {
    auto* const cache = static_cast<SessionCache*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
    const auto* const origin = static_cast<const std::string*>(SSL_get_app_data(ssl));
    if (!cache || !origin) return 0;
    cache->keep(*origin, Session(session));
    return 1;  // the reference is ours now
}

class OpenSslContext final : public TlsContext {
  public:
    explicit OpenSslContext(std::unique_ptr<SSL_CTX, ContextFree> context)
        : context_(std::move(context)) {
        SSL_CTX_set_app_data(context_.get(), &sessions_);
    }
    // Connections may outlive the context; they just leave no more sessions behind.
    ~OpenSslContext() override { SSL_CTX_set_app_data(context_.get(), nullptr); }

    asio::awaitable<Result<std::unique_ptr<Stream>>> handshake(Loop& loop, StreamParts parts,
                                                               std::string host, std::uint16_t port,
                                                               Limit limit,
                                                               CancelScope* scope) override;

  private:
    [[nodiscard]] SslHandle prepare(const std::string& host, const std::string& where, int fd);

    std::unique_ptr<SSL_CTX, ContextFree> context_;
    SessionCache sessions_;
};

bool name_the_peer(SSL* ssl, const std::string& host) {
    if (is_ip_literal(host)) {
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) == 1;
    }
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    // SSL_set_tlsext_host_name, without the macro's old-style cast.
    std::string name = host;
    const bool sni =
        SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data()) == 1;
    return sni && SSL_set1_host(ssl, host.c_str()) == 1;
}

SslHandle OpenSslContext::prepare(const std::string& host, const std::string& where, int fd) {
    SslHandle ssl(SSL_new(context_.get()));
    if (!ssl || !name_the_peer(ssl.get(), host) || !attach_socket(*ssl, fd)) return nullptr;
    constexpr unsigned char http11[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    if (SSL_set_alpn_protos(ssl.get(), http11, sizeof http11) != 0) return nullptr;
    if (const std::string* key = sessions_.key(where)) {
        SSL_set_ex_data(ssl.get(), 0, const_cast<std::string*>(key));  // only ever read
        sessions_.offer(ssl.get(), *key);
    }
    SSL_set_connect_state(ssl.get());
    return ssl;
}

asio::awaitable<Result<std::unique_ptr<Stream>>> OpenSslContext::handshake(
    Loop& loop, StreamParts parts, std::string host, std::uint16_t port, Limit limit,
    CancelScope* scope) {
    std::string where = host;
    where += ':';
    append_number(where, port);
    parts.ssl = prepare(host, where, parts.fd.get());
    if (!parts.ssl) co_return Error{ErrorKind::tls, "cannot set up TLS for " + where};
    auto stream = std::make_unique<TlsStream>(loop, std::move(parts));
    if (scope) scope->watch(stream.get());
    auto done = co_await stream->handshake(where, limit);
    if (scope) scope->watch(nullptr);
    if (!done) co_return std::move(done).error();
    std::unique_ptr<Stream> out = std::move(stream);
    co_return out;
}

Error tls_setup_error(const std::string& what) {
    const char* reason = ERR_reason_error_string(ERR_peek_last_error());
    return {ErrorKind::config, what + (reason ? std::string(": ") + reason : std::string())};
}

}  // namespace

Result<std::shared_ptr<TlsContext>> TlsContext::create(const TlsOptions& options) {
    ERR_clear_error();
    std::unique_ptr<SSL_CTX, ContextFree> context(SSL_CTX_new(TLS_client_method()));
    SSL_CTX* const raw = context.get();
    if (!raw) return tls_setup_error("cannot set up TLS");
    SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
    SSL_CTX_set_options(raw, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    // Buffers go when they are empty: an idle connection keeps none of its 2 × 17 kB.
    SSL_CTX_set_mode(raw, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                              SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(raw, 1);
    SSL_CTX_set_verify(raw, SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(raw, on_new_session);
    if (SSL_CTX_set_default_verify_paths(raw) != 1) {
        return tls_setup_error("cannot read the system's CA certificates");
    }
    const bool extra = !options.ca_file.empty();
    if (extra && SSL_CTX_load_verify_locations(raw, options.ca_file.c_str(), nullptr) != 1) {
        return tls_setup_error("cannot read CA certificates from " + options.ca_file);
    }
    return std::shared_ptr<TlsContext>(std::make_shared<OpenSslContext>(std::move(context)));
}

bool session_resumed(const ssl_st& ssl) {
    return SSL_session_reused(&ssl) == 1;
}

}  // namespace ccr::net
