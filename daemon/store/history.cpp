// SPDX-License-Identifier: MIT
#include "daemon/store/history.hpp"

#include <pthread.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "common/log.hpp"
#include "daemon/store/state_file.hpp"
#include "daemon/store/usage_db.hpp"

namespace ccr::store {
namespace {

constexpr std::int64_t day_seconds = 86'400;
// Memory is dearer than disk.
constexpr unsigned memory_days = 31;

// What belongs to a database beside its file.
constexpr std::array<std::string_view, 2> companions{"-wal", "-shm"};

// Another process that opens or closes the file at this moment holds it alone, and SQLite itself
// does not wait for that.
Result<UsageDb> open_patiently(const std::string& file, std::int64_t now) {
    constexpr int tries = 40;
    constexpr Millis pause{50};
    auto opened = UsageDb::open(file, now);
    for (int i = 1; i < tries && !opened; ++i) {
        if (opened.error().kind != ErrorKind::unavailable) break;
        std::this_thread::sleep_for(pause);
        opened = UsageDb::open(file, now);
    }
    return opened;
}

}  // namespace

History::History(const stats::Book& book, HistoryOptions options)
    : options_(std::move(options)), delta_(book), retention_days_(options_.retention_days) {
    status_.file = options_.file;
    thread_ = std::thread([this] { run(); });
    pthread_setname_np(thread_.native_handle(), "history");
}

History::~History() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    changed_.notify_one();
    thread_.join();
}

bool History::ask(const stats::UsageQuestion& question, Answer answer) {
    {
        const std::lock_guard lock(mutex_);
        if (waiting_.size() >= max_waiting) return false;
        waiting_.push_back({question, std::move(answer)});
    }
    changed_.notify_one();
    return true;
}

void History::set_retention(unsigned days) {
    const std::lock_guard lock(mutex_);
    retention_days_ = days;
}

History::Status History::status() const {
    const std::lock_guard lock(mutex_);
    return status_;
}

std::int64_t History::now() const {
    if (options_.now) return options_.now();
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::seconds>(since).count();
}

void History::run() {
    open();
    std::vector<Waiting> questions;
    bool going = true;
    while (going) {
        questions.clear();
        going = wait(questions);
        write();
        for (const Waiting& each : questions)
            each.answer(database_->read(each.question));
    }
}

bool History::wait(std::vector<Waiting>& questions) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, options_.interval, [this] { return ending_ || !waiting_.empty(); });
    std::swap(questions, waiting_);
    return !ending_;
}

void History::open() {
    if (options_.file.empty()) return use_memory(Error());
    std::error_code ignored;  // shows in the next step
    std::filesystem::create_directories(std::filesystem::path(options_.file).parent_path(),
                                        ignored);
    auto opened = open_patiently(options_.file, now());
    if (!opened && opened.error().kind == ErrorKind::malformed) {
        set_aside(opened.error());
        opened = open_patiently(options_.file, now());
    }
    if (!opened) return use_memory(opened.error());
    database_ = std::make_unique<UsageDb>(std::move(*opened));
}

// In memory there is always room for an empty database; where there is not, there is none for
// anything else.
void History::use_memory(const Error& why) {
    auto opened = UsageDb::open(":memory:", now());
    if (!opened) {
        log::critical("no memory for the history of usage: " + opened.error().chain());
        std::abort();
    }
    database_ = std::make_unique<UsageDb>(std::move(*opened));
    if (options_.file.empty()) return;
    log::warn("usage is not kept over a restart: cannot open " + options_.file + ": " +
              why.chain());
    const std::lock_guard lock(mutex_);
    status_.file.clear();
    status_.trouble = options_.file + ": " + why.chain();
}

void History::set_aside(const Error& why) {
    const std::string reason = why.chain();
    database_.reset();
    const auto aside = store::set_aside(options_.file, now());
    log::warn("the history of usage cannot be read (" + reason + "): " +
              (aside ? "it is now " + *aside : aside.error().chain()) + "; usage begins anew");
    if (!aside) return;
    for (const std::string_view end : companions) {
        std::error_code ignored;  // they need not exist
        std::filesystem::rename(options_.file + std::string(end), *aside + std::string(end),
                                ignored);
    }
    const std::lock_guard lock(mutex_);
    status_.set_aside.push_back(*aside);
}

Result<void> History::try_write() {
    const auto entries = delta_.read();
    if (entries.empty()) return {};
    auto added = database_->add(entries, now());
    if (added) delta_.written();
    return added;
}

void History::write() {
    auto written = try_write();
    if (!written && written.error().kind == ErrorKind::malformed && !status_.file.empty()) {
        set_aside(written.error());
        open();
        written = try_write();
    }
    note(written ? nullptr : &written.error());
    if (written) forget_old(now());
}

// Counted on all the same, and written once it can be.
void History::note(const Error* trouble) {
    const std::string text =
        trouble == nullptr ? std::string() : status_.file + ": " + trouble->chain();
    if (status_.file.empty() || text == status_.trouble) return;
    log::write(trouble == nullptr ? log::Level::info : log::Level::error,
               trouble == nullptr ? "usage is written again" : "usage is not written: " + text);
    const std::lock_guard lock(mutex_);
    status_.trouble = text;
}

void History::forget_old(std::int64_t now) {
    unsigned days = 0;
    {
        const std::lock_guard lock(mutex_);
        days = status_.file.empty() ? std::min(retention_days_, memory_days) : retention_days_;
    }
    const std::int64_t hour = now / 3600;
    if (hour == forgotten_ && days == forgotten_days_) return;
    const auto done = database_->drop_before(now - std::int64_t{days} * day_seconds);
    if (!done) log::warn("old usage is not forgotten: " + done.error().chain());
    forgotten_ = hour;
    forgotten_days_ = days;
}

}  // namespace ccr::store
