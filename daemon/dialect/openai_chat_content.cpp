// SPDX-License-Identifier: MIT
#include "daemon/dialect/openai_chat_content.hpp"

namespace ccr::dialect::openai_chat {

void Content::open(Kind kind, std::string_view cache_control) {
    pieces_.push_back({kind, static_cast<std::uint32_t>(segments_.size()), cache_control});
    if (!cache_control.empty()) cache_marks_ = true;
    if (kind != Kind::text) ++media_;
}

void Content::open_text(std::string_view cache_control) {
    open(Kind::text, cache_control);
}

void Content::image(std::initializer_list<std::string_view> url) {
    open(Kind::image, {});
    segments_.insert(segments_.end(), url);
}

void Content::file(std::string_view name, std::initializer_list<std::string_view> data) {
    open(Kind::file, {});
    segments_.push_back(name);
    segments_.insert(segments_.end(), data);
}

void Content::append(const Content& other) {
    const auto shift = static_cast<std::uint32_t>(segments_.size());
    for (Piece piece : other.pieces_) {
        piece.first += shift;
        pieces_.push_back(piece);
    }
    segments_.insert(segments_.end(), other.segments_.begin(), other.segments_.end());
    media_ += other.media_;
    cache_marks_ = cache_marks_ || other.cache_marks_;
}

void Content::prefix(std::string_view escaped) {
    const bool joins = !pieces_.empty() && pieces_.front().kind == Kind::text;
    segments_.insert(segments_.begin(), escaped);
    for (Piece& piece : pieces_)
        ++piece.first;
    if (joins) {
        pieces_.front().first = 0;
    } else {
        pieces_.insert(pieces_.begin(), Piece{Kind::text, 0, {}});
    }
}

void Content::clear() {
    pieces_.clear();
    segments_.clear();
    media_ = 0;
    cache_marks_ = false;
}

std::string_view Content::beginning(std::size_t limit) const {
    if (pieces_.empty() || pieces_.front().kind != Kind::text || end_of(0) == 0) return {};
    return segments_[pieces_.front().first].substr(0, limit);
}

std::uint32_t Content::end_of(std::size_t piece) const {
    return piece + 1 < pieces_.size() ? pieces_[piece + 1].first
                                      : static_cast<std::uint32_t>(segments_.size());
}

Content::View Content::at(std::size_t piece) const {
    const std::uint32_t first = pieces_[piece].first;
    return {pieces_[piece].kind, std::span(segments_).subspan(first, end_of(piece) - first),
            pieces_[piece].cache_control};
}

void Content::write(json::Writer& out, std::string_view separator, CacheMarks marks) const {
    if (has_media() || (marks != CacheMarks::drop && cache_marks_)) {
        write_parts(out, marks);
    } else {
        write_string(out, separator);
    }
}

void Content::write_parts(json::Writer& out, CacheMarks marks) const {
    out.begin_array();
    write_part_elements(out, marks);
    out.end_array();
}

void Content::write_part_elements(json::Writer& out, CacheMarks marks) const {
    for (std::size_t piece = 0; piece < pieces_.size(); ++piece)
        write_part(out, piece, marks);
}

void Content::append_segments(json::Writer& out, std::uint32_t first, std::uint32_t last) const {
    for (std::uint32_t i = first; i < last; ++i)
        out.append_escaped_text(segments_[i]);
}

void Content::write_string(json::Writer& out, std::string_view separator) const {
    out.begin_string();
    for (std::size_t piece = 0; piece < pieces_.size(); ++piece) {
        if (piece > 0) out.append_escaped_text(separator);
        append_segments(out, pieces_[piece].first, end_of(piece));
    }
    out.end_string();
}

void Content::write_part(json::Writer& out, std::size_t index, CacheMarks marks) const {
    const Piece& piece = pieces_[index];
    std::uint32_t first = piece.first;
    out.begin_object();
    switch (piece.kind) {
        case Kind::text:
            out.key("type").escaped("text").key("text").begin_string();
            break;
        case Kind::image:
            out.key("type").escaped("image_url").key("image_url").begin_object();
            out.key("url").begin_string();
            break;
        case Kind::file:
            out.key("type").escaped("file").key("file").begin_object();
            out.key("filename").escaped(segments_[first++]).key("file_data").begin_string();
            break;
    }
    append_segments(out, first, end_of(index));
    out.end_string();
    if (piece.kind != Kind::text) out.end_object();
    write_cache_mark(out, piece.cache_control, marks);
    out.end_object();
}

CacheMarks cache_marks(const Profile& profile) {
    if (profile.cache_breakpoints) return CacheMarks::breakpoints;
    return profile.cache_control ? CacheMarks::keep : CacheMarks::drop;
}

void write_cache_mark(json::Writer& out, std::string_view cache_control, CacheMarks marks) {
    if (cache_control.empty() || marks == CacheMarks::drop) return;
    if (marks == CacheMarks::keep) {
        out.key("cache_control").raw(cache_control);
    } else {
        out.key("prompt_cache_breakpoint").raw(R"({"mode":"explicit"})");
    }
}

void write_text(json::Writer& out, std::span<const std::string_view> segments) {
    out.begin_string();
    for (const std::string_view segment : segments)
        out.append_escaped_text(segment);
    out.end_string();
}

}  // namespace ccr::dialect::openai_chat
