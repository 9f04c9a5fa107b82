// SPDX-License-Identifier: MIT
// The control channel's client: one exchange per connection over the Unix socket, blocking, with a
// deadline on everything. The only part of ctl that opens sockets, with launch.cpp.
//
// Errors: kind `connect` when no ccrd listens (exit 3), `forbidden` when the socket may not be used
// (4), `timeout` (75), `malformed` when something else answers. Their text says what to do next.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "common/control/channel.hpp"
#include "common/control/types.hpp"
#include "common/result.hpp"
#include "ctl/arguments.hpp"

namespace ccr::ctl {

struct Answer {
    int status = 0;
    std::string content_type;
    std::string body;
};

struct Ask {
    std::string_view method = "GET";
    std::string target;
    std::string body = {};
    std::string accept = "application/json";
    Millis limit{
        10'000};  // for the whole exchange; of a stream: until its head, then between bytes
};

class Client {
  public:
    // The sockets that the arguments name, in the order in which they are tried.
    explicit Client(const Arguments& arguments);
    explicit Client(std::vector<std::string> sockets) : sockets_(std::move(sockets)) {}

    [[nodiscard]] const std::vector<std::string>& sockets() const { return sockets_; }
    // The socket that answered last; empty before.
    [[nodiscard]] const std::string& used() const { return used_; }

    // Whatever its status.
    Result<Answer> exchange(const Ask& ask);
    // Only a 2xx; any other becomes an error with the daemon's own words.
    Result<Answer> get(std::string_view target);
    // What the answer says, of a 2xx or, for those that explain themselves in it, of `also`.
    template <typename T>
    Result<T> fetch(const Ask& ask, int also = 0) {
        auto answer = exchange(ask);
        if (!answer) return std::move(answer).error();
        if (answer->status / 100 != 2 && answer->status != also) return refusal(ask, *answer);
        return control::from_json<T>(answer->body);
    }
    // Server-sent events until the stream ends or `event` gives false. An answer of another type is
    // given as one event without a name. `idle` is called about ten times a second, and when a
    // signal has come; false ends the stream.
    using OnEvent = std::function<bool(std::string_view name, std::string_view data)>;
    Result<void> stream(const Ask& ask, const OnEvent& event,
                        const std::function<bool()>& idle = {});

    [[nodiscard]] static Error refusal(const Ask& ask, const Answer& answer);

  private:
    Result<int> connect(SteadyTime deadline);

    std::vector<std::string> sockets_;
    std::string used_;
};

// What a command exits with for such an error.
[[nodiscard]] int exit_code(const Error& error);
// complain() with it.
int complain(const Error& error);

}  // namespace ccr::ctl
