// SPDX-License-Identifier: MIT
// Gives out scripted streams in place of connections.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <utility>

#include "daemon/net/pool.hpp"
#include "tests/testing/fake_stream.hpp"

namespace ccr::testing {

class FakeDialer final : public net::Dialer {
  public:
    struct Plan {
        FakeWire* wire = nullptr;
        std::optional<Error> failure;
    };
    // Owned by the test, shared with the dialer.
    struct Plans {
        std::deque<Plan> next;
        std::size_t dialed = 0;
    };

    explicit FakeDialer(Plans& plans) : plans_(plans) {}

    boost::asio::awaitable<Result<std::unique_ptr<net::Stream>>> dial(net::Loop& loop,
                                                                      const net::Origin&,
                                                                      net::Limit,
                                                                      net::CancelScope&) override {
        ++plans_.dialed;
        if (plans_.next.empty()) co_return Error{ErrorKind::connect, "nothing planned"};
        const Plan plan = std::move(plans_.next.front());
        plans_.next.pop_front();
        if (plan.failure) co_return *plan.failure;
        std::unique_ptr<net::Stream> stream = std::make_unique<FakeStream>(loop, *plan.wire);
        co_return stream;
    }

  private:
    Plans& plans_;
};

}  // namespace ccr::testing
