// SPDX-License-Identifier: MIT
#include "daemon/dialect/history_text.hpp"

#include <string_view>

#include "common/json.hpp"

namespace ccr::dialect {
namespace {

constexpr std::string_view line_break = R"(\n)";

std::string use_text(const chat::ServerToolUse& use) {
    std::string out = "[";
    json::append_escaped(out, use.name);
    out += ": ";
    json::append_escaped(out, use.input);
    out += "]";
    return out;
}

void append_field(std::string& out, json::Value item, std::string_view field) {
    const std::string_view text = item[field].escaped();
    if (text.empty()) return;
    if (!out.empty()) out += line_break;
    out += text;
}

// One entry of a result list: whatever of it is meant to be read. Encrypted parts are for the
// provider that made them.
void append_item(std::string& out, json::Value item) {
    constexpr std::string_view readable[] = {"error_code", "title",  "url",      "text",
                                             "stdout",     "stderr", "tool_name"};
    for (const std::string_view field : readable)
        append_field(out, item, field);
    if (item["content"].is_object()) append_item(out, item["content"]["source"]);
    append_field(out, item, "data");
    for (const json::Value inner : item["tool_references"].elements())
        append_item(out, inner);
}

std::string result_text(const chat::ServerToolResult& result) {
    std::string body;
    if (result.content.is_string()) body = result.content.escaped();
    if (result.content.is_object()) append_item(body, result.content);
    for (const json::Value item : result.content.elements())
        append_item(body, item);
    std::string out = "[";
    json::append_escaped(out, result.type);
    out += "]";
    if (!body.empty()) out.append(line_break).append(body);
    return out;
}

// {"type":"compaction","content":"the summary"} and the like.
std::string opaque_text(const chat::Opaque& opaque) {
    if (opaque.type != "compaction") return {};
    json::Document document;
    const auto root = document.parse_view(opaque.raw);
    return root ? std::string((*root)["content"].escaped()) : std::string();
}

}  // namespace

std::string history_text(const chat::Block& block) {
    if (const auto* use = std::get_if<chat::ServerToolUse>(&block)) return use_text(*use);
    if (const auto* result = std::get_if<chat::ServerToolResult>(&block)) {
        return result_text(*result);
    }
    if (const auto* opaque = std::get_if<chat::Opaque>(&block)) return opaque_text(*opaque);
    return {};
}

}  // namespace ccr::dialect
