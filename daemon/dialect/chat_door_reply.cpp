// SPDX-License-Identifier: MIT
#include "daemon/dialect/chat_door_reply.hpp"

#include <algorithm>

namespace ccr::dialect::chat_door {
namespace {

std::string annotation(const chat::Cited& cited, TextSpan span) {
    std::string out;
    json::Writer writer(out);
    writer.begin_object().key("type").string("url_citation").key("url_citation").begin_object();
    write_place(writer, cited, span);
    writer.end_object().end_object();
    return out;
}

}  // namespace

std::string completion_id(std::string_view message_id) {
    std::string id = "chatcmpl-";
    return id += message_id.substr(message_id.find('_') + 1);
}

std::string_view finish_word(chat::Stop stop) {
    switch (stop) {
        case chat::Stop::max_tokens:
        case chat::Stop::context_window:
            return "length";
        case chat::Stop::tool_use:
            return "tool_calls";
        case chat::Stop::refusal:
            return "content_filter";
        default:
            return "stop";
    }
}

void write_usage(json::Writer& writer, const chat::Usage& usage) {
    const std::int64_t read = usage.cache_read_tokens.value_or(0);
    const std::int64_t written = usage.cache_creation_tokens.value_or(0);
    const std::int64_t prompt = usage.input_tokens + read + written;
    writer.begin_object().key("prompt_tokens").number(prompt);
    writer.key("completion_tokens").number(usage.output_tokens);
    writer.key("total_tokens").number(prompt + usage.output_tokens);
    writer.key("prompt_tokens_details").begin_object().key("cached_tokens").number(read);
    writer.key("cache_write_tokens").number(written).end_object();
    writer.key("completion_tokens_details").begin_object();
    writer.key("reasoning_tokens").number(usage.thinking_tokens.value_or(0)).end_object();
    writer.end_object();
}

void write_detail(json::Writer& writer, std::string_view text, std::string_view sealed,
                  std::int64_t index) {
    writer.begin_object().key("type").string("reasoning.text").key("text").escaped(text);
    writer.key("signature").string(sealed).key("format").string("ccr-v1");
    writer.key("index").number(index).end_object();
}

bool is_freeform(const chat::Request* request, std::string_view name) {
    if (request == nullptr) return false;
    return std::any_of(
        request->tools.begin(), request->tools.end(),
        [name](const chat::Tool& tool) { return tool.freeform && tool.name == name; });
}

void Annotations::found(const chat::Searched& search) {
    for (const chat::SearchHit& hit : search.hits) {
        const bool known = std::any_of(pages_.begin(), pages_.end(),
                                       [&](const Page& page) { return page.url == hit.url.bytes; });
        if (known || hit.url.empty() || pages_.size() == max_search_hits) continue;
        pages_.push_back({std::string(hit.url.bytes), std::string(hit.title.bytes)});
    }
}

std::string Annotations::of(const chat::Cited& cited) {
    if (cited.url.empty()) return {};
    cited_ = true;
    return annotation(cited, places_.place(cited));
}

std::string Annotations::of_pages() const {
    std::string out;
    if (cited_) return out;
    for (const Page& page : pages_) {
        out.append(out.empty() ? "" : ",");
        out += annotation({{page.url}, {page.title}}, places_.end());
    }
    return out;
}

}  // namespace ccr::dialect::chat_door
