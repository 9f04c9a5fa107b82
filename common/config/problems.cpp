// SPDX-License-Identifier: MIT
#include "common/config/problems.hpp"

#include "common/text.hpp"

namespace ccr::config {

namespace {

// "api_bas" for "api_base_url": more letters are missing than a slip explains.
bool begins_like(std::string_view shorter, std::string_view longer) {
    return shorter.size() >= 4 && longer.starts_with(shorter);
}

}  // namespace

std::string nearest(std::string_view word, const std::vector<std::string_view>& candidates) {
    const std::string low = lower(word);
    std::string_view best;
    std::size_t best_distance = std::max<std::size_t>(2, word.size() / 3) + 1;
    for (const std::string_view candidate : candidates) {
        const std::size_t distance = edit_distance(low, lower(candidate));
        // Replacing every letter is no misspelling.
        if (distance < best_distance && distance < candidate.size()) {
            best = candidate;
            best_distance = distance;
        }
    }
    if (!best.empty()) return std::string(best);
    for (const std::string_view candidate : candidates) {
        const std::string known = lower(candidate);
        if (begins_like(low, known) || begins_like(known, low)) return std::string(candidate);
    }
    return {};
}

std::string format(const Problem& problem) {
    std::string out = problem.file;
    if (problem.line != 0) {
        out += ':' + std::to_string(problem.line) + ':' + std::to_string(problem.column);
    }
    out += problem.severity == Severity::error ? ": error: " : ": warning: ";
    if (!problem.json_path.empty()) out += problem.json_path + ": ";
    out += problem.message;
    if (!problem.suggestion.empty()) out += " (did you mean \"" + problem.suggestion + "\"?)";
    return out;
}

}  // namespace ccr::config
