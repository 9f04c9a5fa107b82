// SPDX-License-Identifier: MIT
#include "daemon/chat/request.hpp"

#include <algorithm>

namespace ccr::chat {
namespace {

constexpr std::size_t max_warnings = 16;
constexpr std::size_t max_length = 64;

// Names of fields come from the client at times, and end in a header's comma-separated list.
bool unfit(char c) {
    return c <= ' ' || c > '~' || c == ',' || c == '"';
}

}  // namespace

void Request::warn(std::string_view field) {
    std::string text(field.substr(0, max_length));
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c != ' ' && unfit(c); }, '?');
    const bool known = std::find(warnings.begin(), warnings.end(), text) != warnings.end();
    if (!known && warnings.size() < max_warnings) warnings.push_back(std::move(text));
}

std::unique_ptr<Request> reply_digest(const Request& request) {
    auto digest = std::make_unique<Request>();
    // One text for all: a stream may be one of thousands.
    std::string all;
    for (const Tool& tool : request.tools)
        all.append(tool.name).append(tool.space);
    for (const Escaped& stop : request.stop_sequences)
        all += stop.bytes;
    all.shrink_to_fit();
    std::string_view rest = digest->keep(std::move(all));
    const auto take = [&rest](std::size_t length) {
        const std::string_view taken = rest.substr(0, length);
        rest.remove_prefix(length);
        return taken;
    };
    digest->tools.resize(request.tools.size());
    for (std::size_t i = 0; i < request.tools.size(); ++i) {
        digest->tools[i].name = take(request.tools[i].name.size());
        digest->tools[i].space = take(request.tools[i].space.size());
        digest->tools[i].freeform = request.tools[i].freeform;
    }
    digest->stream_usage = request.stream_usage;
    digest->stop_sequences.reserve(request.stop_sequences.size());
    for (const Escaped& stop : request.stop_sequences)
        digest->stop_sequences.push_back(Escaped{take(stop.bytes.size())});
    return digest;
}

}  // namespace ccr::chat
