// SPDX-License-Identifier: MIT
// What clients' requests have in common, those in OpenAI's two formats above all. Private to the
// doors.
#pragma once

#include <string>
#include <string_view>

#include "common/json.hpp"
#include "common/result.hpp"
#include "daemon/chat/request.hpp"
#include "daemon/dialect/envelope.hpp"
#include "daemon/dialect/overlay.hpp"

namespace ccr::dialect {

[[nodiscard]] inline Error wrong(std::string_view field, std::string_view what) {
    std::string message(field);
    message.append(": ").append(what);
    return {ErrorKind::invalid_request, std::move(message)};
}

// The body as a JSON object; its parse is the request's.
Result<json::Value> read_body(std::string body, chat::Request& request);

// `content` is a string, or an array each part of which `one_part(part, blocks)` reads. Errors do
// not name the place.
template <typename OnePart>
Result<void> read_parts(json::Value content, chat::Blocks& blocks, const OnePart& one_part) {
    if (content.is_string()) {
        if (const chat::Escaped text{content.escaped()}; !text.empty()) {
            blocks.emplace_back(chat::Text{text});
        }
        return {};
    }
    if (!content.present()) return {};
    if (!content.is_array()) {
        return Error(ErrorKind::invalid_request, "content should be a string or an array of parts");
    }
    for (const json::Value part : content.elements()) {
        if (auto done = one_part(part, blocks); !done) return done;
    }
    return {};
}

// The URL of an image, often a data: URL, as a block. Errors do not name the place.
Result<void> add_image(json::Value url, chat::Request& request, chat::Blocks& blocks);
// {filename, file_data | file_id | file_url} as a block; likewise.
Result<void> add_file(json::Value source, chat::Request& request, chat::Blocks& blocks);

// {name, description, parameters, strict} behind the tools that there are.
Result<void> add_function_tool(json::Value function, std::string_view field,
                               chat::Request& request);
// {name, description, format}: one text for input, its grammar told in words.
Result<void> add_custom_tool(json::Value custom, chat::Request& request);
// `options` may say where and for whom to search.
void add_search_tool(json::Value options, chat::Request& request);

// "none", "minimal" … to effort and thinking; absent changes nothing.
Result<void> read_effort(json::Value effort, std::string_view field, chat::Request& request);
// temperature, top_p, top_k.
Result<void> read_sampling(json::Value root, chat::Request& request);
// JSON without a schema; `field` is what the warning names.
void ask_for_object(std::string_view field, chat::Request& request);

// Whether the overlay can be laid over a body that is otherwise sent as it came.
[[nodiscard]] bool members_only(const Overlay& overlay);

}  // namespace ccr::dialect
