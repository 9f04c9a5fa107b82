// SPDX-License-Identifier: MIT
#include "common/json.hpp"

#include <cmath>

#include "common/text.hpp"

namespace ccr::json {

Document::Document(Document&& other) noexcept {
    *this = std::move(other);
}

Document& Document::operator=(Document&& other) noexcept {
    // A short std::string moves its bytes, so a view into it has to follow.
    const bool owns = other.source_.data() == other.owned_.data();
    owned_ = std::move(other.owned_);
    source_ = owns ? std::string_view(owned_) : other.source_;
    nodes_ = std::move(other.nodes_);
    open_ = std::move(other.open_);
    decoded_ = std::move(other.decoded_);
    other.source_ = {};
    other.nodes_.clear();
    return *this;
}

Result<Value> Document::parse(std::string text) {
    owned_ = std::move(text);
    source_ = owned_;
    return scan();
}

Result<Value> Document::parse_view(std::string_view text) {
    source_ = text;
    return scan();
}

Type Value::type() const {
    return document_ ? document_->nodes_[index_].type : Type::missing;
}

std::string_view Value::str() const {
    if (!is_string()) return {};
    auto& node = document_->nodes_[index_];
    const std::string_view spelt = document_->source_.substr(node.begin, node.end - node.begin);
    if (!node.flag) return spelt;
    auto& decoded = document_->decoded_;
    if (node.count == 0) {
        decoded.push_back(std::make_unique<std::string>(unescape(spelt)));
        node.count = static_cast<std::uint32_t>(decoded.size());  // its place + 1
    }
    return *decoded[node.count - 1];
}

std::string_view Value::escaped() const {
    if (!is_string()) return {};
    const auto& node = document_->nodes_[index_];
    return document_->source_.substr(node.begin, node.end - node.begin);
}

std::string_view Value::raw() const {
    if (!document_) return {};
    const auto& node = document_->nodes_[index_];
    const std::size_t quote = node.type == Type::string ? 1 : 0;
    return document_->source_.substr(node.begin - quote, node.end - node.begin + 2 * quote);
}

std::size_t Value::offset() const {
    if (!document_) return 0;
    const auto& node = document_->nodes_[index_];
    return node.begin - (node.type == Type::string ? 1U : 0U);
}

bool Value::boolean(bool otherwise) const {
    return type() == Type::boolean ? document_->nodes_[index_].flag : otherwise;
}

std::optional<double> Value::number() const {
    if (!is_number()) return std::nullopt;
    return to_number<double>(raw());
}

std::optional<std::int64_t> Value::integer() const {
    if (!is_number()) return std::nullopt;
    if (auto whole = to_number<std::int64_t>(raw())) return whole;
    const auto real = to_number<double>(raw());
    if (!real || std::floor(*real) != *real || std::fabs(*real) >= 9.2e18) return std::nullopt;
    return static_cast<std::int64_t>(*real);
}

std::size_t Value::size() const {
    return is_array() || is_object() ? document_->nodes_[index_].count : 0;
}

Value Value::operator[](std::string_view key) const {
    Value found;
    for (const Member member : members()) {
        if (member.key.str() == key) found = member.value;
    }
    return found;
}

Value Value::at(std::size_t index) const {
    for (const Value element : elements()) {
        if (index-- == 0) return element;
    }
    return {};
}

Elements Value::elements() const {
    if (!is_array()) return {document_, 0, 0};
    return {document_, index_ + 1, document_->nodes_[index_].next};
}

Members Value::members() const {
    if (!is_object()) return {document_, 0, 0};
    return {document_, index_ + 1, document_->nodes_[index_].next};
}

Elements::Iterator& Elements::Iterator::operator++() {
    value_.index_ = value_.document_->nodes_[value_.index_].next;
    return *this;
}

Members::Iterator& Members::Iterator::operator++() {
    index_ = document_->nodes_[index_ + 1].next;
    return *this;
}

}  // namespace ccr::json
