// SPDX-License-Identifier: MIT
#include "daemon/dialect/json_edit.hpp"

#include <algorithm>

namespace ccr::dialect {

void JsonEdit::replace(json::Value value, std::string text) {
    edits_.push_back({begin_of(value), end_of(value), std::move(text)});
}

void JsonEdit::insert(std::size_t offset, std::string text) {
    edits_.push_back({offset, offset, std::move(text)});
}

void JsonEdit::append_member(json::Value object, std::string member) {
    if (object.size() > 0) member.insert(0, 1, ',');
    insert(end_of(object) - 1, std::move(member));
}

void JsonEdit::Remover::item(std::size_t begin, std::size_t end, bool unwanted) {
    if (unwanted && kept_) {
        edit_.edits_.push_back({previous_end_, end, {}});
    } else if (unwanted && leading_ == none) {
        leading_ = begin;
    } else if (!unwanted) {
        if (!kept_ && leading_ != none) edit_.edits_.push_back({leading_, begin, {}});
        kept_ = true;
    }
    previous_end_ = end;
}

bool JsonEdit::Remover::finish() {
    if (!kept_ && leading_ != none) edit_.edits_.push_back({leading_, previous_end_, {}});
    return !kept_;
}

std::string JsonEdit::apply() {
    std::stable_sort(edits_.begin(), edits_.end(),
                     [](const Edit& a, const Edit& b) { return a.begin < b.begin; });
    std::string out;
    std::size_t growth = 0;
    for (const Edit& edit : edits_)
        growth += edit.text.size();
    out.reserve(source_.size() + growth);
    std::size_t position = 0;
    for (const Edit& edit : edits_) {
        out += source_.substr(position, edit.begin - position);
        out += edit.text;
        position = edit.end;
    }
    out += source_.substr(position);
    return out;
}

std::string quoted(std::string_view text) {
    std::string out = "\"";
    json::append_escaped(out, text);
    return out += '"';
}

}  // namespace ccr::dialect
