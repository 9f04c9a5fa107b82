// SPDX-License-Identifier: MIT
// What the command line said, as a command reads it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ccr::ctl {

// Whose service: the system's, this user's, or whichever is there.
enum class Scope : std::uint8_t { automatic, system, user };

struct Arguments {
    // By the option's name without dashes. A flag that was given has one empty value.
    std::map<std::string, std::vector<std::string>, std::less<>> options;
    // In order. Of a verbatim command: everything after its name, untouched.
    std::vector<std::string> operands;

    [[nodiscard]] bool has(std::string_view option) const { return options.contains(option); }
    // The last one given.
    [[nodiscard]] std::optional<std::string> value(std::string_view option) const;
    [[nodiscard]] std::vector<std::string> values(std::string_view option) const;
    // Empty if there are fewer.
    [[nodiscard]] std::string operand(std::size_t index) const;

    [[nodiscard]] bool json() const { return has("json"); }
    [[nodiscard]] std::string config() const { return value("config").value_or(""); }
    [[nodiscard]] std::string control() const { return value("control").value_or(""); }
    [[nodiscard]] Scope scope() const;
};

}  // namespace ccr::ctl
