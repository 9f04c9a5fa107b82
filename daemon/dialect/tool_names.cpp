// SPDX-License-Identifier: MIT
#include "daemon/dialect/tool_names.hpp"

#include <algorithm>

#include "common/digest.hpp"
#include "common/text.hpp"
#include "daemon/dialect/dialect.hpp"

namespace ccr::dialect {
namespace {

constexpr std::size_t hash_digits = 8;

bool allowed(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}

bool may_begin(char c) {
    return allowed(c) && c != '-' && !(c >= '0' && c <= '9');
}

std::string mangled(std::string_view name, std::size_t max_length, bool letter_first) {
    std::string out = letter_first && !name.empty() && !may_begin(name.front()) ? "_" : "";
    out += name.substr(0, max_length - hash_digits - 1 - out.size());
    for (char& c : out)
        if (!allowed(c)) c = '_';
    out += '_';
    out += hex(sha1(name)).substr(0, hash_digits);
    return out;
}

}  // namespace

bool ToolNames::fits(std::string_view name) const {
    if (name == kimi_search) return true;
    const bool begins = !letter_first_ || name.empty() || may_begin(name.front());
    return begins && name.size() <= max_length_ && std::all_of(name.begin(), name.end(), allowed);
}

std::string_view ToolNames::sent(std::string_view original) {
    if (fits(original)) return original;
    auto known = sent_by_original_.find(original);
    if (known == sent_by_original_.end()) {
        known = sent_by_original_.emplace(original, mangled(original, max_length_, letter_first_))
                    .first;
    }
    return known->second;
}

std::vector<std::pair<std::string, std::string>> ToolNames::renamed() const {
    std::vector<std::pair<std::string, std::string>> out;
    out.reserve(sent_by_original_.size());
    for (const auto& [original, sent] : sent_by_original_)
        out.emplace_back(sent, original);
    return out;
}

std::string client_tool_name(std::string_view name, const ReplyContext& context) {
    constexpr std::string_view gemini_prefix = "default_api";
    std::string_view bare = name;
    if (bare.starts_with(gemini_prefix) && bare.size() > gemini_prefix.size() + 1 &&
        (bare[gemini_prefix.size()] == ':' || bare[gemini_prefix.size()] == '.')) {
        bare.remove_prefix(gemini_prefix.size() + 1);
    }
    // Exactly first: two tools may differ in case only.
    std::string_view similar;
    const auto consider = [&](std::string_view sent, std::string_view original) {
        if (sent == name || sent == bare) return true;
        if (similar.empty() && iequals(sent, bare)) similar = original;
        return false;
    };
    if (context.encoded != nullptr) {
        for (const auto& [sent, original] : context.encoded->renamed_tools) {
            if (consider(sent, original)) return original;
        }
    }
    if (context.request != nullptr) {
        for (const chat::Tool& tool : context.request->tools) {
            if (consider(tool.name, tool.name)) return std::string(tool.name);
        }
    }
    return std::string(similar.empty() ? bare : similar);
}

}  // namespace ccr::dialect
