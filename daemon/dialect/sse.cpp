// SPDX-License-Identifier: MIT
#include "daemon/dialect/sse.hpp"

#include <algorithm>

namespace ccr::dialect {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

}  // namespace

void SseParser::Balance::read(std::string_view text) {
    for (const char c : text) {
        if (escaped) {
            escaped = false;
        } else if (in_string) {
            escaped = c == '\\';
            in_string = c != '"';
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            ++depth;
        } else if ((c == '}' || c == ']') && depth > 0) {
            --depth;
        }
    }
}

void SseParser::feed(std::string_view bytes) {
    bytes_ = bytes;
    pos_ = 0;
    searched_ = false;
    if (given_) start_event();
    if (skip_lf_ && !bytes.empty()) {
        pos_ = bytes.front() == '\n' ? 1 : 0;
        skip_lf_ = false;
    }
    if (!buffering_) event_begin_ = pos_;
}

void SseParser::finish() {
    feed({});
    finished_ = true;
}

bool SseParser::next(SseEvent& event) {
    if (given_) start_event();
    std::string_view line;
    while (!overflowed_ && take_line(line)) {
        const Line outcome = read_line(line);
        line_ = buffering_ ? buffer_.size() : pos_ - event_begin_;
        if (outcome == Line::event) return give(event);
        if (!pending()) start_event();
    }
    if (overflowed_) return false;
    if (finished_) return give_last(event);
    keep_rest();
    return false;
}

// Moves past the next whole line; `line` is without its end.
bool SseParser::take_line(std::string_view& line) {
    const std::size_t end = find_line_end();
    if (end == bytes_.size()) return false;
    const std::size_t from = pos_;
    pass_line_end(end);
    if (!buffering_) {
        line = bytes_.substr(event_begin_ + line_, end - event_begin_ - line_);
        overflowed_ = end - event_begin_ > max_sse_event;
        return !overflowed_;
    }
    buffer_.append(bytes_.substr(from, pos_ - from));
    line = std::string_view(buffer_).substr(line_);
    line.remove_suffix(pos_ - end);
    overflowed_ = buffer_.size() > max_sse_event;
    return !overflowed_;
}

// Index of the next LF or CR, or the number of bytes. Each byte is searched once for either.
std::size_t SseParser::find_line_end() {
    const auto search = [this](char c) { return std::min(bytes_.find(c, pos_), bytes_.size()); };
    if (!searched_ || lf_ < pos_) lf_ = search('\n');
    if (!searched_ || cr_ < pos_) cr_ = search('\r');
    searched_ = true;
    return std::min(lf_, cr_);
}

void SseParser::pass_line_end(std::size_t end) {
    pos_ = end + 1;
    if (bytes_[end] == '\n') return;
    if (pos_ == bytes_.size()) {
        skip_lf_ = true;  // the line is complete all the same
    } else if (bytes_[pos_] == '\n') {
        ++pos_;
    }
}

SseParser::Line SseParser::read_line(std::string_view line) {
    if (at_start_ && line.starts_with(byte_order_mark)) {
        line.remove_prefix(byte_order_mark.size());
        line_ += byte_order_mark.size();
    }
    at_start_ = false;
    if (line.empty()) return read_blank();
    if (in_bare_ || (!pending() && (line.front() == '{' || line.front() == '['))) {
        return read_bare(line);
    }
    if (line.front() != ':') read_field(line);
    return Line::more;
}

SseParser::Line SseParser::read_blank() {
    const bool complete = in_bare_ || is_joined_ || (has_data_ && data_.size > 0);
    if (complete) return Line::event;
    has_data_ = false;
    name_ = {};
    return Line::more;
}

SseParser::Line SseParser::read_bare(std::string_view line) {
    if (!in_bare_) {
        in_bare_ = true;
        data_.begin = line_;
        bare_ = {};
    }
    bare_.read(line);
    data_.size = line_ + line.size() - data_.begin;
    return bare_.depth == 0 && !bare_.in_string ? Line::event : Line::more;
}

void SseParser::read_field(std::string_view line) {
    const std::size_t colon = std::min(line.find(':'), line.size());
    const std::string_view field = line.substr(0, colon);
    std::size_t begin = std::min(colon + 1, line.size());
    if (begin < line.size() && line[begin] == ' ') ++begin;
    const Span value{line_ + begin, line.size() - begin};
    if (field == "data") {
        add_data(value);
    } else if (field == "event") {
        name_ = value;
    }
}

void SseParser::add_data(Span value) {
    if (!has_data_) {
        has_data_ = true;
        data_ = value;
        return;
    }
    if (!is_joined_) joined_ = text().substr(data_.begin, data_.size);
    is_joined_ = true;
    joined_ += '\n';
    joined_ += text().substr(value.begin, value.size);
}

// The fed bytes are about to go: what the current event needs of them is copied.
void SseParser::keep_rest() {
    if (buffering_) {
        buffer_.append(bytes_.substr(pos_));
    } else if (event_begin_ < bytes_.size()) {
        buffer_.assign(bytes_.substr(event_begin_));
        buffering_ = true;
    }
    bytes_ = {};
    pos_ = 0;
    event_begin_ = 0;
    overflowed_ = buffer_.size() > max_sse_event;
}

void SseParser::start_event() {
    if (buffering_) std::string().swap(buffer_);
    if (is_joined_) std::string().swap(joined_);
    buffering_ = false;
    event_begin_ = pos_;
    line_ = 0;
    name_ = {};
    data_ = {};
    has_data_ = false;
    is_joined_ = false;
    in_bare_ = false;
    given_ = false;
}

bool SseParser::give(SseEvent& event) {
    const std::string_view all = text();
    event.name = all.substr(name_.begin, name_.size);
    event.data = is_joined_ ? std::string_view(joined_) : all.substr(data_.begin, data_.size);
    event.bare = in_bare_;
    given_ = true;
    return true;
}

bool SseParser::give_last(SseEvent& event) {
    if (line_ < buffer_.size()) {
        read_line(std::string_view(buffer_).substr(line_));
        line_ = buffer_.size();
    }
    if (in_bare_ || is_joined_ || (has_data_ && data_.size > 0)) return give(event);
    start_event();
    return false;
}

std::string_view SseParser::text() const {
    return buffering_ ? std::string_view(buffer_) : bytes_.substr(event_begin_);
}

}  // namespace ccr::dialect
