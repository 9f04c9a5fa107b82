// SPDX-License-Identifier: MIT
#include "daemon/proxy/event_feed.hpp"

#include <gtest/gtest.h>

#include "daemon/net/spawn.hpp"

namespace ccr::proxy {
namespace {

using Lines = std::vector<EventFeed::Line>;

control::Event event(std::int64_t at) {
    control::Event out;
    out.type = "state";
    out.at = at;
    return out;
}

asio::awaitable<void> take_into(EventFeed::Box& box, net::Loop& loop, Lines& into) {
    into = co_await box.take(Millis{1000}, nullptr);
    loop.shutdown();
}

Lines taken(EventFeed& feed, net::Loop& loop, int events) {
    const auto box = feed.listen(loop);
    for (int i = 1; i <= events; ++i)
        feed.tell(event(i));
    Lines lines;
    net::spawn(loop, "reader", take_into(*box, loop, lines));
    loop.run();
    feed.leave(box);
    return lines;
}

TEST(EventFeed, KeepsTheOrder) {
    EventFeed feed;
    net::Loop loop;
    EXPECT_FALSE(feed.heard());
    const auto lines = taken(feed, loop, 2);
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_EQ(*lines[0], R"({"type":"state","at":1})");
    EXPECT_EQ(*lines[1], R"({"type":"state","at":2})");
    EXPECT_FALSE(feed.heard());
}

TEST(EventFeed, TellsHowManyWereMissed) {
    EventFeed feed;
    net::Loop loop;
    const auto lines = taken(feed, loop, static_cast<int>(EventFeed::max_waiting) + 7);
    ASSERT_EQ(lines.size(), EventFeed::max_waiting + 1);
    const auto last = control::from_json<control::Event>(*lines.back());
    ASSERT_TRUE(last);
    EXPECT_EQ(last->type, "lagged");
    EXPECT_EQ(last->missed, 7);
}

TEST(EventFeed, TakesSoManyListenersOnly) {
    EventFeed feed;
    net::Loop loop;
    std::vector<std::shared_ptr<EventFeed::Box>> boxes;
    for (std::size_t i = 0; i < EventFeed::max_listeners; ++i)
        boxes.push_back(feed.listen(loop));
    EXPECT_EQ(feed.listen(loop), nullptr);
    feed.leave(boxes.front());
    EXPECT_NE(feed.listen(loop), nullptr);
}

}  // namespace
}  // namespace ccr::proxy
