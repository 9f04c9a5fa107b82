// SPDX-License-Identifier: MIT
// HTTP messages as values. Header values may be secrets: nothing here formats or logs them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ccr::http {

struct HeaderView {
    std::string_view name;
    std::string_view value;
};

// Header fields in their order, names as written and compared without case. One text block and one
// index, whatever the number of fields. Views into it last until the next change.
class Headers {
  public:
    Headers() = default;
    Headers(std::initializer_list<HeaderView> fields);

    void add(std::string_view name, std::string_view value);
    // Replaces all fields of that name by one.
    void set(std::string_view name, std::string_view value);
    void remove(std::string_view name);
    void clear();
    void reserve(std::size_t fields, std::size_t bytes);

    // The first field's value, or nothing.
    [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
    // The first field's value, or "".
    [[nodiscard]] std::string_view get(std::string_view name) const {
        return find(name).value_or(std::string_view{});
    }
    [[nodiscard]] std::vector<std::string_view> get_all(std::string_view name) const;
    [[nodiscard]] bool has(std::string_view name) const { return find(name).has_value(); }
    [[nodiscard]] std::size_t count(std::string_view name) const;
    // Whether a comma-separated list field holds `token` (without case).
    [[nodiscard]] bool has_token(std::string_view name, std::string_view token) const;

    [[nodiscard]] std::size_t size() const { return fields_.size(); }
    [[nodiscard]] bool empty() const { return fields_.empty(); }
    [[nodiscard]] HeaderView operator[](std::size_t index) const;

    class Iterator {
      public:
        Iterator(const Headers* headers, std::size_t index) : headers_(headers), index_(index) {}
        HeaderView operator*() const { return (*headers_)[index_]; }
        Iterator& operator++() {
            ++index_;
            return *this;
        }
        bool operator==(const Iterator& other) const { return index_ == other.index_; }

      private:
        const Headers* headers_;
        std::size_t index_;
    };
    [[nodiscard]] Iterator begin() const { return {this, 0}; }
    [[nodiscard]] Iterator end() const { return {this, fields_.size()}; }

  private:
    struct Field {
        std::uint32_t name, name_size, value, value_size;
    };
    std::string text_;
    std::vector<Field> fields_;
};

struct Request {
    std::string method;
    std::string target;         // origin-form, as received
    std::size_t path_size = 0;  // of target, up to the '?'
    int version = 11;           // 10 or 11
    Headers headers;
    std::string body;
    std::string id;  // "req_…", also in every reply's request-id header
    std::vector<std::pair<std::string, std::string>> params;  // from the route's pattern

    [[nodiscard]] std::string_view path() const {
        return std::string_view(target).substr(0, path_size);
    }
    [[nodiscard]] std::string_view query() const {
        return path_size < target.size() ? std::string_view(target).substr(path_size + 1)
                                         : std::string_view{};
    }
    // A query parameter's value, percent-decoded; nothing if absent.
    [[nodiscard]] std::optional<std::string> query_param(std::string_view name) const;
    // A path parameter ("" if the pattern has none of that name).
    [[nodiscard]] std::string_view param(std::string_view name) const;
};

struct ResponseHead {
    int status = 0;
    int version = 11;
    Headers headers;
};

[[nodiscard]] std::string_view reason_phrase(int status);
// Percent-decoding of a path segment or query value; nothing for a broken escape.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space);

}  // namespace ccr::http
