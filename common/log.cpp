// SPDX-License-Identifier: MIT
#include "common/log.hpp"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/ansicolor_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <string>

#include "common/paths.hpp"

namespace ccr::log {
namespace {

// "<6>": the priority that the journal takes off the front of a line.
class PriorityFlag : public spdlog::custom_flag_formatter {
  public:
    void format(const spdlog::details::log_msg& message, const std::tm&,
                spdlog::memory_buf_t& out) override {
        constexpr std::string_view priorities = "7764326";  // by spdlog's levels, off last
        const auto level = static_cast<std::size_t>(message.level);
        out.push_back('<');
        out.push_back(priorities[std::min(level, priorities.size() - 1)]);
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

void write(Level level, std::string_view line) {
    if (!enabled(level)) return;
    if (std::any_of(line.begin(), line.end(), control)) {
        logger().log(native(level), one_line(line));
    } else {
        logger().log(native(level), spdlog::string_view_t(line.data(), line.size()));
    }
}

}  // namespace ccr::log
