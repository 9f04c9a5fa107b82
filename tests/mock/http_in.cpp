// SPDX-License-Identifier: MIT
#include "tests/mock/http_in.hpp"

#include <algorithm>
#include <charconv>

namespace ccr::mock {
namespace {

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return out;
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
        text.remove_suffix(1);
    return text;
}

bool parse_request_line(std::string_view line, Request& out) {
    const auto first = line.find(' ');
    const auto last = line.rfind(' ');
    if (first == std::string_view::npos || last == first) return false;
    const auto version = line.substr(last + 1);
    if (version != "HTTP/1.1" && version != "HTTP/1.0") return false;
    out.method = line.substr(0, first);
    out.keep_alive = version == "HTTP/1.1";
    const auto target = line.substr(first + 1, last - first - 1);
    const auto mark = target.find('?');
    out.path = target.substr(0, mark);
    out.query = mark == std::string_view::npos ? "" : target.substr(mark + 1);
    return !out.path.empty();
}

bool parse_head(std::string_view head, Request& out) {
    out.headers.clear();
    bool first = true;
    while (!head.empty()) {
        const auto end = head.find("\r\n");
        const auto line = head.substr(0, end);
        head = end == std::string_view::npos ? std::string_view() : head.substr(end + 2);
        if (first) {
            if (!parse_request_line(line, out)) return false;
            first = false;
            continue;
        }
        const auto colon = line.find(':');
        if (colon == std::string_view::npos || colon == 0) return false;
        out.headers.emplace_back(lower(line.substr(0, colon)), trim(line.substr(colon + 1)));
    }
    return !first;
}

template <typename T>
bool parse_number(std::string_view text, int base, T& out) {
    const auto end = text.data() + text.size();
    const auto result = std::from_chars(text.data(), end, out, base);
    return result.ec == std::errc() && result.ptr == end;
}

// Trailers after the last chunk are read and dropped.
Parsed end_of_chunks(std::string_view in, std::size_t at) {
    while (true) {
        const auto end = in.find("\r\n", at);
        if (end == std::string_view::npos) return {};
        if (end == at) return {ParseState::complete, at + 2, 0, false};
        at = end + 2;
    }
}

Parsed parse_chunks(std::string_view in, std::size_t at, std::string& body) {
    body.clear();
    while (true) {
        const auto end = in.find("\r\n", at);
        if (end == std::string_view::npos) return {};
        auto digits = in.substr(at, end - at);
        digits = trim(digits.substr(0, digits.find(';')));
        std::size_t size = 0;
        if (!parse_number(digits, 16, size)) return {ParseState::bad, 0, 0, false};
        at = end + 2;
        if (size == 0) return end_of_chunks(in, at);
        if (in.size() < at + size + 2) return {ParseState::need_more, 0, at + size + 2, false};
        body.append(in.substr(at, size));
        if (in.substr(at + size, 2) != "\r\n") return {ParseState::bad, 0, 0, false};
        at += size + 2;
    }
}

}  // namespace

std::string_view Request::header(std::string_view name) const {
    for (const auto& [key, value] : headers)
        if (key == name) return value;
    return {};
}

std::string Request::query_value(std::string_view name, std::string_view otherwise) const {
    std::string_view rest = query;
    while (!rest.empty()) {
        const auto amp = rest.find('&');
        const auto pair = rest.substr(0, amp);
        rest = amp == std::string_view::npos ? std::string_view() : rest.substr(amp + 1);
        const auto equals = pair.find('=');
        if (pair.substr(0, equals) != name) continue;
        return equals == std::string_view::npos ? "" : percent_decode(pair.substr(equals + 1));
    }
    return std::string(otherwise);
}

Parsed parse_request(std::string_view in, Request& out) {
    const auto end = in.find("\r\n\r\n");
    if (end == std::string_view::npos)
        return {in.size() > 256 * 1024 ? ParseState::bad : ParseState::need_more, 0, 0, false};
    if (!parse_head(in.substr(0, end), out)) return {ParseState::bad, 0, 0, false};
    const auto connection = lower(out.header("connection"));
    if (connection == "close") out.keep_alive = false;
    if (connection == "keep-alive") out.keep_alive = true;

    const bool expects = lower(out.header("expect")) == "100-continue";
    const auto body_at = end + 4;
    Parsed parsed;
    if (lower(out.header("transfer-encoding")) == "chunked") {
        parsed = parse_chunks(in, body_at, out.body);
    } else {
        const auto text = out.header("content-length");
        std::size_t length = 0;
        if (!text.empty() && !parse_number(text, 10, length)) return {ParseState::bad, 0, 0, false};
        const auto total = body_at + length;
        if (in.size() < total) return {ParseState::need_more, 0, total, expects};
        out.body = in.substr(body_at, length);
        return {ParseState::complete, total, 0, false};
    }
    parsed.expects_continue = expects;
    return parsed;
}

std::string percent_decode(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned char byte = 0;
        if (text[i] == '%' && i + 2 < text.size() &&
            parse_number(text.substr(i + 1, 2), 16, byte)) {
            out.push_back(static_cast<char>(byte));
            i += 2;
        } else {
            out.push_back(text[i]);
        }
    }
    return out;
}

}  // namespace ccr::mock
