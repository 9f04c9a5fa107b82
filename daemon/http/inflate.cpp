// SPDX-License-Identifier: MIT
#include "daemon/http/inflate.hpp"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "common/text.hpp"

namespace ccr::http {
namespace {

constexpr int gzip_window = 15 + 16;
constexpr int zlib_window = 15;
constexpr int raw_window = -15;
constexpr unsigned char gzip_magic = 0x1f;

// "deflate" means zlib by the standard and raw deflate by habit; the first byte tells: zlib's names
// method 8, which is no valid start of a raw stream with a small enough window field.
bool looks_like_zlib(unsigned char first) {
    return (first & 0x0fU) == 8 && (first >> 4U) <= 7;
}

}  // namespace

ContentCoding content_coding(std::string_view header) {
    const auto name = trim(header);
    if (name.empty() || iequals(name, "identity")) return ContentCoding::identity;
    if (iequals(name, "gzip") || iequals(name, "x-gzip")) return ContentCoding::gzip;
    if (iequals(name, "deflate")) return ContentCoding::deflate;
    return ContentCoding::unknown;
}

struct Inflater::State {
    z_stream stream{};
    InflateLimits limits;
    ContentCoding coding = ContentCoding::gzip;
    std::uint64_t consumed = 0, produced = 0;
    bool started = false;
    bool finished = false;

    ~State() {
        if (started) ::inflateEnd(&stream);
    }
    [[nodiscard]] bool start(unsigned char first) {
        int window = gzip_window;
        if (coding == ContentCoding::deflate) {
            window = looks_like_zlib(first) ? zlib_window : raw_window;
        }
        started = ::inflateInit2(&stream, window) == Z_OK;
        return started;
    }
    [[nodiscard]] bool bomb() const {
        if (produced > limits.max_output) return true;
        return produced > limits.ratio_from && produced / limits.max_ratio > consumed;
    }
};

Inflater::Inflater(ContentCoding coding, InflateLimits limits) : state_(std::make_unique<State>()) {
    state_->coding = coding;
    state_->limits = limits;
}
Inflater::~Inflater() = default;
Inflater::Inflater(Inflater&&) noexcept = default;
Inflater& Inflater::operator=(Inflater&&) noexcept = default;

bool Inflater::finished() const {
    return state_->finished;
}

Result<std::size_t> Inflater::inflate(std::string_view& input, std::span<char> output) {
    State& state = *state_;
    z_stream& z = state.stream;
    std::size_t written = 0;
    while (!input.empty() || state.started) {
        if (state.finished) {
            const bool another = state.coding == ContentCoding::gzip && !input.empty() &&
                                 static_cast<unsigned char>(input.front()) == gzip_magic;
            if (!another) {
                input = {};  // what follows the end marker is padding
                break;
            }
            ::inflateReset(&z);
            state.finished = false;
        }
        if (!state.started && !state.start(static_cast<unsigned char>(input.front()))) {
            return Error{ErrorKind::internal, "no memory for a decompressor"};
        }
        constexpr std::size_t most = std::numeric_limits<uInt>::max();
        const std::size_t given = std::min(input.size(), most);
        const std::size_t room = std::min(output.size() - written, most);
        // zlib never writes through next_in; its type only lacks the const.
        z.next_in = static_cast<Bytef*>(static_cast<void*>(const_cast<char*>(input.data())));
        z.avail_in = static_cast<uInt>(given);
        z.next_out = static_cast<Bytef*>(static_cast<void*>(output.data() + written));
        z.avail_out = static_cast<uInt>(room);
        const int code = ::inflate(&z, Z_SYNC_FLUSH);
        const std::size_t took = given - z.avail_in;
        const std::size_t made = room - z.avail_out;
        input.remove_prefix(took);
        written += made;
        state.consumed += took;
        state.produced += made;
        state.finished = code == Z_STREAM_END;
        if (state.bomb()) return Error{ErrorKind::too_large, "compressed body expands too much"};
        if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) {
            return Error{ErrorKind::malformed, "broken compressed body"};
        }
        const bool stuck = took == 0 && made == 0 && !state.finished;
        if (stuck || written == output.size() || (input.empty() && z.avail_out > 0)) break;
    }
    return written;
}

}  // namespace ccr::http
