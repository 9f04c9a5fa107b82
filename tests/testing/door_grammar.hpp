// SPDX-License-Identifier: MIT
// Reads the streams of OpenAI's two formats the way strict clients do and complains about anything
// that these do not allow. Knows nothing of the code that wrote them.
#pragma once

#include <string>
#include <string_view>

namespace ccr::testing {

// The first violation, or nothing. The stream has to be at its end: [DONE] or an error.
[[nodiscard]] std::string problem_of_chat_stream(std::string_view stream);

// The same; its end is one of three events.
[[nodiscard]] std::string problem_of_responses_stream(std::string_view stream);

}  // namespace ccr::testing
