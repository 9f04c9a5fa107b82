// SPDX-License-Identifier: MIT
#include "daemon/dialect/system_text.hpp"

#include <cstddef>

namespace ccr::dialect {
namespace {

constexpr std::string_view billing_header = "x-anthropic-billing-header:";
constexpr std::string_view line_break = R"(\n)";  // escaped: two characters

}  // namespace

std::string_view without_billing_header(std::string_view text) {
    if (!text.starts_with(billing_header)) return text;
    for (std::size_t i = 0; i + 1 < text.size(); ++i) {
        if (text[i] != '\\') continue;
        if (text[i + 1] == 'n') {
            text.remove_prefix(i + 2);
            while (text.starts_with(line_break))
                text.remove_prefix(line_break.size());
            return text;
        }
        ++i;
    }
    return {};
}

}  // namespace ccr::dialect
