// SPDX-License-Identifier: MIT
#include "daemon/net/socket_core.hpp"
namespace ccr::net {
void SslFree::operator()(ssl_st*) const {}
std::unique_ptr<Stream> make_tls_stream(Loop&, StreamParts) { return nullptr; }
}
