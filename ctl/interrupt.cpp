// SPDX-License-Identifier: MIT
#include "ctl/interrupt.hpp"

#include <array>
#include <csignal>

namespace ccr::ctl {
namespace {

constexpr std::array<int, 4> watched{SIGINT, SIGTERM, SIGHUP, SIGWINCH};

// Written by the handler, which has no other way to tell.
volatile std::sig_atomic_t seen = 0;
volatile std::sig_atomic_t last_seen = 0;
volatile std::sig_atomic_t window_changed = 0;

void note(int signal) {
    if (signal == SIGWINCH) {
        window_changed = 1;
        return;
    }
    seen = seen + 1;
    last_seen = signal;
}

void handle(int signal, void (*with)(int)) {
    struct sigaction action {};
    action.sa_handler = with;
    sigemptyset(&action.sa_mask);
    ::sigaction(signal, &action, nullptr);
}

}  // namespace

Interrupts::Interrupts() {
    seen = 0;
    last_seen = 0;
    for (const int signal : watched)
        handle(signal, note);
}

Interrupts::~Interrupts() {
    for (const int signal : watched)
        handle(signal, SIG_DFL);
}

int Interrupts::count() {
    return static_cast<int>(seen);
}

int Interrupts::last() {
    return static_cast<int>(last_seen);
}

bool Interrupts::resized() {
    const bool changed = window_changed != 0;
    window_changed = 0;
    return changed;
}

void restore_signals() {
    for (const int signal : watched)
        handle(signal, SIG_DFL);
    handle(SIGPIPE, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

}  // namespace ccr::ctl
