// SPDX-License-Identifier: MIT
#include "daemon/chat/request.hpp"

#include <algorithm>

namespace ccr::chat {

void Request::warn(std::string_view field) {
    if (std::find(warnings.begin(), warnings.end(), field) == warnings.end()) {
        warnings.emplace_back(field);
    }
}

}  // namespace ccr::chat
