// SPDX-License-Identifier: MIT
// Streaming gzip and deflate decoding with limits against decompression bombs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "common/result.hpp"

namespace ccr::http {

struct InflateLimits {
    std::uint64_t max_output = std::uint64_t{1} << 30U;
    std::uint64_t max_ratio = 200;                       // output : input …
    std::uint64_t ratio_from = std::uint64_t{1} << 20U;  // … checked past this much output
};

enum class ContentCoding { identity, gzip, deflate, unknown };
// A Content-Encoding value; lists of more than one real coding are unknown.
[[nodiscard]] ContentCoding content_coding(std::string_view header);

class Inflater {
  public:
    Inflater(ContentCoding coding, InflateLimits limits);  // gzip or deflate (zlib or raw)
    ~Inflater();
    Inflater(Inflater&&) noexcept;
    Inflater& operator=(Inflater&&) noexcept;

    // Decodes from `input` (advanced past what was taken) into `output`; gives the bytes written.
    // Less than output.size() means that all input is used up. Whatever can be decoded is: an event
    // that was flushed by the sender comes out at once. Errors: malformed, too_large.
    [[nodiscard]] Result<std::size_t> inflate(std::string_view& input, std::span<char> output);
    // True once the stream's end marker was seen.
    [[nodiscard]] bool finished() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace ccr::http
