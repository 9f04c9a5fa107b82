// SPDX-License-Identifier: MIT
// Which conversation a request belongs to. Names come from the client and end in file names and
// maps, so only plain ones count.
#pragma once

#include <string>
#include <string_view>

namespace ccr::route {

// 1 to 128 of [A-Za-z0-9_-].
[[nodiscard]] bool valid_session_id(std::string_view id);

// The header x-claude-code-session-id, else from metadata.user_id: the member session_id of a JSON
// text, or what stands behind "_session_". Empty if there is none that is valid.
[[nodiscard]] std::string session_id(std::string_view header, std::string_view user_id);

}  // namespace ccr::route
