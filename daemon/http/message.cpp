// SPDX-License-Identifier: MIT
#include "daemon/http/message.hpp"

#include <algorithm>
#include <array>

#include "common/text.hpp"

namespace ccr::http {
namespace {

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const char low = ascii_lower(c);
    return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

}  // namespace

Headers::Headers(std::initializer_list<HeaderView> fields) {
    for (const auto& field : fields)
        add(field.name, field.value);
}

void Headers::add(std::string_view name, std::string_view value) {
    const auto at = [this] { return static_cast<std::uint32_t>(text_.size()); };
    Field field{};
    field.name = at();
    field.name_size = static_cast<std::uint32_t>(name.size());
    text_ += name;
    field.value = at();
    field.value_size = static_cast<std::uint32_t>(value.size());
    text_ += value;
    fields_.push_back(field);
}

void Headers::set(std::string_view name, std::string_view value) {
    // The arguments may be views into this very object.
    const std::string name_copy(name);
    const std::string value_copy(value);
    remove(name_copy);
    add(name_copy, value_copy);
}

void Headers::remove(std::string_view name) {
    const auto named = [this, name](const Field& field) {
        return iequals(std::string_view(text_).substr(field.name, field.name_size), name);
    };
    std::erase_if(fields_, named);
}

void Headers::clear() {
    text_.clear();
    fields_.clear();
}

void Headers::reserve(std::size_t fields, std::size_t bytes) {
    fields_.reserve(fields);
    text_.reserve(bytes);
}

HeaderView Headers::operator[](std::size_t index) const {
    const Field& field = fields_[index];
    const std::string_view text = text_;
    return {text.substr(field.name, field.name_size), text.substr(field.value, field.value_size)};
}

std::optional<std::string_view> Headers::find(std::string_view name) const {
    for (const auto [key, value] : *this) {
        if (iequals(key, name)) return value;
    }
    return std::nullopt;
}

std::vector<std::string_view> Headers::get_all(std::string_view name) const {
    std::vector<std::string_view> out;
    for (const auto [key, value] : *this) {
        if (iequals(key, name)) out.push_back(value);
    }
    return out;
}

std::size_t Headers::count(std::string_view name) const {
    std::size_t out = 0;
    for (const auto [key, value] : *this)
        out += iequals(key, name) ? 1 : 0;
    return out;
}

bool Headers::has_token(std::string_view name, std::string_view token) const {
    for (auto [key, list] : *this) {
        if (!iequals(key, name)) continue;
        for (;;) {
            const auto comma = list.find(',');
            if (iequals(trim(list.substr(0, comma)), token)) return true;
            if (comma == std::string_view::npos) break;
            list.remove_prefix(comma + 1);
        }
    }
    return false;
}

std::optional<std::string> Request::query_param(std::string_view name) const {
    std::string_view rest = query();
    while (!rest.empty()) {
        const auto end = rest.find('&');
        const auto pair = rest.substr(0, end);
        const auto equals = pair.find('=');
        if (pair.substr(0, equals) == name) {
            if (equals == std::string_view::npos) return std::string();
            return percent_decode(pair.substr(equals + 1), true);
        }
        if (end == std::string_view::npos) break;
        rest.remove_prefix(end + 1);
    }
    return std::nullopt;
}

std::string_view Request::param(std::string_view name) const {
    for (const auto& [key, value] : params) {
        if (key == name) return value;
    }
    return {};
}

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+' && plus_is_space) {
            out += ' ';
            continue;
        }
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        if (i + 2 >= text.size()) return std::nullopt;
        const int high = hex_digit(text[i + 1]);
        const int low = hex_digit(text[i + 2]);
        if (high < 0 || low < 0) return std::nullopt;
        out += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return out;
}

std::string_view reason_phrase(int status) {
    struct Row {
        int status;
        std::string_view phrase;
    };
    static constexpr std::array<Row, 32> rows{{
        {100, "Continue"},
        {200, "OK"},
        {201, "Created"},
        {202, "Accepted"},
        {204, "No Content"},
        {301, "Moved Permanently"},
        {302, "Found"},
        {304, "Not Modified"},
        {307, "Temporary Redirect"},
        {308, "Permanent Redirect"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {402, "Payment Required"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {413, "Content Too Large"},
        {415, "Unsupported Media Type"},
        {417, "Expectation Failed"},
        {422, "Unprocessable Content"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {499, "Client Closed Request"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
        {505, "HTTP Version Not Supported"},
        {529, "Overloaded"},
    }};
    for (const Row& row : rows) {
        if (row.status == status) return row.phrase;
    }
    return "Status";
}

}  // namespace ccr::http
