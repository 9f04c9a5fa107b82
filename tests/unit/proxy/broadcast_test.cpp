// SPDX-License-Identifier: MIT
#include "daemon/proxy/broadcast.hpp"

#include <gtest/gtest.h>

#include "daemon/proxy/dedup.hpp"
#include "tests/testing/fake_stream.hpp"
#include "tests/testing/run.hpp"

namespace ccr::proxy {
namespace {

using ccr::testing::settle;
using namespace std::chrono_literals;

TEST(AnswerLog, GivesBackWhatItWasGivenWhereverItIsCut) {
    AnswerLog log;
    std::string all;
    for (int i = 0; i < 3000; ++i) {
        const std::string piece(static_cast<std::size_t>(i % 97), static_cast<char>('a' + i % 26));
        log.append(piece);
        all += piece;
    }
    ASSERT_EQ(log.end(), all.size());
    EXPECT_EQ(log.read(0, all.size()), all);
    for (std::size_t at = 0; at < all.size(); at += 1013)
        EXPECT_EQ(log.read(at, 777), all.substr(at, 777));
    log.drop_before(100'000);
    EXPECT_GT(log.begin(), 30'000U);
    EXPECT_LE(log.begin(), 100'000U);
    EXPECT_EQ(log.read(100'000, 50), all.substr(100'000, 50));
    log.clear();
    EXPECT_EQ(log.begin(), log.end());
    EXPECT_EQ(log.read(log.begin(), 10), "");
}

class BroadcastTest : public ::testing::Test {
  protected:
    BroadcastTest() {
        request.method = "POST";
        request.id = "req_1";
        broadcast->attach(reply, [this] { ++closed; });
    }
    ~BroadcastTest() override {
        broadcast->detach();
        ccr::testing::wind_up(loop);
    }
    std::shared_ptr<LetterBox> join() {
        auto box = std::make_shared<LetterBox>();
        broadcast->join(loop, box);
        settle(loop);
        return box;
    }
    // Everything that a follower gets until nothing more comes.
    std::string drain(const std::shared_ptr<LetterBox>& box) {
        std::string all;
        for (;;) {
            Delivery got = std::move(box->delivery);
            box->delivery = {};
            all += got.bytes;
            last = std::move(got);
            if ((last.bytes.empty() && !last.head) || last.ended) return all;
            broadcast->want_more(box);
            settle(loop);
        }
    }
    void begin_stream() {
        broadcast->on_head(200, http::Headers{{"content-type", "text/event-stream"}}, true);
    }

    net::Loop loop;
    ccr::testing::FakeWire wire;
    ccr::testing::FakeStream stream{loop, wire};
    http::Request request;
    http::Reply reply{stream, loop, request, 1s, false};
    std::shared_ptr<std::atomic<std::size_t>> kept = std::make_shared<std::atomic<std::size_t>>(0);
    std::shared_ptr<Broadcast> broadcast = std::make_shared<Broadcast>(loop, 50ms, kept);
    Delivery last;
    int closed = 0;
};

TEST_F(BroadcastTest, ALateFollowerGetsAllFromTheFirstByte) {
    begin_stream();
    std::string all;
    for (int i = 0; i < 5000; ++i) {
        const std::string piece = "piece " + std::to_string(i) + ";";
        broadcast->on_body(piece);
        all += piece;
    }
    const auto box = join();
    EXPECT_EQ(box->delivery.status, 200);
    ASSERT_TRUE(box->delivery.head);
    EXPECT_LE(box->delivery.bytes.size(), Broadcast::max_piece);
    EXPECT_EQ(drain(box), all);
    EXPECT_FALSE(last.ended);
}

TEST_F(BroadcastTest, AFollowerGetsOnePieceAtATimeAndTheEndLast) {
    const auto box = join();
    begin_stream();
    broadcast->on_body("one");
    broadcast->on_body("two");
    settle(loop);
    EXPECT_EQ(box->delivery.bytes, "one");
    EXPECT_FALSE(box->delivery.ended);
    broadcast->on_body("three");
    broadcast->on_end(true);
    settle(loop);
    EXPECT_EQ(box->delivery.bytes, "one") << "nothing is sent unasked";
    broadcast->want_more(box);
    settle(loop);
    EXPECT_EQ(box->delivery.bytes, "twothree");
    EXPECT_TRUE(box->delivery.ended);
    EXPECT_TRUE(box->delivery.complete);
}

TEST_F(BroadcastTest, PastTheBoundNobodyJoinsAndTheBytesAreGivenUp) {
    begin_stream();
    const std::string block(1U << 20U, 'x');
    for (int i = 0; i < 4; ++i)
        broadcast->on_body(block);
    EXPECT_EQ(closed, 0);
    broadcast->on_body("y");
    EXPECT_EQ(closed, 1);
    EXPECT_TRUE(join()->delivery.refused);
}

TEST_F(BroadcastTest, AllAnswersTogetherAreBoundedToo) {
    begin_stream();
    broadcast->on_body(std::string(100'000, 'x'));
    EXPECT_NEAR(static_cast<double>(kept->load()), 100'000, 17'000);
    kept->fetch_add(Broadcast::max_kept);  // others'
    broadcast->on_body("y");
    EXPECT_EQ(closed, 1);
    EXPECT_EQ(kept->load(), Broadcast::max_kept) << "its own part is given back";
    EXPECT_TRUE(join()->delivery.refused);
}

TEST_F(BroadcastTest, AFollowerThatLagsHoldsTheAnswerUpAndIsDroppedInTheEnd) {
    begin_stream();
    const auto box = join();
    const std::string block(1U << 20U, 'x');
    for (int i = 0; i < 5; ++i)
        broadcast->on_body(block);
    ASSERT_TRUE(broadcast->full());
    const auto waited = ccr::testing::run(loop, broadcast->wait_for_room());
    EXPECT_TRUE(waited);
    EXPECT_FALSE(broadcast->listening());
    settle(loop);
    EXPECT_TRUE(box->delivery.ended);
    EXPECT_FALSE(box->delivery.complete);
}

TEST_F(BroadcastTest, AFollowerThatReadsMakesRoom) {
    begin_stream();
    const auto box = join();
    const std::string block(1U << 20U, 'x');
    for (int i = 0; i < 5; ++i)
        broadcast->on_body(block);
    EXPECT_EQ(drain(box).size(), 5U << 20U);
    EXPECT_FALSE(broadcast->full());
    EXPECT_TRUE(broadcast->listening());
}

TEST_F(BroadcastTest, WhoComesAfterTheClientHasLeftIsRefused) {
    begin_stream();
    broadcast->on_body("half");
    reply.notify_peer_gone();
    EXPECT_TRUE(join()->delivery.refused);
    EXPECT_EQ(closed, 1) << "the next one may lead";
}

TEST_F(BroadcastTest, TheLastListenersLeavingEndsAnAnswerWhoseClientLeftBefore) {
    bool ended = false;
    reply.on_peer_gone([&ended] { ended = true; });
    const auto box = join();
    reply.notify_peer_gone();
    EXPECT_FALSE(ended);
    EXPECT_FALSE(reply.peer_gone());
    broadcast->leave(box);
    settle(loop);
    EXPECT_TRUE(ended);
    EXPECT_TRUE(reply.peer_gone());
    reply.on_peer_gone(nullptr);
}

TEST_F(BroadcastTest, AnAnswerThatBreaksOffBeforeItsHeadIsRefused) {
    const auto box = join();
    broadcast->detach();
    settle(loop);
    EXPECT_TRUE(box->delivery.refused);
    EXPECT_TRUE(join()->delivery.refused);
}

TEST_F(BroadcastTest, WhoFoundItBeforeItsEndIsServedAfterIt) {
    broadcast->on_head(200, http::Headers{{"content-type", "application/json"}}, false);
    broadcast->on_body("{}");
    broadcast->on_end(true);
    broadcast->detach();
    const auto box = join();
    EXPECT_FALSE(box->delivery.refused);
    EXPECT_EQ(box->delivery.bytes, "{}");
    EXPECT_TRUE(box->delivery.complete);
}

TEST(DedupTable, OneLeadsAndOnlyItMayLeave) {
    net::Loop loop;
    DedupTable table;
    DedupKey key;
    key.principal = "session";
    key.request[0] = 'a';
    const auto first = std::make_shared<Broadcast>(loop, 1s, table.kept());
    const auto second = std::make_shared<Broadcast>(loop, 1s, table.kept());
    EXPECT_EQ(table.find_or_enter(key, first), nullptr);
    EXPECT_EQ(table.find_or_enter(key, second), first);
    DedupKey other = key;
    other.principal = "another";  // the same hash must not be enough
    EXPECT_EQ(table.find_or_enter(other, second), nullptr);
    table.remove(key, second.get());
    EXPECT_EQ(table.size(), 2U);
    table.remove(key, first.get());
    EXPECT_EQ(table.size(), 1U);
    EXPECT_EQ(table.find_or_enter(key, second), nullptr);
}

}  // namespace
}  // namespace ccr::proxy
