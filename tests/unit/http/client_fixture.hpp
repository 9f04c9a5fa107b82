// SPDX-License-Identifier: MIT
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "daemon/http/client.hpp"
#include "tests/testing/fake_dialer.hpp"
#include "tests/testing/run.hpp"

namespace ccr::http {

using ccr::testing::FakeDialer;
using ccr::testing::FakeWire;
using ccr::testing::run;

inline std::string chunk(std::string_view text) {
    std::ostringstream out;
    out << std::hex << text.size() << "\r\n" << text << "\r\n";
    return out.str();
}

// Exchanges over scripted streams.
class ClientFixture : public ::testing::Test {
  protected:
    ClientFixture() { expect_dial(wire); }
    ~ClientFixture() override { ccr::testing::wind_up(loop); }

    void expect_dial(FakeWire& next) { plans.next.push_back({&next, std::nullopt}); }

    struct Answer {
        int status = 0;
        Headers headers;
        std::string body;
        std::vector<std::string> pieces;
        std::optional<Error> error;
        bool reused = false;
    };

    asio::awaitable<Answer> exchange(ClientRequest request) {
        Answer answer;
        Exchange one(pool, loop);
        request.origin = &origin;
        request.headers = &headers;
        auto head = co_await one.send(request);
        answer.reused = one.reused_connection();
        if (!head) {
            answer.error = head.error();
            co_return answer;
        }
        answer.status = head->status;
        answer.headers = std::move(head->headers);
        for (;;) {
            auto piece = co_await one.read(1s);
            if (!piece) {
                answer.error = piece.error();
                co_return answer;
            }
            if (piece->empty()) break;
            answer.pieces.emplace_back(*piece);
            answer.body += *piece;
        }
        co_return answer;
    }

    Answer ask(ClientRequest request = {}) { return run(loop, exchange(std::move(request))); }
    Answer ask_for(std::string_view reply) {
        wire.push(reply);
        return ask();
    }

    net::Loop loop;
    FakeWire wire, second;
    FakeDialer::Plans plans;
    net::Pool pool{loop, std::make_unique<FakeDialer>(plans)};
    net::Origin origin{*parse_url("http://provider:8080/v1")};
    Headers headers{{"content-type", "application/json"}};
};

}  // namespace ccr::http
