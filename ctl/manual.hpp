// SPDX-License-Identifier: MIT
// The manual's pages about ccr, in mdoc, made from the rows: "ccr" and "ccr-<group>" for each group
// with a description. man/*.1 are these texts; tests/unit/ctl compares them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ccr::ctl {

[[nodiscard]] std::vector<std::string> manual_pages();
// Nothing if there is no such page.
[[nodiscard]] std::optional<std::string> manual_page(std::string_view name);

}  // namespace ccr::ctl
