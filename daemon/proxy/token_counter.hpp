// SPDX-License-Identifier: MIT
// Input tokens of requests: the learned estimate, and the exact count where it matters. Exact
// counts are made by a thread of their own, so that no stream waits for one; it starts with the
// first of them, and so do the vocabularies' files get mapped.
#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/chat/request.hpp"
#include "daemon/net/loop.hpp"
#include "daemon/net/waiter.hpp"
#include "daemon/tokens/encoding.hpp"
#include "daemon/tokens/learned.hpp"

namespace ccr::proxy {

namespace asio = boost::asio;

// The share of a threshold within which an estimate is not trusted to be on the right side of it.
constexpr double near_threshold = 0.15;

class TokenCounter {
  public:
    static constexpr std::size_t max_waiting = 64;                     // counts
    static constexpr std::size_t max_request = std::size_t{8} << 20U;  // bytes of text in one
    static constexpr std::size_t max_waiting_bytes = std::size_t{32} << 20U;  // and in all
    static constexpr Millis limit{2'000};

    // `folders`: where the vocabularies' files are, see rank_folders().
    explicit TokenCounter(std::vector<std::string> folders);
    TokenCounter(const TokenCounter&) = delete;
    TokenCounter& operator=(const TokenCounter&) = delete;
    ~TokenCounter();  // after the loops have ended, before they are destroyed

    // For estimates of requests and for what providers report; any thread.
    [[nodiscard]] tokens::Learned& learned() { return learned_; }

    struct Exact {
        std::int64_t text = 0;     // tokens of all texts
        std::int64_t media = 0;    // images and documents, by their size
        std::int64_t framing = 0;  // what a provider puts around messages and tools, by estimate
    };
    // Nothing where it cannot be counted now: too large, too many waiting, no vocabulary, out of
    // time, cancelled. The estimate has to do then. `request` is read before the first suspension.
    [[nodiscard]] asio::awaitable<std::optional<Exact>> exact(net::Loop& loop,
                                                              const chat::Request& request,
                                                              tokens::Encoding encoding,
                                                              net::CancelScope* scope = nullptr);

    // Tokens for a comparison with `threshold`: the estimate as learned for `model` (a key as
    // learned().learn() gets it), or texts and media counted exactly where that is near the
    // threshold. The estimate is read before the first suspension.
    struct Compared {
        std::int64_t tokens = 0;
        bool sure = true;  // false: near the threshold, and could not be counted exactly
    };
    struct Question {
        const tokens::Estimate& estimate;
        std::string_view model;
        tokens::Encoding encoding;
        std::int64_t threshold;
    };
    [[nodiscard]] asio::awaitable<Compared> compare(net::Loop& loop, const chat::Request& request,
                                                    Question question,
                                                    net::CancelScope* scope = nullptr);

  private:
    struct Job;
    class Bench;  // the thread and what only it touches

    [[nodiscard]] bool enqueue(const std::shared_ptr<Job>& job);
    Bench& bench();

    std::vector<std::string> folders_;
    tokens::Learned learned_;
    std::atomic<std::size_t> waiting_{0};
    std::atomic<std::size_t> waiting_bytes_{0};
    std::mutex mutex_;  // of bench_'s making
    std::unique_ptr<Bench> bench_;
};

}  // namespace ccr::proxy
