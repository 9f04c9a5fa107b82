// SPDX-License-Identifier: MIT
// One search at the configured engine, over the pool that the providers are reached by.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <vector>

#include "common/result.hpp"
#include "daemon/dialect/dialect.hpp"
#include "daemon/http/client.hpp"
#include "daemon/proxy/client_stream.hpp"
#include "daemon/proxy/turn.hpp"
#include "daemon/search/engine.hpp"

namespace ccr::proxy {

class SearchCall {
  public:
    explicit SearchCall(Turn& turn);

    // The pages found. The client is kept alive meanwhile: `writer` makes the frames, null for one
    // that does not stream. Fails with `cancelled` when the client has gone; otherwise as
    // search::read_reply(), or by the network, within WebSearch.timeout_ms.
    [[nodiscard]] asio::awaitable<Result<std::vector<search::Hit>>> run(
        const search::Query& query, ClientStream& client, dialect::StreamWriter* writer);
    // Ends it; from on_peer_gone.
    void cancel() { exchange_.cancel(); }

  private:
    [[nodiscard]] asio::awaitable<Result<http::ResponseHead>> head();
    [[nodiscard]] asio::awaitable<Result<std::string>> body();
    [[nodiscard]] asio::awaitable<Result<void>> pause_over(const Error& failure);

    Turn& turn_;
    const config::WebSearch& options_;
    http::Exchange exchange_;
    ClientStream* client_ = nullptr;
    dialect::StreamWriter* writer_ = nullptr;
    Clock::time_point deadline_{};
};

}  // namespace ccr::proxy
