// SPDX-License-Identifier: MIT
#include "common/journal.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstring>
#include <filesystem>

namespace ccr::log {
namespace {

using namespace std::string_literals;

TEST(Journal, WritesAFieldPerLineAndLongOnesByTheirLength) {
    const std::array<Field, 2> fields{{{"TIER", "tier-1"}, {"NOTE", "a\nb"}}};
    EXPECT_EQ(journal_entry(6, "served", fields),
              "MESSAGE=served\nPRIORITY=6\nSYSLOG_IDENTIFIER=ccrd\nTIER=tier-1\n"
              "NOTE\n\x03\0\0\0\0\0\0\0a\nb\n"s);
}

// A journal that never reads.
class Deaf {
  public:
    explicit Deaf(const std::string& path) : fd_(::socket(AF_UNIX, SOCK_DGRAM, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
        const auto* where = static_cast<const sockaddr*>(static_cast<const void*>(&address));
        bound_ = ::bind(fd_, where, sizeof address) == 0;
    }
    Deaf(const Deaf&) = delete;
    Deaf& operator=(const Deaf&) = delete;
    ~Deaf() { ::close(fd_); }
    [[nodiscard]] bool bound() const { return bound_; }
    std::string read() {
        std::array<char, 4096> room{};
        const auto count = ::recv(fd_, room.data(), room.size(), MSG_DONTWAIT);
        return {room.data(), count < 0 ? 0 : static_cast<std::size_t>(count)};
    }

  private:
    int fd_;
    bool bound_ = false;
};

TEST(Journal, DoesNotWaitForOneThatIsBehind) {
    const auto path = std::filesystem::temp_directory_path() /
                      ("ccr-journal-" + std::to_string(::getpid()) + ".sock");
    Deaf deaf(path.string());
    ASSERT_TRUE(deaf.bound());
    Journal journal(path.string());
    std::filesystem::remove(path);
    ASSERT_TRUE(journal.connected());
    bool taken = true;
    int lines = 0;
    const auto from = std::chrono::steady_clock::now();
    for (; taken && lines < 100'000; ++lines)
        taken = journal.send(6, "line", {});
    EXPECT_FALSE(taken);
    EXPECT_LT(std::chrono::steady_clock::now() - from, std::chrono::seconds(10));
    EXPECT_EQ(deaf.read(), "MESSAGE=line\nPRIORITY=6\nSYSLOG_IDENTIFIER=ccrd\n");
    EXPECT_TRUE(journal.send(6, "there is room again", {}));
}

TEST(Journal, IsNotThereWhereThereIsNone) {
    const Journal none("/nonexistent/journal/socket");
    EXPECT_FALSE(none.connected());
}

}  // namespace
}  // namespace ccr::log
