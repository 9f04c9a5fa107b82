// SPDX-License-Identifier: MIT
#include "tests/testing/tls_server.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>

#include "tests/testing/raw_server.hpp"

namespace ccr::testing {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Cert = std::unique_ptr<X509, decltype(&X509_free)>;
using Context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;

Key make_key() {
    EVP_PKEY* const key = EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256");
    return {key, EVP_PKEY_free};
}

void add_extension(X509* cert, X509* issuer, int id, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, cert, nullptr, nullptr, 0);
    X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str());
    if (!extension) throw std::runtime_error("bad certificate extension " + value);
    X509_add_ext(cert, extension, -1);
    X509_EXTENSION_free(extension);
}

// Unsigned and without extensions yet.
Cert make_cert(const char* name, long serial, EVP_PKEY* key, long valid_for_s) {
    Cert cert(X509_new(), X509_free);
    X509_set_version(cert.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(cert.get()), serial);
    X509_gmtime_adj(X509_getm_notBefore(cert.get()), -86'400L * 2);
    X509_gmtime_adj(X509_getm_notAfter(cert.get()), valid_for_s);
    X509_set_pubkey(cert.get(), key);
    const auto* const text = reinterpret_cast<const unsigned char*>(name);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(cert.get()), "CN", MBSTRING_ASC, text, -1, -1,
                               0);
    return cert;
}

std::string write_pem(X509* cert) {
    char path[] = "/tmp/ccr-test-ca-XXXXXX";
    const int fd = ::mkstemp(path);
    FILE* const file = ::fdopen(fd, "w");
    PEM_write_X509(file, cert);
    std::fclose(file);
    return path;
}

void answer_requests(SSL* ssl) {
    std::string head;
    char piece[2048];
    for (;;) {
        const int got = SSL_read(ssl, piece, sizeof piece);
        if (got <= 0) return;
        head.append(piece, static_cast<std::size_t>(got));
        if (head.find("\r\n\r\n") == std::string::npos) continue;
        head.clear();
        const std::string body = SSL_session_reused(ssl) ? "resumed" : "new";
        const std::string reply =
            "HTTP/1.1 200 OK\r\ncontent-length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
        if (SSL_write(ssl, reply.data(), static_cast<int>(reply.size())) <= 0) return;
    }
}

}  // namespace

struct TlsServer::Impl {
    Context context{SSL_CTX_new(TLS_server_method()), SSL_CTX_free};
    std::string ca_file;
    std::unique_ptr<RawServer> server;

    explicit Impl(const TlsServerOptions& options) {
        const Key ca_key = make_key();
        const Cert ca = make_cert("test authority", 1, ca_key.get(), 86'400);
        X509_set_issuer_name(ca.get(), X509_get_subject_name(ca.get()));
        add_extension(ca.get(), ca.get(), NID_basic_constraints, "critical,CA:TRUE");
        X509_sign(ca.get(), ca_key.get(), EVP_sha256());
        ca_file = write_pem(ca.get());

        const Key key = make_key();
        const Cert cert =
            make_cert("test server", 2, key.get(), options.expired ? -86'400L : 86'400L);
        X509_set_issuer_name(cert.get(), X509_get_subject_name(ca.get()));
        std::string names;
        if (!options.dns_name.empty()) names = "DNS:" + options.dns_name;
        if (!options.ip.empty()) names += (names.empty() ? "IP:" : ",IP:") + options.ip;
        add_extension(cert.get(), ca.get(), NID_subject_alt_name, names);
        X509_sign(cert.get(), ca_key.get(), EVP_sha256());

        SSL_CTX* const raw = context.get();
        SSL_CTX_use_certificate(raw, cert.get());
        SSL_CTX_use_PrivateKey(raw, key.get());
        const unsigned char id[] = {'t'};
        SSL_CTX_set_session_id_context(raw, id, sizeof id);
        if (options.max_version) {
            SSL_CTX_set_min_proto_version(raw, 0);
            SSL_CTX_set_max_proto_version(raw, options.max_version);
        }
        server = std::make_unique<RawServer>([raw](int fd) { serve(raw, fd); });
    }
    ~Impl() {
        server.reset();
        ::unlink(ca_file.c_str());
    }

    static void serve(SSL_CTX* context, int fd) {
        SSL* const ssl = SSL_new(context);
        SSL_set_fd(ssl, fd);
        if (SSL_accept(ssl) == 1) answer_requests(ssl);
        SSL_free(ssl);
    }
};

TlsServer::TlsServer(const TlsServerOptions& options) : impl_(std::make_unique<Impl>(options)) {}
TlsServer::~TlsServer() = default;

std::uint16_t TlsServer::port() const {
    return impl_->server->port();
}
const std::string& TlsServer::ca_file() const {
    return impl_->ca_file;
}

}  // namespace ccr::testing
