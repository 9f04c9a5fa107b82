// SPDX-License-Identifier: MIT
#include "daemon/dialect/code_tracker.hpp"

namespace ccr::dialect {
namespace {

constexpr std::uint32_t shortest_fence = 3;

}  // namespace

void CodeTracker::read(char c) {
    if (run_ > 0 && c == run_mark_) {
        ++run_;
        return;
    }
    end_run();
    if (c == '`' || (c == '~' && line_start_)) {
        run_ = 1;
        run_mark_ = c;
        run_leads_ = line_start_;
        line_start_ = false;
    } else if (c == '\n') {
        line_start_ = true;
        span_ = 0;  // a forgotten mark must not turn the rest of the reply into code
    } else if (c != ' ' && c != '\t' && c != '\r') {
        line_start_ = false;
    }
}

bool CodeTracker::inside() const {
    CodeTracker next = *this;
    next.end_run();
    return next.fence_ > 0 || next.span_ > 0;
}

void CodeTracker::end_run() {
    if (run_ == 0) return;
    if (fence_ > 0) {
        if (run_leads_ && run_mark_ == fence_mark_ && run_ >= fence_) fence_ = 0;
    } else if (run_leads_ && run_ >= shortest_fence) {
        fence_ = run_;
        fence_mark_ = run_mark_;
    } else if (run_mark_ == '`') {
        if (span_ == 0) {
            span_ = run_;
        } else if (span_ == run_) {
            span_ = 0;
        }
    }
    run_ = 0;
}

}  // namespace ccr::dialect
