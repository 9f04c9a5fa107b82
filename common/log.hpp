// SPDX-License-Identifier: MIT
// The log, as thin functions so that only log.cpp pays for the logging library. Lines go to stderr:
// coloured on a terminal, with a systemd priority prefix when stderr is the journal, plain
// otherwise. Callers format their own text and never put a secret or a body into it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ccr::log {

enum class Level : std::uint8_t { trace, debug, info, warn, error, critical, off };

// Once, at the start of main, before other threads exist. Without it, lines of level info and up
// go to stderr.
void init(Level level);
// Any thread, any time; for a reload.
void set_level(Level level);
[[nodiscard]] bool enabled(Level level);

void write(Level level, std::string_view line);

// What the journal keeps beside the line: REQUEST_ID=…, MESSAGE_ID=…. Elsewhere they are left out,
// so a line has to say by itself what matters.
struct Field {
    std::string_view name;
    std::string_view value;
};
void write(Level level, std::string_view line, std::span<const Field> fields);
// Whether fields go anywhere: under the service manager, with stderr as it gave it.
[[nodiscard]] bool takes_fields();

// The last lines of level warn and up; for status pages.
struct Remembered {
    std::int64_t at = 0;  // Unix milliseconds
    Level level = Level::warn;
    std::string line;
};
inline constexpr std::size_t max_remembered = 32;
[[nodiscard]] std::vector<Remembered> last_troubles();

inline void debug(std::string_view line) {
    write(Level::debug, line);
}
inline void info(std::string_view line) {
    write(Level::info, line);
}
inline void warn(std::string_view line) {
    write(Level::warn, line);
}
inline void error(std::string_view line) {
    write(Level::error, line);
}
inline void critical(std::string_view line) {
    write(Level::critical, line);
}

}  // namespace ccr::log
