// SPDX-License-Identifier: MIT
#include "ctl/screen.hpp"

#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <string_view>
#include <utility>

#include "ctl/print.hpp"

namespace ccr::ctl {
namespace {

constexpr std::string_view enter = "\x1b[?1049h\x1b[?25l";
constexpr std::string_view leave = "\x1b[?25h\x1b[?1049l";
constexpr std::array<int, 6> fatal{SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGQUIT};

// What a fatal signal's handler puts back; nothing else reaches it.
termios saved;
volatile std::sig_atomic_t taken = 0;

void give_back() {
    if (taken == 0) return;
    taken = 0;
    // Nothing can be done when it fails; the process is on its way out.
    const ssize_t n = ::write(STDOUT_FILENO, leave.data(), leave.size());
    static_cast<void>(n);
    ::tcsetattr(STDIN_FILENO, TCSANOW, &saved);
}

void on_fatal(int signal) {
    give_back();
    ::raise(signal);  // with the default action, which SA_RESETHAND has put in place
}

void on_fatal_signals(void (*handler)(int), unsigned flags) {
    for (const int signal : fatal) {
        struct sigaction action {};
        action.sa_handler = handler;
        action.sa_flags = static_cast<int>(flags);
        sigemptyset(&action.sa_mask);
        ::sigaction(signal, &action, nullptr);
    }
}

constexpr std::array<std::pair<std::string_view, Key>, 16> keys{{
    {"\x1b[A", Key::up},
    {"\x1bOA", Key::up},
    {"k", Key::up},
    {"\x1b[B", Key::down},
    {"\x1bOB", Key::down},
    {"j", Key::down},
    {"\x1b[5~", Key::page_up},
    {"\x1b[6~", Key::page_down},
    {" ", Key::page_down},
    {"\x1b[H", Key::home},
    {"\x1bOH", Key::home},
    {"\x1b[1~", Key::home},
    {"g", Key::home},
    {"q", Key::quit},
    {"Q", Key::quit},
    {"\x04", Key::quit},
}};

}  // namespace

Screen::Screen() {
    if (::tcgetattr(STDIN_FILENO, &saved) != 0) return;
    taken = 1;
    on_fatal_signals(on_fatal, SA_RESETHAND);
    termios raw = saved;
    raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    raw.c_cc[VSUSP] = _POSIX_VDISABLE;  // stopped, the terminal would be left as it is now
    raw.c_cc[VMIN] = 0;
    raw.c_cc[VTIME] = 0;
    ::tcsetattr(STDIN_FILENO, TCSANOW, &raw);
    out(enter);
}

Screen::~Screen() {
    give_back();
    on_fatal_signals(SIG_DFL, 0);
}

void Screen::draw(const std::vector<std::string>& lines) {
    std::string text = "\x1b[H";
    for (std::size_t i = 0; i < lines.size(); ++i)
        text += lines[i] + (i + 1 < lines.size() ? "\x1b[K\r\n" : "\x1b[K");
    out(text + "\x1b[J");
}

Key Screen::key() {
    pollfd entry{STDIN_FILENO, POLLIN, 0};
    if (::poll(&entry, 1, 0) > 0) {
        char piece[64];
        const ssize_t n = ::read(STDIN_FILENO, piece, sizeof piece);
        if (n > 0) typed_.append(piece, static_cast<std::size_t>(n));
        if (n == 0) return Key::quit;  // the terminal is gone
    }
    while (!typed_.empty()) {
        for (const auto& [text, key] : keys) {
            if (!typed_.starts_with(text)) continue;
            typed_.erase(0, text.size());
            return key;
        }
        // The begin of a longer one; its rest comes with the next read.
        if (typed_.starts_with('\x1b') && typed_.size() < 4) return Key::none;
        typed_.erase(0, 1);
    }
    return Key::none;
}

}  // namespace ccr::ctl
