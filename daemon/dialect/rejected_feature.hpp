// SPDX-License-Identifier: MIT
// Which feature of a request did the provider refuse? Private to classify.
#pragma once

#include <string>
#include <string_view>

namespace ccr::dialect {

// The class behind `capability_rejected: `, at which clients leave the feature out and try again.
// Empty unless the text (in lower case) says so beyond doubt.
[[nodiscard]] std::string rejected_feature(std::string_view haystack);

}  // namespace ccr::dialect
