// SPDX-License-Identifier: MIT
#include "daemon/transform/member_reader.hpp"

#include <utility>

namespace ccr::transform {
namespace {

constexpr std::size_t unicode_size = 6;  // \uXXXX

bool is_high_surrogate(std::string_view escape) {
    const auto high = [](char c) { return c == 'd' || c == 'D'; };
    constexpr std::string_view second = "89abAB";
    return escape.size() >= unicode_size && escape[1] == 'u' && high(escape[2]) &&
           second.find(escape[3]) != std::string_view::npos;
}

// A whole escape, and both halves of a pair.
bool complete(std::string_view held) {
    if (held.size() < 2) return false;
    if (held[1] != 'u') return true;
    if (held.size() < unicode_size) return false;
    if (!is_high_surrogate(held)) return true;
    if (held.size() == unicode_size) return false;
    const std::string_view second = held.substr(unicode_size);
    if (second.size() >= 2 && second[1] != 'u') return true;
    return second.size() >= unicode_size;
}

}  // namespace

void MemberReader::feed(std::string_view json, std::string& escaped) {
    for (const char c : json)
        read(c, escaped);
}

void MemberReader::read(char c, std::string& escaped) {
    switch (state_) {
        case State::outside:
            return outside(c);
        case State::wanted:
            return wanted(c, escaped);
        case State::key:
        case State::other_string:
            break;
    }
    const bool ends = c == '"' && !escape_;
    escape_ = c == '\\' && !escape_;
    if (ends) {
        state_ = State::outside;
    } else if (state_ == State::key) {
        key_ += c;
    }
}

void MemberReader::outside(char c) {
    if (c == '{' || c == '[') {
        ++depth_;
        expects_key_ = depth_ == 1;
    } else if (c == '}' || c == ']') {
        --depth_;
    } else if (c == ',') {
        expects_key_ = depth_ == 1;
    } else if (c == ':') {
        expects_key_ = false;
    } else if (c == '"') {
        const bool key = depth_ == 1 && expects_key_;
        const bool value = depth_ == 1 && !expects_key_ && key_ == name_ && !found_;
        if (key) key_.clear();
        state_ = key ? State::key : value ? State::wanted : State::other_string;
        found_ = found_ || value;
        escape_ = false;
    }
}

void MemberReader::wanted(char c, std::string& escaped) {
    if (held_.empty() && c == '"') {
        state_ = State::outside;
        return;
    }
    if (held_.empty() && c != '\\') {
        escaped += c;
        return;
    }
    // Half a pair that something else follows stays alone.
    if (held_.size() == unicode_size && c != '\\') {
        escaped += std::exchange(held_, {});
        return wanted(c, escaped);
    }
    held_ += c;
    if (complete(held_)) escaped += std::exchange(held_, {});
}

}  // namespace ccr::transform
