// SPDX-License-Identifier: MIT
#include "daemon/net/resolve.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>

#include "tests/testing/run.hpp"

namespace ccr::net {
namespace {

using ccr::testing::run;
using Answer = Result<std::vector<Endpoint>>;

Answer one(const char* ip) {
    return std::vector<Endpoint>{*Endpoint::parse(ip, 0)};
}

std::string text(const Answer& answer) {
    if (!answer) return "!" + std::string(traits(answer.error().kind).name);
    std::string out;
    for (const auto& endpoint : *answer)
        out += endpoint.text() + " ";
    return out;
}

// A lookup that a test holds back.
class Gate {
  public:
    void open() {
        const std::lock_guard lock(mutex_);
        open_ = true;
        change_.notify_all();
    }
    void pass() {
        std::unique_lock lock(mutex_);
        change_.wait(lock, [this] { return open_; });
    }

  private:
    std::mutex mutex_;
    std::condition_variable change_;
    bool open_ = false;
};

TEST(Resolve, LiteralsAndLocalhostNeedNoLookup) {
    Loop loop;
    ResolverOptions options;
    options.lookup = [](const std::string&) -> Answer {
        ADD_FAILURE() << "looked up";
        return Error{ErrorKind::resolve, "no"};
    };
    Resolver resolver(options);
    EXPECT_EQ(text(run(loop, resolver.resolve(loop, "1.2.3.4", 80, 1s, nullptr))), "1.2.3.4:80 ");
    EXPECT_EQ(text(run(loop, resolver.resolve(loop, "::1", 443, 1s, nullptr))), "[::1]:443 ");
    EXPECT_EQ(text(run(loop, resolver.resolve(loop, "localhost", 1, 1s, nullptr))),
              "127.0.0.1:1 [::1]:1 ");
}

TEST(Resolve, KeepsAnswers) {
    Loop loop;
    auto count = std::make_shared<std::atomic<int>>(0);
    ResolverOptions options;
    options.lookup = [count](const std::string&) {
        ++*count;
        return one("10.0.0.1");
    };
    Resolver resolver(options);
    EXPECT_EQ(text(run(loop, resolver.resolve(loop, "a.test", 80, 5s, nullptr))), "10.0.0.1:80 ");
    EXPECT_EQ(text(run(loop, resolver.resolve(loop, "a.test", 81, 5s, nullptr))), "10.0.0.1:81 ");
    EXPECT_EQ(*count, 1);
}

TEST(Resolve, AnOldAnswerServesWhileLookupsFail) {
    Loop loop;
    auto works = std::make_shared<std::atomic<bool>>(true);
    ResolverOptions options;
    options.ttl = 0ms;
    options.lookup = [works](const std::string&) -> Answer {
        if (*works) return one("10.0.0.1");
        return Error{ErrorKind::resolve, "server failure"};
    };
    Resolver resolver(options);
    EXPECT_EQ(text(run(loop, resolver.resolve(loop, "a.test", 80, 5s, nullptr))), "10.0.0.1:80 ");
    *works = false;
    EXPECT_EQ(text(run(loop, resolver.resolve(loop, "a.test", 80, 5s, nullptr))), "10.0.0.1:80 ");
    EXPECT_EQ(text(run(loop, resolver.resolve(loop, "b.test", 80, 5s, nullptr))), "!resolve");
}

TEST(Resolve, SimultaneousQuestionsShareOneLookup) {
    Loop loop;
    auto gate = std::make_shared<Gate>();
    auto count = std::make_shared<std::atomic<int>>(0);
    ResolverOptions options;
    options.lookup = [gate, count](const std::string&) {
        ++*count;
        gate->pass();
        return one("10.0.0.1");
    };
    Resolver resolver(options);
    int answered = 0;
    auto ask = [&]() -> asio::awaitable<void> {
        auto answer = co_await resolver.resolve(loop, "a.test", 80, 5s, nullptr);
        if (answer) ++answered;
    };
    for (int i = 0; i < 5; ++i)
        spawn(loop, "ask", ask());
    ccr::testing::settle(loop);
    gate->open();
    ccr::testing::detail::turn_until(loop, [&answered] { return answered == 5; });
    EXPECT_EQ(*count, 1);
}

TEST(Resolve, ASlowNameServerIsATimeoutAndBlocksNobodyElse) {
    Loop loop;
    auto gate = std::make_shared<Gate>();
    ResolverOptions options;
    options.lookup = [gate](const std::string& host) {
        if (host == "slow.test") gate->pass();
        return one("10.0.0.1");
    };
    Resolver resolver(options);
    EXPECT_EQ(text(run(loop, resolver.resolve(loop, "slow.test", 80, 20ms, nullptr))), "!timeout");
    EXPECT_EQ(text(run(loop, resolver.resolve(loop, "fast.test", 80, 5s, nullptr))),
              "10.0.0.1:80 ");
    gate->open();
}

TEST(Resolve, CancelEndsTheWait) {
    Loop loop;
    auto gate = std::make_shared<Gate>();
    ResolverOptions options;
    options.lookup = [gate](const std::string&) {
        gate->pass();
        return one("10.0.0.1");
    };
    Resolver resolver(options);
    CancelScope scope;
    loop.post([&scope] { scope.cancel(); });
    EXPECT_EQ(text(run(loop, resolver.resolve(loop, "a.test", 80, 60s, &scope))), "!cancelled");
    gate->open();
}

}  // namespace
}  // namespace ccr::net
