// SPDX-License-Identifier: MIT
// The client's side of a streamed answer: holds the response head back until there is something to
// say, keeps the client alive while there is not, and ends well or visibly.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>
#include <string_view>

#include "common/result.hpp"
#include "daemon/dialect/dialect.hpp"
#include "daemon/http/message.hpp"
#include "daemon/http/server.hpp"
#include "daemon/proxy/turn.hpp"

namespace ccr::proxy {

class ClientStream {
  public:
    explicit ClientStream(Turn& turn) : turn_(turn) {}

    // Fields beside the usual ones, e.g. the upstream's own that a pass-through keeps.
    http::Headers& extra_headers() { return extra_; }

    // How long the provider may stay silent before keep_alive() is due. For a client that does not
    // stream: for ever.
    [[nodiscard]] Millis patience(Clock::time_point now) const;
    // Sends the head if it has been held back long enough, and a ping. `writer` makes the frame;
    // without one (no provider has answered yet) a plain ping goes out.
    [[nodiscard]] asio::awaitable<Result<void>> keep_alive(dialect::StreamWriter* writer);
    // Sends bytes, the head first if need be.
    [[nodiscard]] asio::awaitable<Result<void>> write(std::string_view bytes);
    [[nodiscard]] asio::awaitable<Result<void>> write_both(std::string_view first,
                                                           std::string_view second);
    // write() without suspending, see http::Reply; flush() sends what it kept.
    [[nodiscard]] http::Reply::Tried try_write(std::string_view bytes);
    [[nodiscard]] asio::awaitable<Result<void>> flush();
    // The regular end.
    [[nodiscard]] asio::awaitable<Result<void>> finish();
    // The visible end of a stream that cannot go on: `frame` is the error event, and the connection
    // is closed behind it.
    [[nodiscard]] asio::awaitable<void> fail(std::string_view frame);
    // The same in the door's words, where no writer has any.
    [[nodiscard]] asio::awaitable<void> fail(const Error& error);

    // True once the client has seen status 200: failures have to be told inside the stream.
    [[nodiscard]] bool open() const { return open_; }

  private:
    [[nodiscard]] asio::awaitable<Result<void>> open_head();

    Turn& turn_;
    http::Headers extra_;
    Clock::time_point last_write_ = Clock::now();
    bool open_ = false;
};

}  // namespace ccr::proxy
