// SPDX-License-Identifier: MIT
// Ctrl-C and its kin for commands that wait: counted, so that the first one can be answered with a
// word and the second one obeyed.
#pragma once

namespace ccr::ctl {

// While it lives SIGINT, SIGTERM and SIGHUP are counted instead of ending the process, and SIGWINCH
// interrupts what is waited for. At most one at a time.
class Interrupts {
  public:
    Interrupts();
    Interrupts(const Interrupts&) = delete;
    Interrupts& operator=(const Interrupts&) = delete;
    ~Interrupts();

    [[nodiscard]] static int count();
    [[nodiscard]] static int last();      // signal number; 0: none yet
    [[nodiscard]] static bool resized();  // since the last call
};

// What a program started from here expects: no signal ignored or blocked by us.
void restore_signals();

}  // namespace ccr::ctl
