// SPDX-License-Identifier: MIT
#include "common/config/problems.hpp"

#include "common/text.hpp"

namespace ccr::config {

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
    return std::string(best);
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
