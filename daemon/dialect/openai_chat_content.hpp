// SPDX-License-Identifier: MIT
// The content of one Chat Completions message, collected as slices of escaped text and written in
// one go. Private to the dialect.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

#include "common/json.hpp"
#include "daemon/dialect/profile.hpp"

namespace ccr::dialect::openai_chat {

// What becomes of the client's cache marks.
enum class CacheMarks : std::uint8_t {
    drop,
    keep,         // as they are
    breakpoints,  // OpenAI's own
};
[[nodiscard]] CacheMarks cache_marks(const Profile& profile);
// The mark on a part that is being written, if there is one.
void write_cache_mark(json::Writer& out, std::string_view cache_control, CacheMarks marks);

class Content {
  public:
    enum class Kind : std::uint8_t { text, image, file };
    // A piece in another dialect's hands: of a file the first segment is its name, the others (of
    // an image all) make up a URL as image() and file() were given it.
    struct View {
        Kind kind;
        std::span<const std::string_view> segments;
        std::string_view cache_control;
    };

    // Begins a piece of text; add() goes on with the piece begun last. Everything added is
    // JSON-escaped and outlives this object.
    void open_text(std::string_view cache_control = {});
    void add(std::string_view escaped) { segments_.push_back(escaped); }
    void text(std::string_view escaped) {
        open_text();
        add(escaped);
    }
    void image(std::initializer_list<std::string_view> url);
    void file(std::string_view name, std::initializer_list<std::string_view> data);
    void append(const Content& other);
    void prefix(std::string_view escaped);  // in front of the first text
    void clear();

    [[nodiscard]] bool empty() const { return pieces_.empty(); }
    [[nodiscard]] std::size_t size() const { return pieces_.size(); }
    [[nodiscard]] View at(std::size_t piece) const;
    [[nodiscard]] bool has_media() const { return media_ > 0; }
    // The first `limit` bytes of the first text, or less.
    [[nodiscard]] std::string_view beginning(std::size_t limit) const;

    // As the value of "content": the texts joined by the separator (escaped), or a list of parts if
    // there is anything but text or a cache mark to keep.
    void write(json::Writer& out, std::string_view separator, CacheMarks marks) const;
    void write_parts(json::Writer& out, CacheMarks marks) const;
    // The parts alone, into an array that is open already.
    void write_part_elements(json::Writer& out, CacheMarks marks) const;

  private:
    struct Piece {
        Kind kind;
        std::uint32_t first;  // segment
        std::string_view cache_control;
    };
    [[nodiscard]] std::uint32_t end_of(std::size_t piece) const;
    void open(Kind kind, std::string_view cache_control);
    void write_string(json::Writer& out, std::string_view separator) const;
    void write_part(json::Writer& out, std::size_t piece, CacheMarks marks) const;
    void append_segments(json::Writer& out, std::uint32_t first, std::uint32_t last) const;

    std::vector<Piece> pieces_;
    std::vector<std::string_view> segments_;
    std::uint32_t media_ = 0;
    bool cache_marks_ = false;
};

// One string of escaped pieces.
void write_text(json::Writer& out, std::span<const std::string_view> segments);

}  // namespace ccr::dialect::openai_chat
