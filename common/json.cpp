// SPDX-License-Identifier: MIT
#include "common/json.hpp"

#include <rapidjson/error/en.h>
#include <rapidjson/reader.h>

#include <cmath>
#include <cstring>

#include "common/text.hpp"
#include "common/utf8.hpp"

namespace ccr::json {
namespace {

// RapidJSON's SIMD loops read whole 16-byte lines past the terminator.
constexpr std::size_t padding = 32;
// A guess that saves large texts the growing; schemas come to about this, prose to far more.
constexpr std::size_t bytes_per_node = 48;
constexpr unsigned parse_flags = rapidjson::kParseInsituFlag | rapidjson::kParseIterativeFlag |
                                 rapidjson::kParseNumbersAsStringsFlag;

// Where the string whose content starts at `begin` and takes `length` bytes when decoded ends in
// the source: at its closing quote. That stands right behind it if there are no escapes, and
// further on if there are; a quote before it is an escaped one.
std::size_t closing_quote(std::string_view source, std::size_t begin, std::size_t length) {
    for (std::size_t quote = begin + length;; ++quote) {
        if (source[quote] != '"') quote = source.find('"', quote);
        std::size_t slashes = 0;
        while (quote - slashes > begin && source[quote - slashes - 1] == '\\')
            ++slashes;
        if (slashes % 2 == 0) return quote;
    }
}

// RapidJSON 1.1.0's SSE2 loops take control characters for allowed up from 0x1A, depending on where
// they stand. JSON has none of them anywhere, and a slice that is passed on must not hold one.
bool has_control_characters(std::string_view text) {
    bool found = false;
    for (const char c : text)
        found |= static_cast<unsigned char>(c - 0x1A) < 6;
    return found;
}

}  // namespace

struct Document::Reader {
    rapidjson::Reader sax;
};

// Receives the SAX events and writes the tape.
struct TapeBuilder {
    using Node = Document::Node;

    TapeBuilder(Document& document, const rapidjson::InsituStringStream& stream)
        : nodes(document.nodes_),
          source(document.source_),
          base(document.scratch_.get()),
          input(stream) {}

    bool Null() { return scalar(Type::null, false, 4); }
    bool Bool(bool value) { return scalar(Type::boolean, value, value ? 4 : 5); }
    bool RawNumber(const char* text, rapidjson::SizeType length, bool) {
        const auto begin = static_cast<std::uint32_t>(text - base);
        nodes.push_back({begin, begin + length, 0, size() + 1, Type::number, false});
        return count_child();
    }
    bool String(const char* text, rapidjson::SizeType length, bool) {
        push_string(text, length);
        return count_child();
    }
    bool Key(const char* text, rapidjson::SizeType length, bool) {
        push_string(text, length);
        return true;
    }
    bool StartObject() { return start(Type::object); }
    bool StartArray() { return start(Type::array); }
    bool EndObject(rapidjson::SizeType) { return end(); }
    bool EndArray(rapidjson::SizeType) { return end(); }
    // Numbers arrive as RawNumber; the reader's concept wants these all the same.
    bool Int(int) { return false; }
    bool Uint(unsigned) { return false; }
    bool Int64(std::int64_t) { return false; }
    bool Uint64(std::uint64_t) { return false; }
    bool Double(double) { return false; }

    std::vector<Node>& nodes;
    std::string_view source;
    const char* base;
    const rapidjson::InsituStringStream& input;
    std::vector<std::uint32_t> open;
    bool too_deep = false;

