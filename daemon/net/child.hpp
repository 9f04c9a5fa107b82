// SPDX-License-Identifier: MIT
// Child processes on a loop. They get the program's environment, without what the service manager
// meant for the program alone, its standard error, a process group of their own, no other
// descriptors, and default signals.
#pragma once

#include <sys/types.h>

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"
#include "daemon/net/loop.hpp"
#include "daemon/net/stream.hpp"
#include "daemon/net/waiter.hpp"

namespace ccr::net {

// Starting a process holds the loop up for about a millisecond (it shares the memory until the
// program is loaded, so the size of the daemon does not matter).

// Runs a program (an absolute path, with arguments) to the first line of its output or its end,
// whichever is earlier: `input` is its standard input, as a file. Too much output is too_large, a
// program that cannot be started or fails without a word is io. At `limit` it is killed (timeout).
[[nodiscard]] asio::awaitable<Result<std::string>> run_program(Loop& loop,
                                                               std::vector<std::string> command,
                                                               std::string_view input, Limit limit,
                                                               std::size_t max_output,
                                                               CancelScope* scope);

// A process that lives on, with a socket to it as its descriptor 3; its standard input is empty and
// what it prints goes to standard error. Killed with the object, with all that it started.
class Child {
  public:
    static Result<std::unique_ptr<Child>> start(Loop& loop,
                                                const std::vector<std::string>& command);
    ~Child();
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    [[nodiscard]] Stream& stream() { return *stream_; }
    [[nodiscard]] pid_t pid() const { return pid_; }

  private:
    Child(Loop& loop, pid_t pid, std::unique_ptr<Stream> stream);

    Loop& loop_;
    pid_t pid_;
    std::unique_ptr<Stream> stream_;
};

}  // namespace ccr::net
