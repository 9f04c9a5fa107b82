// SPDX-License-Identifier: MIT
#include "daemon/dialect/reasoning_details.hpp"

#include <algorithm>
#include <string_view>

namespace ccr::dialect {
namespace {

bool is_text(std::string_view key) {
    return key == "text" || key == "summary";
}

std::string_view raw_of(const std::vector<std::pair<std::string, std::string>>& members,
                        std::string_view key) {
    const auto at = std::find_if(members.begin(), members.end(),
                                 [key](const auto& member) { return member.first == key; });
    return at == members.end() ? std::string_view() : std::string_view(at->second);
}

}  // namespace

void ReasoningDetails::read(json::Value details) {
    for (const json::Value fragment : details.elements()) {
        if (!fragment.is_object() || fragment.size() == 0) continue;
        Detail& detail = detail_for(fragment);
        for (const json::Member member : fragment.members())
            merge(detail, member);
    }
}

// Fragments of one text follow each other and share type and index; encrypted data come whole.
ReasoningDetails::Detail& ReasoningDetails::detail_for(json::Value fragment) {
    if (!details_.empty() && !fragment["data"].present()) {
        Detail& last = details_.back();
        const bool same = raw_of(last, "type") == fragment["type"].raw() &&
                          raw_of(last, "index") == fragment["index"].raw() &&
                          raw_of(last, "data").empty();
        if (same) return last;
    }
    return details_.emplace_back();
}

void ReasoningDetails::merge(Detail& detail, json::Member member) {
    const std::string_view key = member.key.str();
    if ((key == "signature" || key == "data") && member.value.present()) opaque_ = true;
    const auto at = std::find_if(detail.begin(), detail.end(),
                                 [key](const auto& known) { return known.first == key; });
    if (at == detail.end()) {
        detail.emplace_back(key, member.value.raw());
    } else if (is_text(key) && member.value.is_string() && at->second.ends_with('"')) {
        at->second.pop_back();
        at->second += member.value.escaped();
        at->second += '"';
    } else if (member.value.present()) {
        at->second = member.value.raw();
    }
}

std::string ReasoningDetails::take() {
    std::string out;
    if (details_.empty()) return out;
    json::Writer writer(out);
    writer.begin_array();
    for (const Detail& detail : details_) {
        writer.begin_object();
        for (const auto& [key, value] : detail)
            writer.key(json::escape(key)).raw(value);
        writer.end_object();
    }
    writer.end_array();
    details_.clear();
    opaque_ = false;
    return out;
}

}  // namespace ccr::dialect