  private:
    [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(nodes.size()); }
    [[nodiscard]] std::uint32_t position() const {
        return static_cast<std::uint32_t>(input.src_ - base);
    }
    void push_string(const char* text, rapidjson::SizeType length) {
        const auto begin = static_cast<std::uint32_t>(text - base);
        const std::size_t finish = closing_quote(source, begin, length);
        nodes.push_back(
            {begin, static_cast<std::uint32_t>(finish), length, size() + 1, Type::string, false});
    }
    bool scalar(Type type, bool truth, std::uint32_t length) {
        // The reader stands right behind the literal.
        const std::uint32_t finish = position();
        nodes.push_back({finish - length, finish, 0, size() + 1, type, truth});
        return count_child();
    }
    bool start(Type type) {
        if (open.size() >= max_depth) {
            too_deep = true;
            return false;
        }
        count_child();
        open.push_back(size());
        nodes.push_back({position(), 0, 0, 0, type, false});
        return true;
    }
    bool end() {
        Node& node = nodes[open.back()];
        open.pop_back();
        node.end = position() + 1;  // brackets are reported before they are consumed
        node.next = size();
        return true;
    }
    bool count_child() {
        if (!open.empty()) ++nodes[open.back()].length;
        return true;
    }
};

Document::Document() = default;
Document::~Document() = default;
Document::Document(Document&& other) noexcept {
    *this = std::move(other);
}

Document& Document::operator=(Document&& other) noexcept {
    // A short std::string moves its bytes, so a view into it has to follow.
    const bool owns = other.source_.data() == other.owned_.data();
    owned_ = std::move(other.owned_);
    source_ = owns ? std::string_view(owned_) : other.source_;
    scratch_ = std::move(other.scratch_);
    scratch_size_ = std::exchange(other.scratch_size_, 0);
    nodes_ = std::move(other.nodes_);
    reader_ = std::move(other.reader_);
    other.source_ = {};
    other.nodes_.clear();
    return *this;
}

Result<Value> Document::parse(std::string text) {
    owned_ = std::move(text);
    if (!utf8::clean_json(owned_)) utf8::repair_json(owned_);
    source_ = owned_;
    return parse_source();
}

Result<Value> Document::parse_view(std::string_view text) {
    if (!utf8::clean_json(text)) return parse(std::string(text));
    source_ = text;
    return parse_source();
}

Result<Value> Document::parse_source() {
    nodes_.clear();
    if (source_.size() > max_size) return Error(ErrorKind::too_large, "JSON text is too large");
    if (has_control_characters(source_)) {
        return Error(ErrorKind::invalid_request, "invalid JSON: an unescaped control character");
    }
    if (scratch_size_ < source_.size() + padding) {
        scratch_size_ = source_.size() + source_.size() / 8 + padding + 480;
        scratch_ = std::make_unique_for_overwrite<char[]>(scratch_size_);
    }
    std::memcpy(scratch_.get(), source_.data(), source_.size());
    std::memset(scratch_.get() + source_.size(), 0, padding);
    if (!reader_) reader_ = std::make_unique<Reader>();
    nodes_.reserve(source_.size() / bytes_per_node);

    rapidjson::InsituStringStream stream(scratch_.get());
    TapeBuilder builder(*this, stream);
    const auto outcome = reader_->sax.Parse<parse_flags>(stream, builder);
    // A NUL byte ends RapidJSON's input; text behind it must not pass unseen.
    const bool whole = stream.Tell() == source_.size();
    if (!outcome.IsError() && whole) return root();
    nodes_.clear();
    std::string reason = builder.too_deep    ? "nested too deeply"
                         : outcome.IsError() ? rapidjson::GetParseError_En(outcome.Code())
                                             : "text after the end of the value";
    const std::size_t offset = outcome.IsError() ? outcome.Offset() : stream.Tell();
    return Error(ErrorKind::invalid_request,
                 "invalid JSON at byte " + std::to_string(offset) + ": " + reason);
}

Type Value::type() const {
    return document_ ? document_->nodes_[index_].type : Type::missing;
}

std::string_view Value::str() const {
    if (!is_string()) return {};
    const auto& node = document_->nodes_[index_];
    return {document_->decoded(node), node.length};
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
    return type() == Type::boolean ? document_->nodes_[index_].truth : otherwise;
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
    return is_array() || is_object() ? document_->nodes_[index_].length : 0;
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
