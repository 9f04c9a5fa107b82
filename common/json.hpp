// SPDX-License-Identifier: MIT
// JSON as the hot path needs it: one pass over the text writes a flat tape of nodes, each of which
// knows the slice of the source that it came from. Nothing is copied or decoded: what nobody needs
// to look into is passed on as it was spelt, never unescaped and escaped again, never re-formatted
// (1.0 stays 1.0), and a string without escapes is read where it stands.
//
// A Document may be parsed into again and again; it keeps its capacity. Values and views are valid
// until the next parse or the Document's end. Not thread-safe, not even for reading (str() decodes
// on demand); use one per loop or per request.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"

namespace ccr::json {

enum class Type : std::uint8_t { missing, null, boolean, number, string, array, object };

constexpr std::size_t max_depth = 512;         // RapidJSON's own recursion is avoided; ours too
constexpr std::size_t max_size = 256U << 20U;  // offsets are 32 bits wide

class Document;
class Elements;
class Members;

// A place in a Document. Cheap to copy. The accessors never fail: a value of another type, or a
// missing one, reads as empty, so that chains like v["usage"]["total"].integer() need no checks.
class Value {
  public:
    Value() = default;
    Value(const Document* document, std::uint32_t index) : document_(document), index_(index) {}

    [[nodiscard]] Type type() const;
    explicit operator bool() const { return document_ != nullptr; }
    [[nodiscard]] bool present() const { return type() != Type::missing && type() != Type::null; }
    [[nodiscard]] bool is_string() const { return type() == Type::string; }
    [[nodiscard]] bool is_object() const { return type() == Type::object; }
    [[nodiscard]] bool is_array() const { return type() == Type::array; }
    [[nodiscard]] bool is_number() const { return type() == Type::number; }

    // Decoded text of a string, else empty.
    [[nodiscard]] std::string_view str() const;
    // A string's content as spelt in the source, without its quotes: JSON-escaped. Else empty.
    [[nodiscard]] std::string_view escaped() const;
    // The value as spelt in the source, quotes and brackets included. Empty if missing.
    [[nodiscard]] std::string_view raw() const;
    // Offset of raw() in the source.
    [[nodiscard]] std::size_t offset() const;

    [[nodiscard]] bool boolean(bool otherwise = false) const;
    [[nodiscard]] std::optional<std::int64_t> integer() const;  // 3.0 and 3e2 count as integers
    [[nodiscard]] std::optional<double> number() const;

    // Number of elements or members.
    [[nodiscard]] std::size_t size() const;
    // Member of an object; of duplicate keys the last counts, as in JavaScript.
    [[nodiscard]] Value operator[](std::string_view key) const;
    [[nodiscard]] Value at(std::size_t index) const;
    [[nodiscard]] Elements elements() const;  // of an array; empty range otherwise
    [[nodiscard]] Members members() const;    // of an object; empty range otherwise

  private:
    friend class Elements;
    friend class Members;
    const Document* document_ = nullptr;
    std::uint32_t index_ = 0;
};

struct Member {
    Value key;
    Value value;
};

class Document {
  public:
    Document() = default;
    Document(Document&&) noexcept;
    Document& operator=(Document&&) noexcept;

    // Takes the text over. Invalid UTF-8 and unpaired surrogate escapes are replaced by U+FFFD
    // (other clients send them and JavaScript accepts them). The error names the byte offset.
    Result<Value> parse(std::string text);
    // Borrows the text: it must outlive the values (repaired text is kept inside instead).
    Result<Value> parse_view(std::string_view text);

    [[nodiscard]] Value root() const { return nodes_.empty() ? Value() : Value(this, 0); }
    // The text that raw() slices point into: as received, or repaired.
    [[nodiscard]] std::string_view source() const { return source_; }

