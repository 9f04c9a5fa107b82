// SPDX-License-Identifier: MIT
#include "daemon/http/request_head.hpp"

#include <string_view>

#include "common/text.hpp"

namespace ccr::http {

std::string request_head(const ClientRequest& request) {
    std::string out;
    std::size_t length = 0;
    for (const auto piece : request.body)
        length += piece.size();
    out.reserve(512 + request.target.size());
    out += request.method;
    out += ' ';
    out += request.target;
    out += " HTTP/1.1\r\nhost: ";
    out += request.origin->authority;
    out += "\r\n";
    for (const auto [name, value] : *request.headers) {
        out += name;
        out += ": ";
        out += value;
        out += "\r\n";
    }
    const bool bare = request.body.empty() && (request.method == "GET" || request.method == "HEAD");
    if (!bare) {
        out += "content-length: ";
        append_number(out, length);
        out += "\r\n";
    }
    out += "\r\n";
    return out;
}

bool safe_head(const ClientRequest& request) {
    const auto unsafe = [](std::string_view text) {
        return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
    };
    if (unsafe(request.target) || request.target.find(' ') != std::string_view::npos) return false;
    for (const auto [name, value] : *request.headers) {
        if (name.empty() || unsafe(name) || unsafe(value)) return false;
    }
    return true;
}

}  // namespace ccr::http
