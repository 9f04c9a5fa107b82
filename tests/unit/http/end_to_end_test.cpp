// SPDX-License-Identifier: MIT
// Listener, connection loop, exchange and pool together on real loopback sockets and threads.
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <future>
#include <mutex>
#include <thread>

#include "daemon/http/client.hpp"
#include "daemon/http/server.hpp"
#include "daemon/net/listen.hpp"
#include "daemon/net/spawn.hpp"
#include "tests/testing/raw_server.hpp"

namespace ccr::http {
namespace {

using ccr::testing::connect_to;
using ccr::testing::RawServer;
using ccr::testing::read_to_end;
using ccr::testing::read_until;
using ccr::testing::send_all;

// A relay in a few lines: what the proxy does, without translation.
class EndToEnd : public ::testing::Test {
  protected:
    EndToEnd() : loops(2) {
        service->handler = [this](Request& request, Reply& reply) { return relay(request, reply); };
    }
    ~EndToEnd() override {
        loops.stop();
        loops.join();
        listener.reset();
        pool.reset();
    }

    void start(std::function<void(int)> upstream_behaviour) {
        upstream = std::make_unique<RawServer>(std::move(upstream_behaviour));
        origin = net::Origin(*parse_url("http://127.0.0.1:" + std::to_string(upstream->port())));
        pool = std::make_unique<net::Pool>(
            loops, std::make_unique<net::NetDialer>(nullptr, net::ProxySettings{}));
        listener = std::make_unique<net::Listener>(
            loops, *net::bind_tcp("127.0.0.1", 0),
            [this](net::Loop& loop, std::unique_ptr<net::Stream> stream, net::ActiveToken token) {
                net::spawn(loop, "serve",
                           serve(std::move(stream), loop, service, std::move(token)));
            });
        loops.start();
        listener->start();
    }

    asio::awaitable<void> relay(Request& request, Reply& reply) {
        Exchange exchange(*pool, reply.loop());
        reply.on_peer_gone([&exchange] { exchange.cancel(); });
        const Headers headers{{"content-type", "application/json"}};
        ClientRequest upward;
        upward.origin = &origin;
        upward.headers = &headers;
        upward.target = request.target;
        upward.body = {request.body};
        auto head = co_await exchange.send(upward);
        if (!head) {
            auto sent = co_await reply.send_error(head.error());
            ended(sent ? "error sent" : "client gone");
            co_return;
        }
        auto started = co_await reply.start(head->status, headers);
        for (;;) {
            auto piece = co_await exchange.read(10s);
            if (!piece) {
                reply.abort();
                ended(std::string(traits(piece.error().kind).name));
                co_return;
            }
            auto wrote = co_await reply.write(*piece, piece->empty());
            if (piece->empty() || !wrote) break;
        }
        ended(started ? "complete" : "failed");
    }
    void ended(std::string how) {
        const std::lock_guard lock(mutex);
        ends.push_back(std::move(how));
    }
    std::string wait_for_end() {
        for (const auto limit = std::chrono::steady_clock::now() + 10s;
             std::chrono::steady_clock::now() < limit; std::this_thread::yield()) {
            const std::lock_guard lock(mutex);
            if (!ends.empty()) return ends.back();
        }
        return "nothing";
    }

