// SPDX-License-Identifier: MIT
#include "daemon/dialect/reply_body.hpp"

#include "common/text.hpp"

namespace ccr::dialect {

Result<json::Value> parse_reply(std::string_view body, json::Document& document) {
    body = trim(body);  // some send blank lines while they think
    if (body.empty()) return Error(ErrorKind::malformed, "the provider's reply is empty");
    if (body.front() == '<') {
        return Error(ErrorKind::malformed, "the provider answered with an HTML page");
    }
    auto root = document.parse_view(body);
    if (!root) return Error(ErrorKind::malformed, "the provider's reply is no JSON");
    return root;
}

}  // namespace ccr::dialect
