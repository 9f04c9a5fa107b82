// SPDX-License-Identifier: MIT
// JSON5 for configuration files: a small tree in which every value and every key knows where it
// stands in the file, so that each later complaint can point at it. Not for the request path.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ccr::json5 {

// 1-based; the column counts characters, not bytes. 0:0 = not from a file.
struct Position {
    std::uint32_t line = 0;
    std::uint32_t column = 0;
    friend bool operator==(Position, Position) = default;
};

enum class Type : std::uint8_t { null, boolean, number, string, array, object };

[[nodiscard]] std::string_view type_name(Type type);  // with article: "an object"

struct Member;

// Plain data: built by parse(), const from then on. Only the parts of its type mean something.
struct Value {
    Type type = Type::null;
    Position at;
    bool boolean = false;
    double number = 0;            // number: nearest double (NaN and infinities are JSON5 numbers)
    std::string text;             // string: decoded UTF-8; number: as spelled in the file
    std::vector<Value> items;     // array
    std::vector<Member> members;  // object, in file order, keys unique

    [[nodiscard]] bool is(Type t) const { return type == t; }
    [[nodiscard]] bool is_null() const { return type == Type::null; }
    [[nodiscard]] bool is_string() const { return type == Type::string; }
    [[nodiscard]] bool is_array() const { return type == Type::array; }
    [[nodiscard]] bool is_object() const { return type == Type::object; }
    // The member's value, or nullptr when this is no object or has no such key.
    [[nodiscard]] const Value* find(std::string_view key) const;
    [[nodiscard]] const Member* find_member(std::string_view key) const;
};

struct Member {
    std::string key;
    Position key_at;
    Value value;
};

struct SyntaxError {
    Position at;
    std::string message;
};

struct Parsed {
    Value root;                       // meaningful only when errors is empty
    std::vector<SyntaxError> errors;  // in file order, at most max_errors
};

inline constexpr std::size_t max_depth = 256;
inline constexpr std::size_t max_size = std::size_t{16} << 20U;  // bytes of text
inline constexpr std::size_t max_errors = 20;

// Never throws on any bytes. A byte order mark is skipped; a duplicate key is an error that names
// both places; after an error the parser goes on at the next comma or closing bracket.
[[nodiscard]] Parsed parse(std::string_view text);

// Compact strict JSON of a tree, for handing options on; NaN and infinities become null.
[[nodiscard]] std::string to_json(const Value& value);

}  // namespace ccr::json5
