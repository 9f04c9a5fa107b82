// SPDX-License-Identifier: MIT
// Server-sent events out of bytes as they arrive. Lines end in LF, CR or CRLF; events may be cut
// anywhere. An event that lies wholly in the bytes at hand is given as views into them; only an
// event that is still incomplete is copied, and between events the parser holds no memory.
//
//   parser.feed(bytes);
//   SseEvent event;
//   while (parser.next(event)) use(event);      // bytes must stay put until next() said false
//
// Bare JSON between events (newline-delimited streams, an error body sent into a stream) counts as
// an event without a name. Linear in the number of bytes, however they are cut.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace ccr::dialect {

constexpr std::size_t max_sse_event = 16U << 20U;  // bytes of one event, field names included

struct SseEvent {
    std::string_view name;  // of the event: field, else empty
    std::string_view data;  // lines joined by LF; never empty
    bool bare = false;      // JSON by itself, which other readers pass over
};

class SseParser {
  public:
    // Takes the next bytes of the stream, after next() has said false.
    void feed(std::string_view bytes);
    // The next complete event. Its views are valid until the call after this.
    bool next(SseEvent& event);
    // No more bytes follow: next() gives an event that only lacks its blank line.
    void finish();

    // An event went over max_sse_event. The parser gives nothing any more.
    [[nodiscard]] bool overflowed() const { return overflowed_; }
    // So many of the bytes so far belong to an event that is not complete: something else may be
    // written where it begins. Ask when next() has said false, before finish().
    [[nodiscard]] std::size_t unfinished() const { return buffering_ ? buffer_.size() : 0; }

  private:
    // A piece of the current event, relative to its first byte because the bytes may move.
    struct Span {
        std::size_t begin = 0;
        std::size_t size = 0;
    };
    // Follows brackets and quotes of bare JSON to see where it is complete.
    struct Balance {
        std::size_t depth = 0;
        bool in_string = false;
        bool escaped = false;
        void read(std::string_view text);
    };
    enum class Line : std::uint8_t { more, event };

    bool take_line(std::string_view& line);
    std::size_t find_line_end();
    void pass_line_end(std::size_t end);
    Line read_line(std::string_view line);
    Line read_blank();
    Line read_bare(std::string_view line);
    void read_field(std::string_view line);
    void add_data(Span value);
    void keep_rest();
    void start_event();
    bool give(SseEvent& event);
    bool give_last(SseEvent& event);
    [[nodiscard]] std::string_view text() const;  // of the current event, as far as it is known
    [[nodiscard]] bool pending() const { return has_data_ || in_bare_ || name_.size > 0; }

    std::string_view bytes_;       // as fed
    std::size_t pos_ = 0;          // first byte not looked at
    std::size_t lf_ = 0;           // the next LF and CR at or behind pos_, so that none is searched
    std::size_t cr_ = 0;           // for twice; stale when before it
    std::size_t event_begin_ = 0;  // in bytes_, unless buffering
    std::size_t line_ = 0;         // where the current line starts in the event
    std::string buffer_;           // the current event, once it spans several feeds
    std::string joined_;           // data of several lines
    Span name_;
    Span data_;
    Balance bare_;
    bool searched_ = false;  // lf_ and cr_ mean something
    bool buffering_ = false;
    bool has_data_ = false;
    bool is_joined_ = false;
    bool in_bare_ = false;
    bool given_ = false;    // the event in hand was given out
    bool skip_lf_ = false;  // the last byte was a CR
    bool at_start_ = true;  // a byte order mark may come
    bool finished_ = false;
    bool overflowed_ = false;
};

}  // namespace ccr::dialect
