// SPDX-License-Identifier: MIT
// What was used, over restarts: the loops count, a thread of its own writes down what was added
// about once a second and answers questions. Nothing on the request path waits for it.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "common/result.hpp"
#include "common/time.hpp"
#include "daemon/stats/usage_delta.hpp"
#include "daemon/stats/usage_history.hpp"

namespace ccr::store {

class UsageDb;

struct HistoryOptions {
    std::string file;  // empty: in memory
    unsigned retention_days = 400;
    Millis interval{900};               // between writes; none if nothing was added
    std::function<std::int64_t()> now;  // Unix seconds; empty: the clock
};

class History {
  public:
    using Answer = std::function<void(Result<stats::UsageHistory>)>;
    static constexpr std::size_t max_waiting = 64;  // questions

    struct Status {
        std::string file;                    // empty: nothing is kept over a restart
        std::vector<std::string> set_aside;  // damaged files, by their new names
        std::string trouble;                 // why nothing can be written now; empty: it can
    };

    // `book` must outlive it.
    History(const stats::Book& book, HistoryOptions options);
    History(const History&) = delete;
    History& operator=(const History&) = delete;
    ~History();  // writes what is left; questions that still wait are answered

    // All that was counted before the question is in the answer. `answer` is called once, on the
    // history's thread, and must be short. False: too many are waiting, and it is not called.
    [[nodiscard]] bool ask(const stats::UsageQuestion& question, Answer answer);
    void set_retention(unsigned days);
    [[nodiscard]] Status status() const;

  private:
    struct Waiting {
        stats::UsageQuestion question;
        Answer answer;
    };

    void run();
    // False: it is to end.
    bool wait(std::vector<Waiting>& questions);
    void write();
    [[nodiscard]] Result<void> try_write();
    void open();
    void use_memory(const Error& why);
    void set_aside(const Error& why);
    void forget_old(std::int64_t now);
    void note(const Error* trouble);
    [[nodiscard]] std::int64_t now() const;

    HistoryOptions options_;
    // The thread's only:
    stats::UsageDelta delta_;
    std::unique_ptr<UsageDb> database_;
    std::int64_t forgotten_ = 0;  // when, in hours
    unsigned forgotten_days_ = 0;

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Waiting> waiting_;
    unsigned retention_days_;
    bool ending_ = false;
    Status status_;
    std::thread thread_;  // last: it uses all of the above
};

}  // namespace ccr::store
