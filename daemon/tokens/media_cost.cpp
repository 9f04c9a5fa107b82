// SPDX-License-Identifier: MIT
#include "daemon/tokens/media_cost.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

namespace ccr::tokens {
namespace {

constexpr double pixels_per_token = 750;
constexpr double longest_edge = 1568;
constexpr double most_per_image = 1600;
constexpr double unknown_image = 1500;
constexpr double per_document_page = 2000;
constexpr double bytes_per_page = 60000;  // base64 bytes of a typical PDF page

constexpr std::array<std::uint8_t, 256> make_digits() {
    constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::array<std::uint8_t, 256> table{};
    for (std::size_t i = 0; i < alphabet.size(); ++i)
        table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
    return table;
}
constexpr auto digits = make_digits();

// Single bytes of what a base64 text stands for; past the end they are 0.
class Base64 {
  public:
    explicit Base64(std::string_view text) : text_(text) {
        // Some clients escape the slashes; the head is all that is looked at then.
        if (text.find('\\') == std::string_view::npos) return;
        cleaned_ = text.substr(0, head);
        std::erase(cleaned_, '\\');
        text_ = cleaned_;
    }
    Base64(const Base64&) = delete;
    Base64& operator=(const Base64&) = delete;

    [[nodiscard]] std::size_t size() const { return text_.size() / 4 * 3; }
    [[nodiscard]] std::uint32_t byte(std::size_t i) const {
        const std::size_t group = i / 3 * 4;
        if (group + 4 > text_.size()) return 0;
        std::uint32_t bits = 0;
        for (std::size_t k = 0; k < 4; ++k)
            bits = bits << 6U | digits[static_cast<unsigned char>(text_[group + k])];
        return bits >> (16 - 8 * (i % 3)) & 0xFFU;
    }
    [[nodiscard]] std::uint32_t big16(std::size_t i) const { return byte(i) << 8U | byte(i + 1); }
    [[nodiscard]] std::uint32_t big32(std::size_t i) const {
        return big16(i) << 16U | big16(i + 2);
    }
    [[nodiscard]] std::uint32_t little16(std::size_t i) const {
        return byte(i + 1) << 8U | byte(i);
    }
    [[nodiscard]] std::uint32_t little24(std::size_t i) const {
        return byte(i + 2) << 16U | little16(i);
    }
    [[nodiscard]] bool has(std::size_t i, std::string_view bytes) const {
        for (std::size_t k = 0; k < bytes.size(); ++k) {
            if (byte(i + k) != static_cast<unsigned char>(bytes[k])) return false;
        }
        return true;
    }

  private:
    static constexpr std::size_t head = std::size_t{64} << 10U;
    std::string_view text_;
    std::string cleaned_;
};

// Segments of a JPEG up to the frame header; the number of them is bounded by their lengths.
std::optional<PixelSize> jpeg_size(const Base64& data) {
    std::size_t at = 2;
    while (at + 9 < data.size() && data.byte(at) == 0xFF) {
        const std::uint32_t marker = data.byte(at + 1);
        const bool frame =
            marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
        if (frame) return PixelSize{data.big16(at + 7), data.big16(at + 5)};
        if (marker == 0xFF) {
            ++at;  // filling
            continue;
        }
        const std::uint32_t length = data.big16(at + 2);
        if (length < 2) return std::nullopt;
        at += 2 + length;
    }
    return std::nullopt;
}

std::optional<PixelSize> webp_size(const Base64& data) {
    if (data.has(12, "VP8X")) return PixelSize{data.little24(24) + 1, data.little24(27) + 1};
    if (data.has(12, "VP8L")) {
        const std::uint32_t bits = data.little24(21) | data.byte(24) << 24U;
        return PixelSize{(bits & 0x3FFFU) + 1, (bits >> 14U & 0x3FFFU) + 1};
    }
    if (data.has(12, "VP8 ")) {
        return PixelSize{data.little16(26) & 0x3FFFU, data.little16(28) & 0x3FFFU};
    }
    return std::nullopt;
}

}  // namespace

std::optional<PixelSize> image_size(std::string_view base64) {
    const Base64 data(base64);
    std::optional<PixelSize> size;
    if (data.has(0, "\x89PNG") && data.has(12, "IHDR")) {
        size = PixelSize{data.big32(16), data.big32(20)};
    } else if (data.has(0, "\xFF\xD8\xFF")) {
        size = jpeg_size(data);
    } else if (data.has(0, "GIF8")) {
        size = PixelSize{data.little16(6), data.little16(8)};
    } else if (data.has(0, "RIFF") && data.has(8, "WEBP")) {
        size = webp_size(data);
    }
    if (size && (size->width == 0 || size->height == 0)) return std::nullopt;
    return size;
}

double image_tokens(const chat::Media& source) {
    if (source.kind != chat::Media::Kind::base64) return unknown_image;
    const auto size = image_size(source.data.bytes);
    if (!size) return unknown_image;
    const double edge = std::max(size->width, size->height);
    const double scale = std::min(1.0, longest_edge / edge);
    const double pixels = scale * size->width * scale * size->height;
    return std::clamp(std::ceil(pixels / pixels_per_token), 1.0, most_per_image);
}

double document_tokens(const chat::Media& source) {
    if (source.kind != chat::Media::Kind::base64) return per_document_page;
    const auto size = static_cast<double>(source.data.bytes.size());
    return per_document_page * std::ceil(1 + size / bytes_per_page);
}

}  // namespace ccr::tokens