    net::LoopPool loops;
    std::shared_ptr<Service> service = std::make_shared<Service>();
    std::unique_ptr<RawServer> upstream;
    net::Origin origin;
    std::unique_ptr<net::Pool> pool;
    std::unique_ptr<net::Listener> listener;
    std::mutex mutex;
    std::vector<std::string> ends;
};

std::string post(std::string_view body) {
    return "POST /v1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

void answer_all(int fd) {
    while (!read_until(fd, "content-length: ").empty()) {
        const std::string rest = read_until(fd, "\r\n\r\n");
        if (rest.empty()) return;
        const auto size = static_cast<std::size_t>(std::stoul(rest));
        std::string body(size, '\0');
        if (::recv(fd, body.data(), size, MSG_WAITALL) != static_cast<ssize_t>(size)) return;
        if (!send_all(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nyou\r\n"))
            return;
        if (!send_all(fd, "6\r\n said \r\n4\r\n" + body.substr(0, 4) + "\r\n0\r\n\r\n")) return;
    }
}

TEST_F(EndToEnd, RelaysManyRequestsOverKeptConnections) {
    start(answer_all);
    const net::Fd client = connect_to(listener->port());
    for (int i = 0; i < 20; ++i) {
        ASSERT_TRUE(send_all(client.get(), post("abcd" + std::string(30'000, 'x'))));
        const std::string reply = read_until(client.get(), "0\r\n\r\n");
        EXPECT_TRUE(reply.starts_with("HTTP/1.1 200 OK\r\n"));
        EXPECT_NE(reply.find("abcd"), std::string::npos);
    }
    EXPECT_EQ(upstream->accepted(), 1U);
    EXPECT_EQ(pool->counters().reused, 19U);
}

TEST_F(EndToEnd, ParallelClientsAllGetTheirOwnAnswers) {
    start(answer_all);
    std::vector<std::thread> clients;
    std::atomic<int> right{0};
    for (int c = 0; c < 16; ++c) {
        clients.emplace_back([this, c, &right] {
            const net::Fd client = connect_to(listener->port());
            for (int i = 0; i < 25; ++i) {
                const std::string word{static_cast<char>('a' + c), 'z', static_cast<char>('a' + i),
                                       'q'};
                send_all(client.get(), post(word));
                const std::string reply = read_until(client.get(), "0\r\n\r\n");
                if (reply.find(word) != std::string::npos) ++right;
            }
        });
    }
    for (auto& client : clients)
        client.join();
    EXPECT_EQ(right, 16 * 25);
    EXPECT_LE(upstream->accepted(), 32U);
}

TEST_F(EndToEnd, CancelsTheUpstreamWithin100msWhenTheClientLeaves) {
    std::promise<std::chrono::steady_clock::time_point> upstream_saw_it;
    start([&](int fd) {
        read_until(fd, "\r\n\r\nhi");
        send_all(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n");
        std::string rest;
        read_to_end(fd, rest);
        upstream_saw_it.set_value(std::chrono::steady_clock::now());
    });
    net::Fd client = connect_to(listener->port());
    send_all(client.get(), post("hi"));
    EXPECT_NE(read_until(client.get(), "one\r\n").find("one"), std::string::npos);
    const auto left = std::chrono::steady_clock::now();
    client.reset();
    EXPECT_LT(upstream_saw_it.get_future().get() - left, 100ms);
    EXPECT_EQ(wait_for_end(), "cancelled");
}

TEST_F(EndToEnd, CancelsWhileTheProviderHasNotEvenAnswered) {
    std::promise<std::chrono::steady_clock::time_point> upstream_saw_it;
    start([&](int fd) {
        std::string rest;
        read_to_end(fd, rest);
        upstream_saw_it.set_value(std::chrono::steady_clock::now());
    });
    net::Fd client = connect_to(listener->port());
    send_all(client.get(), post("hi"));
    while (upstream->accepted() == 0)
        std::this_thread::yield();
    const auto left = std::chrono::steady_clock::now();
    client.reset();
    EXPECT_LT(upstream_saw_it.get_future().get() - left, 100ms);
}

TEST_F(EndToEnd, ACutUpstreamAnswerIsCutForTheClientToo) {
    start([](int fd) {
        read_until(fd, "\r\n\r\nhi");
        send_all(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n");
    });
    const net::Fd client = connect_to(listener->port());
    send_all(client.get(), post("hi"));
    std::string reply;
    read_to_end(client.get(), reply);
    EXPECT_NE(reply.find("3\r\none\r\n"), std::string::npos);
    EXPECT_EQ(reply.find("0\r\n\r\n"), std::string::npos);
    EXPECT_EQ(wait_for_end(), "eof");
}

TEST_F(EndToEnd, AnUpstreamThatClosesItsIdleConnectionsCostsNoRequest) {
    start([](int fd) {  // one request per connection, without saying so
        read_until(fd, "\r\n\r\nhi");
        send_all(fd, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    });
    const net::Fd client = connect_to(listener->port());
    for (int i = 0; i < 50; ++i) {
        send_all(client.get(), post("hi"));
        const std::string reply = read_until(client.get(), "0\r\n\r\n");
        ASSERT_TRUE(reply.starts_with("HTTP/1.1 200 OK\r\n")) << reply;
    }
}

TEST_F(EndToEnd, StoppingUnwindsRequestsInProgress) {
    start([](int fd) {
        std::string rest;
        read_to_end(fd, rest);
    });
    const net::Fd client = connect_to(listener->port());
    send_all(client.get(), post("hi"));
    while (upstream->accepted() == 0)
        std::this_thread::yield();
    loops.stop();
    loops.join();
    std::string reply;
    read_to_end(client.get(), reply);
    EXPECT_EQ(net::escaped_exceptions(), 0U);
}

TEST_F(EndToEnd, AnEarlyRefusalReachesAClientThatIsStillSending) {
    service->options.body_limit = 1000;
    start(answer_all);
    const net::Fd client = connect_to(listener->port());
    send_all(client.get(), "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000000\r\n\r\n");
    std::thread sender([&] { send_all(client.get(), std::string(5'000'000, 'x')); });
    const std::string head = read_until(client.get(), "\r\n\r\n");
    EXPECT_TRUE(head.starts_with("HTTP/1.1 413 ")) << head;
    ::shutdown(client.get(), SHUT_WR);
    sender.join();
}

}  // namespace
}  // namespace ccr::http
