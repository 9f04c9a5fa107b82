// SPDX-License-Identifier: MIT
#include "tests/bench/response.hpp"

#include <strings.h>

#include <algorithm>
#include <charconv>
#include <limits>

namespace ccr::bench {
namespace {

constexpr std::size_t tail_size = 160;
constexpr auto until_close = std::numeric_limits<std::uint64_t>::max();

bool same_word(std::string_view a, std::string_view b) {
    return a.size() == b.size() && ::strncasecmp(a.data(), b.data(), a.size()) == 0;
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && text.front() == ' ')
        text.remove_prefix(1);
    return text;
}

}  // namespace

void ResponseReader::reset() {
    *this = ResponseReader();
}

ResponseReader::State ResponseReader::feed(std::string_view bytes) {
    if (state_ == State::head) {
        pending_.append(bytes);
        const auto end = pending_.find("\r\n\r\n");
        if (end == std::string::npos) return state_;
        const std::string text = std::move(pending_);
        pending_.clear();
        if (!parse_head(std::string_view(text).substr(0, end))) return state_ = State::bad;
        return feed_body(std::string_view(text).substr(end + 4));
    }
    return feed_body(bytes);
}

ResponseReader::State ResponseReader::feed_eof() {
    const bool ends = state_ == State::body && !chunked_ && left_ == until_close;
    return state_ = ends ? State::done : State::bad;
}

bool ResponseReader::parse_head(std::string_view head) {
    if (head.size() < 12 || head.substr(0, 9) != "HTTP/1.1 ") return false;
    std::from_chars(head.data() + 9, head.data() + 12, status_);
    left_ = until_close;
    while (!head.empty()) {
        const auto end = head.find("\r\n");
        const auto line = head.substr(0, end);
        head = end == std::string_view::npos ? std::string_view() : head.substr(end + 2);
        const auto colon = line.find(':');
        if (colon == std::string_view::npos) continue;
        const auto name = line.substr(0, colon);
        const auto value = trim(line.substr(colon + 1));
        if (same_word(name, "content-length"))
            std::from_chars(value.data(), value.data() + value.size(), left_);
        if (same_word(name, "transfer-encoding")) chunked_ = same_word(value, "chunked");
        if (same_word(name, "connection")) keep_alive_ = !same_word(value, "close");
        if (same_word(name, "content-type")) stream_ = value.substr(0, 17) == "text/event-stream";
    }
    state_ = State::body;
    return true;
}

ResponseReader::State ResponseReader::feed_body(std::string_view bytes) {
    if (chunked_) return feed_chunks(bytes);
    if (bytes.size() > left_) return state_ = State::bad;
    count(bytes);
    if (left_ != until_close) left_ -= bytes.size();
    return state_ = left_ == 0 ? State::done : State::body;
}

ResponseReader::State ResponseReader::feed_chunks(std::string_view bytes) {
    while (!bytes.empty() && state_ == State::body) {
        if (chunk_ == Chunk::data) {
            const auto part = bytes.substr(0, std::min<std::uint64_t>(left_, bytes.size()));
            count(part);
            left_ -= part.size();
            bytes.remove_prefix(part.size());
            if (left_ == 0) chunk_ = Chunk::data_end;
            continue;
        }
        const auto end = bytes.find('\n');
        pending_.append(bytes.substr(0, end == std::string_view::npos ? end : end + 1));
        if (end == std::string_view::npos) return state_;
        bytes.remove_prefix(end + 1);
        const bool fine = take_size_line(pending_);
        pending_.clear();
        if (!fine) return state_ = State::bad;
    }
    return state_ == State::done && !bytes.empty() ? state_ = State::bad : state_;
}

// A line of the chunk framing, "\r\n" included: a size, the end of a chunk, or a trailer.
bool ResponseReader::take_size_line(std::string_view line) {
    if (chunk_ == Chunk::data_end) {
        chunk_ = Chunk::size;
        return line == "\r\n";
    }
    if (chunk_ == Chunk::trailer) {
        if (line == "\r\n") state_ = State::done;
        return true;
    }
    const auto result = std::from_chars(line.data(), line.data() + line.size(), left_, 16);
    if (result.ec != std::errc()) return false;
    chunk_ = left_ == 0 ? Chunk::trailer : Chunk::data;
    return true;
}

void ResponseReader::count(std::string_view bytes) {
    body_bytes_ += bytes.size();
    for (const char* at = bytes.data(); at != bytes.data() + bytes.size(); ++at) {
        const bool newline = *at == '\n';
        if (newline && after_newline_) ++frames_;
        after_newline_ = newline && !after_newline_;
    }
    if (bytes.size() >= tail_size) {
        tail_ = bytes.substr(bytes.size() - tail_size);
        return;
    }
    tail_.append(bytes);
    if (tail_.size() > 2 * tail_size) tail_.erase(0, tail_.size() - tail_size);
}

bool ResponseReader::good() const {
    if (state_ != State::done || status_ != 200 || body_bytes_ == 0) return false;
    if (!stream_) return tail_.find('}') != std::string::npos;
    return tail_.find("[DONE]") != std::string::npos ||
           tail_.find("message_stop") != std::string::npos;
}

}  // namespace ccr::bench