  private:
    friend class Value;
    friend class Elements;
    friend class Members;
    friend class Scanner;
    struct Node {
        std::uint32_t begin = 0;  // first byte of the value; of a string: after its quote
        std::uint32_t end = 0;    // one past the last; of a string: its closing quote
        std::uint32_t count = 0;  // children of a container; of an escaped string: see str()
        std::uint32_t next = 0;   // node after this one's subtree
        Type type = Type::null;
        bool flag = false;  // a boolean's value; a string's having escapes
    };

    Result<Value> scan();

    std::string owned_;
    std::string_view source_;
    mutable std::vector<Node> nodes_;
    std::vector<std::uint32_t> open_;                            // containers being scanned
    mutable std::vector<std::unique_ptr<std::string>> decoded_;  // of strings with escapes, as read
};

// Ranges for `for (Value v : x.elements())`.
class Elements {
  public:
    class Iterator {
      public:
        Iterator(const Document* document, std::uint32_t index) : value_(document, index) {}
        Value operator*() const { return value_; }
        Iterator& operator++();
        bool operator!=(const Iterator& other) const {
            return value_.index_ != other.value_.index_;
        }

      private:
        Value value_;
    };
    Elements(const Document* document, std::uint32_t first, std::uint32_t last)
        : document_(document), first_(first), last_(last) {}
    [[nodiscard]] Iterator begin() const { return {document_, first_}; }
    [[nodiscard]] Iterator end() const { return {document_, last_}; }

  private:
    const Document* document_;
    std::uint32_t first_;
    std::uint32_t last_;
};

class Members {
  public:
    class Iterator {
      public:
        Iterator(const Document* document, std::uint32_t index)
            : document_(document), index_(index) {}
        Member operator*() const { return {{document_, index_}, {document_, index_ + 1}}; }
        Iterator& operator++();
        bool operator!=(const Iterator& other) const { return index_ != other.index_; }

      private:
        const Document* document_;
        std::uint32_t index_;
    };
    Members(const Document* document, std::uint32_t first, std::uint32_t last)
        : document_(document), first_(first), last_(last) {}
    [[nodiscard]] Iterator begin() const { return {document_, first_}; }
    [[nodiscard]] Iterator end() const { return {document_, last_}; }

  private:
    const Document* document_;
    std::uint32_t first_;
    std::uint32_t last_;
};

// Appends `text` as the content of a JSON string (no quotes).
void append_escaped(std::string& out, std::string_view text);
[[nodiscard]] std::string escape(std::string_view text);
// The text that an escaped slice stands for. The slice must come from a parsed Document.
[[nodiscard]] std::string unescape(std::string_view escaped);
// True if text needs no escaping inside a JSON string.
[[nodiscard]] bool is_plain(std::string_view text);

// Builds JSON straight into a send buffer. Commas are placed by the Writer; nesting is the
// caller's. Keys are literals of ours and are written as they are.
class Writer {
  public:
    explicit Writer(std::string& out) : out_(out) {}

    Writer& begin_object() { return open('{'); }
    Writer& end_object() { return close('}'); }
    Writer& begin_array() { return open('['); }
    Writer& end_array() { return close(']'); }
    Writer& key(std::string_view name);
    Writer& string(std::string_view text);              // escapes
    Writer& escaped(std::string_view escaped_content);  // adds the quotes only
    Writer& raw(std::string_view json);                 // a whole value as it stands
    Writer& number(std::int64_t value);
    Writer& number(double value);
    Writer& boolean(bool value) { return raw(value ? "true" : "false"); }
    Writer& null() { return raw("null"); }

    // A string put together from pieces: begin_string, any number of append_*, end_string.
    Writer& begin_string();
    Writer& append_text(std::string_view text);
    Writer& append_escaped_text(std::string_view escaped_content);
    Writer& end_string();

  private:
    Writer& open(char bracket);
    Writer& close(char bracket);
    void comma();

    std::string& out_;
    bool need_comma_ = false;
};

}  // namespace ccr::json
