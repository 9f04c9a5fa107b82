// SPDX-License-Identifier: MIT
// A TLS server on loopback with a certificate authority made on the spot: no key is kept in the
// tree.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace ccr::testing {

struct TlsServerOptions {
    std::string dns_name = "provider.test";  // subject alternative names of the certificate …
    std::string ip;                          // … empty: none
    bool expired = false;
    int max_version = 0;  // 0: no bound; TLS1_1_VERSION for an old server
};

// Answers every request head with a fixed-length reply whose body is "resumed" or "new".
class TlsServer {
  public:
    explicit TlsServer(const TlsServerOptions& options = {});
    ~TlsServer();
    TlsServer(const TlsServer&) = delete;
    TlsServer& operator=(const TlsServer&) = delete;

    [[nodiscard]] std::uint16_t port() const;
    // A temporary file with the authority's certificate.
    [[nodiscard]] const std::string& ca_file() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace ccr::testing
