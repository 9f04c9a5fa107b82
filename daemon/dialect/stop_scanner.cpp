// SPDX-License-Identifier: MIT
#include "daemon/dialect/stop_scanner.hpp"

#include <algorithm>
#include <utility>

namespace ccr::dialect {

StopScanner::StopScanner(std::vector<std::string> stops) : stops_(std::move(stops)) {
    std::erase_if(stops_, [](const std::string& stop) { return stop.empty(); });
}

std::string StopScanner::feed(std::string_view text) {
    if (!matched_.empty()) return {};
    std::string all = std::exchange(held_, {});
    all += text;
    std::size_t first = std::string::npos;
    for (const std::string& stop : stops_) {
        const std::size_t at = all.find(stop);
        if (at >= first) continue;
        first = at;
        matched_ = stop;
    }
    const bool found = first != std::string::npos;
    const std::size_t keep = found ? first : all.size() - undecided(all);
    if (!found) held_ = all.substr(keep);
    all.resize(keep);
    return all;
}

std::string StopScanner::flush() {
    return std::exchange(held_, {});
}

// Length of the longest end of `text` that is the beginning of a stop sequence.
std::size_t StopScanner::undecided(std::string_view text) const {
    std::size_t longest = 0;
    for (const std::string& stop : stops_) {
        std::size_t size = std::min(stop.size() - 1, text.size());
        while (size > longest && !text.ends_with(std::string_view(stop).substr(0, size)))
            --size;
        longest = std::max(longest, size);
    }
    return longest;
}

}  // namespace ccr::dialect
