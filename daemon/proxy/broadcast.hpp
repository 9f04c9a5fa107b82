// SPDX-License-Identifier: MIT
// One answer for several clients: what the leader's reply says is kept and passed on to followers
// on any loop. Belongs to the leader's loop; followers talk to it by messages only and never have
// more than one piece under way, so that nothing is locked and nobody is overrun.
#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/http/message.hpp"
#include "daemon/http/server.hpp"
#include "daemon/net/loop.hpp"
#include "daemon/net/waiter.hpp"

namespace ccr::proxy {

namespace asio = boost::asio;

// The bytes of an answer so far, in blocks that grow with it: most answers are small, and every
// stream that somebody might still join keeps one.
class AnswerLog {
  public:
    void append(std::string_view bytes);
    // Up to `max` bytes from `offset` on, which must not lie before begin().
    [[nodiscard]] std::string read(std::size_t offset, std::size_t max) const;
    // Gives up what lies before `offset`, in whole blocks.
    void drop_before(std::size_t offset);
    void clear();

    [[nodiscard]] std::size_t begin() const { return begin_; }
    [[nodiscard]] std::size_t end() const { return end_; }

  private:
    std::vector<std::string> blocks_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

// What a follower gets at a time.
struct Delivery {
    bool refused = false;  // nothing came and nothing will: the answer is not to be had here
    std::optional<http::Headers> head;
    int status = 0;
    bool streamed = false;
    std::string bytes;
    bool ended = false;
    bool complete = false;
};

// A follower's letter box, on its own loop.
struct LetterBox {
    net::Waiter arrival;
    Delivery delivery;
};

class Broadcast final : public http::ReplyTap, public std::enable_shared_from_this<Broadcast> {
  public:
    static constexpr std::size_t max_replay = std::size_t{4} << 20U;
    static constexpr std::size_t max_piece = std::size_t{64} << 10U;
    // Of all answers together, kept for those who may still come.
    static constexpr std::size_t max_kept = std::size_t{256} << 20U;

    // `patience`: how long the answer waits for a follower that does not keep up. `kept`: the sum
    // that max_kept bounds.
    Broadcast(net::Loop& home, Millis patience, std::shared_ptr<std::atomic<std::size_t>> kept)
        : home_(home), patience_(patience), kept_(std::move(kept)) {}
    ~Broadcast() override;

    // By the leader, on its loop. `closed`: nobody can join any more; called once at most.
    void attach(http::Reply& reply, std::function<void()> closed);
    void detach();

    // From any loop; `box` belongs to `loop`.
    void join(net::Loop& loop, std::shared_ptr<LetterBox> box);
    void want_more(const std::shared_ptr<LetterBox>& box);
    void leave(const std::shared_ptr<LetterBox>& box);

    // http::ReplyTap
    void on_head(int status, const http::Headers& headers, bool streamed) override;
    void on_body(std::string_view bytes) override;
    void on_end(bool complete) override;
    [[nodiscard]] bool listening() const override { return !followers_.empty(); }
    [[nodiscard]] bool full() const override;
    [[nodiscard]] asio::awaitable<Result<void>> wait_for_room() override;

  private:
    struct Follower {
        net::Loop* loop = nullptr;
        std::shared_ptr<LetterBox> box;
        std::size_t offset = 0;
        bool hungry = true;
        bool has_head = false;
    };

    void admit(Follower follower);
    void feed(Follower& follower);
    void feed_all();
    void trim();
    void remove(const LetterBox* box);
    void drop_slowest();
    void close();
    void account();
    [[nodiscard]] std::size_t slowest() const;

    net::Loop& home_;
    Millis patience_;
    std::shared_ptr<std::atomic<std::size_t>> kept_;
    std::size_t accounted_ = 0;     // of kept_, by this one
    http::Reply* reply_ = nullptr;  // null: over
    std::function<void()> closed_;
    AnswerLog log_;
    http::Headers headers_;
    int status_ = 0;
    bool has_head_ = false;
    bool streamed_ = false;
    bool ended_ = false;
    bool complete_ = false;
    bool joinable_ = true;
    std::vector<Follower> followers_;
    net::Waiter room_;
};

}  // namespace ccr::proxy
