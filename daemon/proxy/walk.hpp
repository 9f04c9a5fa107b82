// SPDX-License-Identifier: MIT
// One request's way along its candidates: which of them is next, what was tried and with what
// result. The decisions of dispatch.cpp, without its waiting.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "daemon/proxy/attempt.hpp"
#include "daemon/proxy/health.hpp"
#include "daemon/proxy/turn.hpp"
#include "daemon/route/retry_plan.hpp"

namespace ccr::proxy {

class Walk {
  public:
    explicit Walk(Turn& turn);

    // Why nobody is asked: the request is about a web search that no candidate can make.
    [[nodiscard]] std::optional<Error> refusal() const;

    // What to do next. After `wait` advance() gives the next one.
    struct Next {
        enum class Do : std::uint8_t { attempt, wait, stop };
        Do what = Do::stop;
        Millis wait{0};
    };

    // The first, and the next one after a wait.
    [[nodiscard]] Next advance();
    // The next one after an attempt that did not settle the request.
    [[nodiscard]] Next after(Outcome outcome);
    // The provider's queue was full, or the wait in it too long: as a failure of the candidate.
    [[nodiscard]] Next turned_away();

    [[nodiscard]] const route::Target& target() const { return *seats_[current_].target; }
    [[nodiscard]] std::size_t credential() const { return credential_; }
    // The request made ready for the target.
    [[nodiscard]] Prepared& prepared();
    // The attempt settled the request.
    void settled(const Outcome& outcome);
    // Nobody wants the answer any more.
    void abandon();
    // After Do::stop: what the client is told.
    [[nodiscard]] Outcome& verdict();

  private:
    [[nodiscard]] Next take(Choice choice);
    [[nodiscard]] Next follow(route::Move move, const Error& failure);
    [[nodiscard]] Next elsewhere();
    [[nodiscard]] bool may_pass(const Error& failure) const;
    [[nodiscard]] std::optional<Next> keep_to_policy(const Choice& choice);
    [[nodiscard]] route::Situation situation(const Outcome& outcome, const Aftermath& aftermath);
    [[nodiscard]] std::optional<std::size_t> larger_window() const;
    [[nodiscard]] bool adapt(const Error& failure);
    void note(Seat& seat, std::string_view what);
    void note_passed_over(std::size_t before);
    void keep(Outcome outcome);
    [[nodiscard]] unsigned most_tries(const Seat& seat) const;
    [[nodiscard]] const config::Dispatch& options() const;
    [[nodiscard]] Health& health() const { return turn_.worker.shared->health; }

    Turn& turn_;
    std::vector<Seat> seats_;
    Clock::time_point deadline_;
    route::RetryPlan plan_;
    bool begun_ = false;
    bool only_current_ = false;  // a retry of the same target comes next
    std::size_t current_ = 0;
    std::size_t credential_ = 0;
    std::uint32_t learned_ = 0;
    std::unique_ptr<Outcome> verdict_;  // the most telling failure so far
};

}  // namespace ccr::proxy
