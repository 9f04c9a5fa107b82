// SPDX-License-Identifier: MIT
#include "tests/bench/load.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <system_error>

namespace ccr::bench {
namespace {

// New connections without an answer yet; more would only measure the listen queue.
constexpr std::uint64_t max_opening = 64;

std::int64_t now_us() {
    using namespace std::chrono;
    return duration_cast<microseconds>(steady_clock::now().time_since_epoch()).count();
}

std::string escaped(const std::string& text) {
    std::string out;
    for (const char c : text) {
        if (c == '"' || c == '\\') out.push_back('\\');
        out.push_back(static_cast<unsigned char>(c) < 0x20 ? ' ' : c);
    }
    return out;
}

}  // namespace

Load::Load(Options options) : options_(std::move(options)), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    if (epoll_ < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = nullptr;
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, STDIN_FILENO, &event);
    latencies_us_.reserve(std::max(options_.count, options_.connections));
}

Load::~Load() {
    ::close(epoll_);
}

void Load::run() {
    began_us_ = now_us();
    std::string scratch(std::size_t{64} * 1024, '\0');
    std::array<epoll_event, 512> events{};
    open_more();
    while (!all_done()) {
        const int count =
            ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), patience_ms());
        for (int i = 0; i < count; ++i) {
            auto* client = static_cast<Client*>(events[static_cast<std::size_t>(i)].data.ptr);
            if (client != nullptr)
                on_client(client, scratch);
            else if (!on_input())
                return report("stopped");
        }
        open_more();
        if (!told_ready_ && options_.count == 0 && totals_.answering == options_.connections) {
            told_ready_ = true;
            report("ready");
        }
    }
    report("done");
}

bool Load::all_done() const {
    const auto wanted = options_.count == 0 ? options_.connections : options_.count;
    return answers() >= wanted;
}

std::uint64_t Load::answers() const {
    return totals_.finished + totals_.errors;
}

void Load::open_more() {
    const auto limit = options_.count == 0 ? max_opening : options_.connections;
    while (opened_ < options_.connections && opening_ < limit) {
        if (options_.count > 0 && answers() + opening_ >= options_.count) return;
        if (now_us() < next_opening_us()) return;
        auto owner = std::make_unique<Client>(options_.request, totals_);
        auto* client = owner.get();
        ++opened_;
        if (!client->connect(options_.port)) continue;
        ++opening_;
        client->sent_at_us = now_us();
        watch(client, EPOLLIN | EPOLLOUT, true);
        clients_.emplace(client, std::move(owner));
    }
}

std::int64_t Load::next_opening_us() const {
    return began_us_ +
           static_cast<std::int64_t>(options_.spread_ms * 1000 * opened_ / options_.connections);
}

int Load::patience_ms() const {
    if (options_.spread_ms == 0 || opened_ >= options_.connections) return -1;
    const std::int64_t left = next_opening_us() - now_us();
    return static_cast<int>(std::max<std::int64_t>(left, 0) / 1000) + 1;
}

void Load::on_client(Client* client, std::string& scratch) {
    const bool had_first = client->seen_first();
    const auto next = client->on_ready(scratch);
    const bool got_first = client->seen_first() || next == Client::Next::failed;
    if (options_.count == 0 && !had_first && got_first) {
        --opening_;
        if (client->seen_first()) note_latency(*client);
    }
    handle(client, next);
}

void Load::handle(Client* client, Client::Next next) {
    while (next == Client::Next::answered && options_.count > 0) {
        note_latency(*client);
        const bool enough = answers() + opening_ > options_.count;
        if (enough || !client->reusable()) {
            // A closed connection is replaced, so that the load stays the same.
            if (!enough) --opened_;
            --opening_;
            return drop(client);
        }
        client->sent_at_us = now_us();
        next = client->again();
    }
    if (next == Client::Next::answered || next == Client::Next::failed) {
        if (options_.count > 0) {
            --opening_;
            --opened_;
        }
        return drop(client);
    }
    watch(client, next == Client::Next::write ? EPOLLIN | EPOLLOUT : EPOLLIN, false);
}

void Load::drop(Client* client) {
    clients_.erase(client);
}

void Load::watch(Client* client, std::uint32_t events, bool add) {
    if (!add && client->watching == events) return;
    client->watching = events;
    epoll_event event{};
    event.events = events;
    event.data.ptr = client;
    ::epoll_ctl(epoll_, add ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, client->fd(), &event);
}

bool Load::on_input() {
    std::array<char, 64> line{};
    if (::read(STDIN_FILENO, line.data(), line.size()) <= 0) return false;
    report("running");
    return true;
}

void Load::note_latency(const Client& client) {
    latencies_us_.push_back(static_cast<std::uint32_t>(now_us() - client.sent_at_us));
}

std::string Load::latencies() {
    if (latencies_us_.empty()) return {};
    std::sort(latencies_us_.begin(), latencies_us_.end());
    const auto at = [this](std::size_t percent) {
        return std::to_string(latencies_us_[(latencies_us_.size() - 1) * percent / 100]);
    };
    return ",\"p50_us\":" + at(50) + ",\"p99_us\":" + at(99);
}

void Load::report(const char* state) {
    const auto seconds = static_cast<double>(now_us() - began_us_) / 1e6;
    std::printf(
        "{\"state\":\"%s\",\"started\":%llu,\"finished\":%llu,\"errors\":%llu,\"events\":%llu,"
        "\"answering\":%llu,\"seconds\":%.6f%s,\"first_error\":\"%s\"}\n",
        state, static_cast<unsigned long long>(totals_.started),
        static_cast<unsigned long long>(totals_.finished),
        static_cast<unsigned long long>(totals_.errors),
        static_cast<unsigned long long>(totals_.events),
        static_cast<unsigned long long>(totals_.answering), seconds, latencies().c_str(),
        escaped(totals_.first_error).c_str());
    std::fflush(stdout);
}

}  // namespace ccr::bench
