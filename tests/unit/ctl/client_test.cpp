// SPDX-License-Identifier: MIT
// The control channel's client against a socket that says what each test wants.
#include "ctl/client.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <thread>

#include "ctl/command.hpp"

namespace ccr::ctl {
namespace {

namespace fs = std::filesystem;

// Answers one connection with the given pieces and closes it.
class Peer {
  public:
    Peer() {
        std::string pattern = (fs::temp_directory_path() / "ccr-peer-XXXXXX").string();
        if (::mkdtemp(pattern.data()) != nullptr) folder_ = pattern;
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        const std::string file = path();
        std::memcpy(address.sun_path, file.data(), file.size());
        listening_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const auto* const where = static_cast<const void*>(&address);
        EXPECT_EQ(::bind(listening_, static_cast<const sockaddr*>(where), sizeof address), 0);
        EXPECT_EQ(::listen(listening_, 4), 0);
    }
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;
    ~Peer() {
        if (thread_.joinable()) thread_.join();
        ::close(listening_);
        fs::remove_all(folder_);
    }

    [[nodiscard]] std::string path() const { return folder_ + "/s"; }
    [[nodiscard]] const std::string& request() const { return request_; }

    void answer(std::vector<std::string> pieces, bool keep_open = false) {
        thread_ = std::thread([this, pieces = std::move(pieces), keep_open] {
            const int fd = ::accept(listening_, nullptr, nullptr);
            char text[4096];
            while (request_.find("\r\n\r\n") == std::string::npos) {
                const ssize_t n = ::recv(fd, text, sizeof text, 0);
                if (n <= 0) break;
                request_.append(text, static_cast<std::size_t>(n));
            }
            for (const std::string& piece : pieces)
                ::send(fd, piece.data(), piece.size(), MSG_NOSIGNAL);
            // Until the client leaves.
            while (keep_open && ::recv(fd, text, sizeof text, 0) > 0) {
            }
            ::close(fd);
        });
    }
    void join() { thread_.join(); }

  private:
    std::string folder_;
    int listening_ = -1;
    std::string request_;
    std::thread thread_;
};

TEST(Client, ReadsChunksAndLengths) {
    for (const auto& pieces : std::vector<std::vector<std::string>>{
             {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"},
             {"HTTP/1.1 200 OK\r\nTransfer-", "Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r",
              "\nllo\r\n0\r\n\r\n"},
             {"HTTP/1.1 200 OK\r\n\r\nhel", "lo"}}) {
        Peer peer;
        peer.answer(pieces);
        Client client(std::vector<std::string>{peer.path()});
        const auto answer = client.get("/v1/usage?by=day");
        ASSERT_TRUE(answer) << answer.error().chain();
        EXPECT_EQ(answer->body, "hello");
        EXPECT_EQ(client.used(), peer.path());
        peer.join();
        EXPECT_TRUE(peer.request().starts_with("GET /v1/usage?by=day HTTP/1.1\r\nHost: ccr\r\n"));
    }
}

TEST(Client, GivesTheDaemonsOwnWords) {
    Peer peer;
    peer.answer(
        {"HTTP/1.1 400 Bad\r\nContent-Length: 37\r\n\r\n"
         R"({"error":{"message":"by: what is x"}})"});
    Client client(std::vector<std::string>{peer.path()});
    const auto answer = client.get("/v1/usage?by=x");
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().detail, "by: what is x");
    EXPECT_EQ(exit_code(answer.error()), exit_usage);
}

struct Bad {
    std::vector<std::string> pieces;
    ErrorKind kind;
};

TEST(Client, BadAnswersAreErrors) {
    for (const Bad& bad :
         {Bad{{}, ErrorKind::eof}, Bad{{"HTTP/1.1 200 OK\r\nContent-Le"}, ErrorKind::eof},
          Bad{{"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhe"}, ErrorKind::eof},
          Bad{{"SSH-2.0-OpenSSH_9.2\r\n"}, ErrorKind::malformed}}) {
        Peer peer;
        peer.answer(bad.pieces);
        Client client(std::vector<std::string>{peer.path()});
        const auto answer = client.get("/");
        ASSERT_FALSE(answer);
        EXPECT_EQ(answer.error().kind, bad.kind) << answer.error().chain();
    }
}

TEST(Client, DoesNotWaitForEver) {
    Peer peer;
    peer.answer({"HTTP/1.1 200 OK\r\n"}, true);
    Client client(std::vector<std::string>{peer.path()});
    const auto answer = client.exchange({.target = "/", .limit = Millis{50}});
    ASSERT_FALSE(answer);
    EXPECT_EQ(exit_code(answer.error()), exit_tempfail);
}

TEST(Client, NobodyThereIsNotRunning) {
    Client client(std::vector<std::string>{"/nonexistent/a", "/nonexistent/b"});
    const auto answer = client.get("/");
    ASSERT_FALSE(answer);
    EXPECT_EQ(exit_code(answer.error()), exit_not_running);
    EXPECT_EQ(answer.error().detail, "ccrd is not running; ccr start starts it");
    Client longest(std::vector<std::string>{"/" + std::string(200, 'x')});
    EXPECT_FALSE(longest.get("/"));
}

TEST(Client, TakesTheFirstSocketThatSomebodyListensOn) {
    Peer peer;
    peer.answer({"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"});
    Client client(std::vector<std::string>{"/nonexistent/a", peer.path()});
    ASSERT_TRUE(client.get("/"));
    EXPECT_EQ(client.used(), peer.path());
}

TEST(Client, StreamsEvents) {
    Peer peer;
    peer.answer(
        {"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n",
         "16\r\nevent: drain\ndata: 1\n\n\r\n", "9\r\ndata: 2\n\n\r\n", "0\r\n\r\n"});
    Client client(std::vector<std::string>{peer.path()});
    std::string seen;
    const auto done =
        client.stream({.target = "/"}, [&](std::string_view name, std::string_view data) {
            seen += std::string(name) + "=" + std::string(data) + ";";
            return true;
        });
    EXPECT_TRUE(done);
    EXPECT_EQ(seen, "drain=1;=2;");
}

TEST(Client, AStreamEndsWhenTold) {
    Peer peer;
    peer.answer({"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n"}, true);
    Client client(std::vector<std::string>{peer.path()});
    int turns = 0;
    EXPECT_TRUE(client.stream(
        {.target = "/"}, [](auto, auto) { return true; }, [&] { return ++turns < 3; }));
    EXPECT_EQ(turns, 3);
}

}  // namespace
}  // namespace ccr::ctl
