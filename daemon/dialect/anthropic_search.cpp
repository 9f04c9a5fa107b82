// SPDX-License-Identifier: MIT
#include "daemon/dialect/anthropic_search.hpp"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "common/text.hpp"
#include "daemon/dialect/envelope.hpp"
#include "daemon/dialect/history_text.hpp"

namespace ccr::dialect::anthropic {
namespace {

constexpr std::string_view id_prefix = "srvtoolu_";
constexpr std::string_view our_id_prefix = "srvtoolu_ccr_";
constexpr std::size_t max_id_length = 64;
constexpr std::string_view family = "search";  // of the envelope

bool word_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool well_formed(std::string_view id) {
    return id.starts_with(id_prefix) && id.size() > id_prefix.size() &&
           id.size() <= max_id_length && std::all_of(id.begin(), id.end(), word_character);
}

// Of the results of one search either all are ours or none.
bool our_result(json::Value block) {
    if (block["tool_use_id"].str().starts_with(our_id_prefix)) return true;
    const json::Value results = block["content"];
    return results.size() > 0 && results.is_array() &&
           results.at(0)["encrypted_content"].str().starts_with(our_seal);
}

std::unordered_set<std::string_view> our_searches(json::Value content) {
    std::unordered_set<std::string_view> ids;
    for (const json::Value block : content.elements()) {
        if (block["type"].str() == "web_search_tool_result" && our_result(block)) {
            ids.insert(block["tool_use_id"].str());
        }
    }
    return ids;
}

// In words, or nothing for any other block.
std::string told(json::Value block, const std::unordered_set<std::string_view>& ours) {
    const std::string_view type = block["type"].str();
    if (type == "server_tool_use") {
        const std::string_view id = block["id"].str();
        if (!ours.contains(id) && !id.starts_with(our_id_prefix)) return {};
        return history_text(chat::ServerToolUse{id, block["name"].str(), block["input"].raw()});
    }
    const std::string_view id = block["tool_use_id"].str();
    if (type != "web_search_tool_result" || !ours.contains(id)) return {};
    return history_text(chat::ServerToolResult{type, id, block["content"]});
}

void drop_our_citations(json::Value text, JsonEdit& edit) {
    const json::Value citations = text["citations"];
    const auto is_ours = [](json::Value entry) {
        return entry["encrypted_index"].str().starts_with(our_seal);
    };
    bool all = citations.size() > 0;
    for (const json::Value entry : citations.elements())
        all = all && is_ours(entry);
    if (!all) {
        edit.remove_elements(citations, is_ours);
        return;
    }
    edit.remove_members(text,
                        [](const json::Member& member) { return member.key.str() == "citations"; });
}

void write_hit(json::Writer& writer, const chat::SearchHit& hit, std::string_view envelope_key) {
    writer.begin_object().key("type").string("web_search_result");
    writer.key("url").escaped(hit.url.bytes);
    writer.key("title").escaped(hit.title.empty() ? hit.url.bytes : hit.title.bytes);
    writer.key("encrypted_content").string(seal(envelope_key, family, hit.opaque));
    writer.key("page_age");
    if (hit.age.empty()) {
        writer.null();
    } else {
        writer.escaped(hit.age.bytes);
    }
    writer.end_object();
}

}  // namespace

std::string SearchIds::assign(std::string_view upstream_id) {
    std::string id(upstream_id);
    const bool as_it_is = well_formed(id) && !id.starts_with(our_id_prefix);
    if (!as_it_is || std::find(used_.begin(), used_.end(), id) != used_.end()) {
        id = our_id_prefix;
        for (const char c : seed_.substr(seed_.find('_') + 1))
            if (word_character(c)) id += c;
        id += '_';
        append_number(id, static_cast<std::int64_t>(used_.size()));
    }
    used_.push_back(id);
    return id;
}

std::string search_input(const chat::Searched& search) {
    std::string out;
    json::Writer(out).begin_object().key("query").escaped(search.query.bytes).end_object();
    return out;
}

std::string search_use(const chat::Searched& search, std::string_view input) {
    std::string out;
    json::Writer writer(out);
    writer.begin_object().key("type").string("server_tool_use").key("id").string(search.id);
    writer.key("name").string("web_search").key("input").raw(input).end_object();
    return out;
}

std::string search_result(const chat::Searched& search, std::string_view envelope_key) {
    std::string out;
    json::Writer writer(out);
    writer.begin_object().key("type").string("web_search_tool_result");
    writer.key("tool_use_id").string(search.id).key("content");
    if (!search.failure.empty()) {
        writer.begin_object().key("type").string("web_search_tool_result_error");
        writer.key("error_code").string(search.failure).end_object();
    } else {
        writer.begin_array();
        for (const chat::SearchHit& hit : search.hits)
            write_hit(writer, hit, envelope_key);
        writer.end_array();
    }
    writer.end_object();
    return out;
}

std::string citation(const chat::Cited& cited, std::string_view envelope_key) {
    std::string out(cited.json);
    // A frame's data is one line; between the tokens of a JSON text any white space will do.
    std::replace_if(
        out.begin(), out.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
    if (!out.empty()) return out;
    json::Writer writer(out);
    writer.begin_object().key("type").string("web_search_result_location");
    writer.key("url").escaped(cited.url.bytes);
    writer.key("title").escaped(cited.title.empty() ? cited.url.bytes : cited.title.bytes);
    writer.key("cited_text").escaped(cited.quote.bytes);
    writer.key("encrypted_index").string(seal(envelope_key, family, cited.opaque)).end_object();
    return out;
}

void tell_our_searches(json::Value message, JsonEdit& edit) {
    const json::Value content = message["content"];
    const auto ours = our_searches(content);
    for (const json::Value block : content.elements()) {
        if (block["type"].str() == "text") drop_our_citations(block, edit);
        const std::string words = told(block, ours);
        if (!words.empty()) edit.replace(block, R"({"type":"text","text":")" + words + "\"}");
    }
}

}  // namespace ccr::dialect::anthropic
