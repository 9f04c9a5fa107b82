// SPDX-License-Identifier: MIT
// Reads HTTP/1.1 responses as they arrive, keeping nothing but counts: status, body bytes, SSE
// frames and the last bytes, by which a stream's proper end is told from a cut.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace ccr::bench {

class ResponseReader {
  public:
    enum class State : std::uint8_t { head, body, done, bad };

    // Takes all of `bytes` (pipelined responses do not occur here).
    State feed(std::string_view bytes);
    // The peer closed: ends a body that has no other end.
    State feed_eof();
    void reset();

    [[nodiscard]] int status() const { return status_; }
    [[nodiscard]] std::uint64_t frames() const { return frames_; }
    [[nodiscard]] std::uint64_t body_bytes() const { return body_bytes_; }
    [[nodiscard]] bool is_stream() const { return stream_; }
    [[nodiscard]] bool keep_alive() const { return keep_alive_; }
    // Whether the answer is complete for its kind: 200, and for a stream its closing event.
    [[nodiscard]] bool good() const;
    [[nodiscard]] const std::string& tail() const { return tail_; }

  private:
    enum class Chunk : std::uint8_t { size, data, data_end, trailer };

    bool parse_head(std::string_view head);
    State feed_body(std::string_view bytes);
    State feed_chunks(std::string_view bytes);
    bool take_size_line(std::string_view line);
    void count(std::string_view bytes);

    State state_ = State::head;
    Chunk chunk_ = Chunk::size;
    bool chunked_ = false;
    bool stream_ = false;
    bool keep_alive_ = true;
    bool after_newline_ = false;
    int status_ = 0;
    std::uint64_t left_ = 0;  // of the body, or of the chunk
    std::uint64_t frames_ = 0;
    std::uint64_t body_bytes_ = 0;
    std::string pending_;  // an unfinished head or chunk line
    std::string tail_;
};

}  // namespace ccr::bench
