// SPDX-License-Identifier: MIT
#include "daemon/route/system_prompt.hpp"

#include "common/json.hpp"

namespace ccr::route {
namespace {

constexpr std::string_view mark = "<env>";

}  // namespace

std::optional<std::string> with_system_prompt(const chat::Request& request,
                                              std::string_view prompt) {
    const std::string_view source = request.document.source();
    for (const chat::Text& text : request.system) {
        const std::string_view bytes = text.text.bytes;
        const auto at = bytes.rfind(mark);
        if (at == std::string_view::npos) continue;
        const auto begin = static_cast<std::size_t>(bytes.data() - source.data());
        std::string body(source.substr(0, begin));
        json::append_escaped(body, prompt);
        body += source.substr(begin + at);
        return body;
    }
    return std::nullopt;
}

}  // namespace ccr::route
