// SPDX-License-Identifier: MIT
#pragma once

#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/config/load.hpp"

namespace ccr::testing {

using Variables = std::map<std::string, std::string, std::less<>>;

inline config::Lookup variables(Variables values) {
    return [values = std::move(values)](std::string_view name) -> std::optional<std::string> {
        const auto found = values.find(name);
        return found == values.end() ? std::nullopt : std::optional(found->second);
    };
}

inline config::Loaded load(std::string_view text, Variables values = {}) {
    return config::load_text(text, "c.json", variables(std::move(values)));
}

// Each problem as it is printed, without the "c.json:" in front.
inline std::vector<std::string> messages(const config::Loaded& loaded) {
    std::vector<std::string> out;
    for (const config::Problem& problem : loaded.problems) {
        const std::string line = format(problem);
        out.push_back(line.starts_with("c.json:") ? line.substr(7) : line);
    }
    return out;
}

inline std::string read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

inline std::string sample(const std::string& name) {
    return read_file(std::string(CCR_TEST_DATA) + "/config/" + name);
}

}  // namespace ccr::testing
