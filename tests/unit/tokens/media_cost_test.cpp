// SPDX-License-Identifier: MIT
#include "daemon/tokens/media_cost.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ccr::tokens {
namespace {

std::string base64(const std::string& bytes) {
    constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t group = 0;
        for (std::size_t k = 0; k < 3; ++k) {
            const std::size_t at = i + k;
            group = group << 8U | (at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0U);
        }
        for (int shift = 18; shift >= 0; shift -= 6)
            out += alphabet[group >> static_cast<unsigned>(shift) & 63U];
    }
    return out;
}

std::string bytes(std::initializer_list<unsigned> values) {
    std::string out;
    for (const unsigned value : values)
        out += static_cast<char>(value);
    return out;
}

const std::string tail(40, '\0');

std::string png(unsigned width, unsigned height) {
    return "\x89PNG\r\n\x1a\n" + bytes({0, 0, 0, 13}) + "IHDR" +
           bytes({0, 0, width >> 8U, width & 255U, 0, 0, height >> 8U, height & 255U}) + tail;
}

// With a segment of 300 bytes before the frame header.
std::string jpeg(unsigned width, unsigned height) {
    return bytes({0xFF, 0xD8, 0xFF, 0xE1, 1, 44}) + std::string(298, 'x') +
           bytes({0xFF, 0xC0, 0, 17, 8, height >> 8U, height & 255U, width >> 8U, width & 255U}) +
           tail;
}

chat::Media media(const std::string& data) {
    return {chat::Media::Kind::base64, {"image/x"}, {data}};
}

TEST(ImageSize, IsReadFromTheHeader) {
    const std::string gif = "GIF89a" + bytes({0x20, 3, 0x58, 2}) + tail;
    const std::string webp = "RIFF" + bytes({0, 0, 0, 0}) + "WEBPVP8X" +
                             bytes({10, 0, 0, 0, 0, 0, 0, 0, 0x1F, 3, 0, 0x57, 2, 0}) + tail;
    for (const auto& file : {png(800, 600), jpeg(800, 600), gif, webp}) {
        const auto size = image_size(base64(file));
        ASSERT_TRUE(size);
        EXPECT_EQ(size->width, 800U);
        EXPECT_EQ(size->height, 600U);
    }
}

TEST(ImageSize, IsNotInventedForAnythingElse) {
    EXPECT_FALSE(image_size(""));
    EXPECT_FALSE(image_size("AAAA"));
    EXPECT_FALSE(image_size(base64("no picture at all, but long enough for a header")));
    EXPECT_FALSE(image_size(base64(png(0, 600))));
    EXPECT_FALSE(image_size(base64(bytes({0xFF, 0xD8, 0xFF, 0xE1, 0, 0}) + tail)));
    EXPECT_FALSE(image_size(base64(std::string(60000, '\xFF'))));
}

TEST(ImageSize, BearsEscapedSlashes) {
    std::string text = base64(png(800, 600));
    for (std::size_t at = 0; (at = text.find('/', at)) != std::string::npos; at += 2)
        text.insert(at, 1, '\\');
    const auto size = image_size(text);
    ASSERT_TRUE(size);
    EXPECT_EQ(size->width, 800U);
}

TEST(ImageTokens, FollowTheFormula) {
    EXPECT_EQ(image_tokens(media(base64(png(750, 500)))), 500);
    EXPECT_EQ(image_tokens(media(base64(png(1, 1)))), 1);
    EXPECT_EQ(image_tokens(media(base64(png(3136, 200)))), 210);  // fitted into 1568 × 100
    EXPECT_EQ(image_tokens(media(base64(png(4000, 4000)))), 1600);
    EXPECT_EQ(image_tokens(media("AAAA")), 1500);
    EXPECT_EQ(image_tokens({chat::Media::Kind::url, {}, {"https://example.org/x.png"}}), 1500);
}

}  // namespace
}  // namespace ccr::tokens
