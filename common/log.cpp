// SPDX-License-Identifier: MIT
#include "common/log.hpp"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/ansicolor_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "common/journal.hpp"
#include "common/paths.hpp"

namespace ccr::log {
namespace {

constexpr std::string_view priorities = "7764326";  // by spdlog's levels, off last

char priority_of(std::size_t level) {
    return priorities[std::min(level, priorities.size() - 1)];
}

// "<6>": the priority that the journal takes off the front of a line.
class PriorityFlag : public spdlog::custom_flag_formatter {
  public:
    void format(const spdlog::details::log_msg& message, const std::tm&,
                spdlog::memory_buf_t& out) override {
        out.push_back('<');
        out.push_back(priority_of(static_cast<std::size_t>(message.level)));
        out.push_back('>');
    }
    [[nodiscard]] std::unique_ptr<spdlog::custom_flag_formatter> clone() const override {
        return std::make_unique<PriorityFlag>();
    }
};

// The service manager names the device and inode of the stream it connected to the journal; stderr
// may since have been redirected elsewhere.
bool stderr_is_journal() {
    const auto stream = paths::environment("JOURNAL_STREAM");
    struct stat info {};
    if (!stream || ::fstat(STDERR_FILENO, &info) != 0) return false;
    return *stream == std::to_string(info.st_dev) + ":" + std::to_string(info.st_ino);
}

std::shared_ptr<spdlog::logger> make_logger() {
    std::shared_ptr<spdlog::logger> logger;
    const bool terminal = ::isatty(STDERR_FILENO) == 1 && !paths::environment("NO_COLOR");
    if (stderr_is_journal()) {
        logger = std::make_shared<spdlog::logger>(
            "ccr", std::make_shared<spdlog::sinks::stderr_sink_mt>());
        auto formatter = std::make_unique<spdlog::pattern_formatter>();
        formatter->add_flag<PriorityFlag>('*').set_pattern("%*%v");
        logger->set_formatter(std::move(formatter));
    } else if (terminal) {
        logger = std::make_shared<spdlog::logger>(
            "ccr", std::make_shared<spdlog::sinks::ansicolor_stderr_sink_mt>());
        logger->set_pattern("%Y-%m-%d %H:%M:%S.%e %^%l%$ %v");
    } else {
        logger = std::make_shared<spdlog::logger>(
            "ccr", std::make_shared<spdlog::sinks::stderr_sink_mt>());
        logger->set_pattern("%Y-%m-%d %H:%M:%S.%e %l %v");
    }
    logger->set_level(spdlog::level::info);
    logger->flush_on(spdlog::level::warn);
    return logger;
}

spdlog::logger& logger() {
    static const std::shared_ptr<spdlog::logger> instance = make_logger();
    return *instance;
}

// Null: stderr is not the journal's, or the journal cannot be reached but through it.
Journal* journal() {
    static const std::unique_ptr<Journal> instance = [] {
        auto made = stderr_is_journal() ? std::make_unique<Journal>() : nullptr;
        return made && made->connected() ? std::move(made) : nullptr;
    }();
    return instance.get();
}

class Memory {
  public:
    void add(Level level, std::string_view line) {
        constexpr std::size_t enough = 500;
        const auto now = std::chrono::system_clock::now().time_since_epoch();
        const auto at = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
        const std::lock_guard lock(mutex_);
        lines_.push_back({at, level, std::string(line.substr(0, enough))});
        if (lines_.size() > max_remembered) lines_.pop_front();
    }
    std::vector<Remembered> all() {
        const std::lock_guard lock(mutex_);
        return {lines_.begin(), lines_.end()};
    }

  private:
    std::mutex mutex_;
    std::deque<Remembered> lines_;
};

Memory& memory() {
    static Memory instance;
    return instance;
}

spdlog::level::level_enum native(Level level) {
    return static_cast<spdlog::level::level_enum>(level);
}
static_assert(static_cast<int>(Level::warn) == SPDLOG_LEVEL_WARN);
static_assert(static_cast<int>(Level::off) == SPDLOG_LEVEL_OFF);

bool control(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7F;
}

// What a client or provider sent may be quoted in a line, but must not forge a second one.
std::string one_line(std::string_view line) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (const char c : line) {
        if (!control(c)) {
            out += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out += "\\x";
        out += digits[byte >> 4U];
        out += digits[byte & 15U];
    }
    return out;
}

}  // namespace

void init(Level level) {
    set_level(level);
}

void set_level(Level level) {
    logger().set_level(native(level));
}

bool enabled(Level level) {
    return logger().should_log(native(level));
}

bool takes_fields() {
    return journal() != nullptr;
}

std::vector<Remembered> last_troubles() {
    return memory().all();
}

void write(Level level, std::string_view line) {
    write(level, line, {});
}

void write(Level level, std::string_view line, std::span<const Field> fields) {
    if (!enabled(level)) return;
    std::string changed;
    if (std::any_of(line.begin(), line.end(), control)) {
        changed = one_line(line);
        line = changed;
    }
    if (level >= Level::warn) memory().add(level, line);
    if (!fields.empty() && journal() != nullptr) {
        static std::atomic<std::uint64_t> lost{0};
        const int priority = priority_of(static_cast<std::size_t>(level)) - '0';
        // Behind a journal that does not keep up, stderr would make the caller wait.
        if (!journal()->send(priority, line, fields)) {
            lost.fetch_add(1, std::memory_order_relaxed);
        } else if (const auto count = lost.exchange(0, std::memory_order_relaxed); count > 0) {
            write(Level::warn, "the journal was behind; lines lost: " + std::to_string(count));
        }
        return;
    }
    logger().log(native(level), spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace ccr::log
