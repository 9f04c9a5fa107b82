// SPDX-License-Identifier: MIT
#include "daemon/proxy/custom_router.hpp"

#include <chrono>

#include "common/log.hpp"
#include "daemon/net/child.hpp"
#include "daemon/proxy/turn.hpp"

namespace ccr::proxy {
namespace {

constexpr Millis between_lines{10'000};

std::unique_ptr<Hook> make_hook(net::Loop& loop, const Config& config) {
    using Kind = config::CustomRouter::Kind;
    switch (config.custom_router.kind) {
        case Kind::none:
            break;
        case Kind::executable:
            return make_program_hook(loop, config.custom_router);
        case Kind::javascript:
            return make_node_hook(loop, config);
        case Kind::unix_socket:
        case Kind::http:
            return make_http_hook(loop, config.custom_router);
    }
    return nullptr;
}

class ProgramHook final : public Hook {
  public:
    ProgramHook(net::Loop& loop, const config::CustomRouter& config)
        : loop_(loop), path_(config.path), budget_(config.budget) {}

    asio::awaitable<Result<std::string>> ask(const Question& question,
                                             const OnGone& on_gone) override {
        const std::string input = summary(question);
        net::CancelScope scope;
        on_gone([&scope] { scope.cancel(); });
        const std::vector<std::string> command{path_};
        auto answer = co_await net::run_program(loop_, command, input, budget_,
                                                CustomRouter::max_answer, &scope);
        on_gone(nullptr);
        co_return answer;
    }

  private:
    net::Loop& loop_;
    std::string path_;
    Millis budget_;
};

class Waiting {
  public:
    explicit Waiting(unsigned& count) : count_(count) { ++count_; }
    ~Waiting() { --count_; }
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;

  private:
    unsigned& count_;
};

}  // namespace

std::unique_ptr<Hook> make_program_hook(net::Loop& loop, const config::CustomRouter& config) {
    return std::make_unique<ProgramHook>(loop, config);
}

CustomRouter::CustomRouter(net::Loop& loop, const Config& config, stats::Shard& stats)
    : hook_(make_hook(loop, config)), stats_(stats) {}

asio::awaitable<std::string> CustomRouter::ask(Question question, OnGone on_gone) {
    if (!hook_) co_return std::string();
    if (waiting_ >= max_waiting) {
        complain("too many requests wait for it");
        co_return std::string();
    }
    const Waiting waiting(waiting_);
    auto answer = co_await hook_->ask(question, on_gone);
    if (!answer && answer.error().kind == ErrorKind::cancelled) co_return std::string();
    auto target = answer ? target_in(*answer) : std::move(answer);
    if (!target) {
        complain(target.error().chain());
        co_return std::string();
    }
    if (target->empty()) stats_.custom_router(stats::HookResult::none);
    co_return std::move(*target);
}

void CustomRouter::complain(std::string_view what) {
    stats_.custom_router(stats::HookResult::failed);
    const auto now = std::chrono::steady_clock::now();
    if (said_ != SteadyTime{} && now - said_ < between_lines) {
        ++unsaid_;
        return;
    }
    std::string line = "the custom router is ignored: " + printable(what, 300);
    if (unsaid_ > 0) line += " (and " + std::to_string(unsaid_) + " times before)";
    log::warn(line);
    said_ = now;
    unsaid_ = 0;
}

}  // namespace ccr::proxy
