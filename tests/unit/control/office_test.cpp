// SPDX-License-Identifier: MIT
#include "daemon/control/office.hpp"

#include <gtest/gtest.h>
#include <poll.h>

namespace ccr::control {
namespace {

class CountingMaster : public Master {
  public:
    ReloadResult reload() override { return {}; }
    void drain() override { ++drains; }
    void stop(bool) override {}
    int drains = 0;
};

bool readable(int fd) {
    pollfd source{fd, POLLIN, 0};
    return ::poll(&source, 1, 0) == 1;
}

TEST(Office, PassesTasksToTheMainThread) {
    Office office;
    CountingMaster master;
    EXPECT_FALSE(readable(office.fd()));
    for (std::size_t i = 0; i < Office::max_tasks; ++i)
        EXPECT_TRUE(office.post([](Master& each) { each.drain(); }));
    EXPECT_FALSE(office.post([](Master& each) { each.drain(); }));
    EXPECT_TRUE(readable(office.fd()));
    office.work(master);
    EXPECT_EQ(master.drains, static_cast<int>(Office::max_tasks));
    EXPECT_FALSE(readable(office.fd()));
    EXPECT_TRUE(office.post([](Master&) {}));
}

}  // namespace
}  // namespace ccr::control
