// SPDX-License-Identifier: MIT
#include "daemon/dialect/door_search.hpp"

#include <algorithm>

namespace ccr::dialect {

void ForeignSearches::read(const chat::ForeignBlock& block, BlockSink& sink) {
    json::Document document;
    const auto root = document.parse_view(block.json);
    if (!root) return;
    const std::string_view type = (*root)["type"].str();
    if (type == "server_tool_use" && (*root)["name"].str() == "web_search") {
        read_call(*root, block.input);
    } else if (type == "web_search_tool_result") {
        read_result(*root, sink);
    }
}

void ForeignSearches::read_call(json::Value block, chat::Escaped input) {
    if (calls_.size() == max_searches) return;
    const std::string text = json::unescape(input.bytes);
    json::Document document;
    const auto late = document.parse_view(text);
    const json::Value query = late ? (*late)["query"] : block["input"]["query"];
    calls_.push_back({std::string(block["id"].str()), std::string(query.escaped())});
}

void ForeignSearches::read_result(json::Value block, BlockSink& sink) const {
    const std::string_view id = block["tool_use_id"].str();
    const auto call = std::find_if(calls_.begin(), calls_.end(),
                                   [id](const Call& each) { return each.id == id; });
    if (call == calls_.end()) return;
    const json::Value content = block["content"];
    std::vector<chat::SearchHit> hits;
    for (const json::Value page : content.elements()) {
        if (hits.size() == max_search_hits) break;
        hits.push_back({{page["url"].escaped()}, {page["title"].escaped()}});
    }
    sink.searched({id, {call->query}, hits, content["error_code"].str()});
}

void TextPlaces::text(chat::Escaped piece) {
    said_ += characters(piece);
}

TextSpan TextPlaces::end() const {
    const auto length = static_cast<std::int64_t>(said_ - before_);
    return {length, length};
}

TextSpan TextPlaces::place(const chat::Cited& cited) const {
    const std::uint64_t to = std::min(cited.to, said_);
    if (cited.from >= to || cited.from < before_) return end();
    return {static_cast<std::int64_t>(cited.from - before_),
            static_cast<std::int64_t>(to - before_)};
}

void write_place(json::Writer& writer, const chat::Cited& cited, TextSpan span) {
    writer.key("url").escaped(cited.url.bytes);
    writer.key("title").escaped(cited.title.empty() ? cited.url.bytes : cited.title.bytes);
    writer.key("start_index").number(span.from).key("end_index").number(span.to);
}

}  // namespace ccr::dialect
