// SPDX-License-Identifier: MIT
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/http/server.hpp"
#include "tests/testing/fake_stream.hpp"
#include "tests/testing/run.hpp"

namespace ccr::http {

using ccr::testing::FakeStream;
using ccr::testing::FakeWire;
using ccr::testing::run;

// The connection loop over a scripted stream.
class ServerFixture : public ::testing::Test {
  protected:
    ServerFixture() {
        service->handler = [this](Request& request, Reply& reply) { return echo(request, reply); };
    }
    ~ServerFixture() override { ccr::testing::wind_up(loop); }

    asio::awaitable<void> echo(Request& request, Reply& reply) {
        seen.push_back(request);
        const Headers headers{{"content-type", "text/plain"}};
        const std::string body = request.method + " " + request.target + "\n" + request.body;
        auto sent = co_await reply.send(200, headers, body);
        EXPECT_TRUE(sent || wire.write_room == 0);
    }

    // Serves the script to its end and gives everything that was written.
    std::string serve_script() {
        run(loop, serve(std::make_unique<FakeStream>(loop, wire), loop, service));
        EXPECT_TRUE(wire.closed);
        return wire.written;
    }
    std::string serve_bytes(std::string_view bytes) {
        wire.push(bytes);
        return serve_script();
    }

    net::Loop loop;
    FakeWire wire;
    std::shared_ptr<Service> service = std::make_shared<Service>();
    std::vector<Request> seen;
};

inline int status_of(std::string_view reply) {
    return reply.size() > 12 ? std::stoi(std::string(reply.substr(9, 3))) : 0;
}

inline std::size_t count_of(std::string_view text, std::string_view part) {
    std::size_t count = 0;
    for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) {
        ++count;
    }
    return count;
}

inline constexpr std::string_view simple = "GET /a?b=c HTTP/1.1\r\nHost: localhost\r\n\r\n";

}  // namespace ccr::http
