// SPDX-License-Identifier: MIT
// Compressed answers, as an exchange hands them on.
#include <zlib.h>

#include "tests/unit/http/client_fixture.hpp"

namespace ccr::http {
namespace {

std::string gzip(std::string_view text, int window = 15 + 16, int flush = Z_FINISH) {
    z_stream z{};
    EXPECT_EQ(deflateInit2(&z, 6, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY), Z_OK);
    std::string out(text.size() + 256, '\0');
    z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    z.avail_in = static_cast<uInt>(text.size());
    z.next_out = reinterpret_cast<Bytef*>(out.data());
    z.avail_out = static_cast<uInt>(out.size());
    ::deflate(&z, flush);
    out.resize(z.total_out);
    deflateEnd(&z);
    return out;
}

class Inflate : public ClientFixture {};

TEST_F(Inflate, InflatesGzipEventByEvent) {
    const std::string text = "data: {\"a\":1}\n\n";
    const std::string flushed = gzip(text, 15 + 16, Z_SYNC_FLUSH);
    wire.ends = false;
    wire.push("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n" +
              chunk(flushed));
    auto task = [this]() -> asio::awaitable<std::string> {
        Exchange one(pool, loop);
        ClientRequest request;
        request.origin = &origin;
        request.headers = &headers;
        auto head = co_await one.send(request);
        EXPECT_TRUE(head && !head->headers.has("content-encoding"));
        auto piece = co_await one.read(1s);
        co_return piece ? std::string(*piece) : "error";
    };
    EXPECT_EQ(run(loop, task()), text);
}

TEST_F(Inflate, InflatesEveryFlavourInAnyCut) {
    std::string text;
    for (int i = 0; i < 20'000; ++i)
        text += std::to_string(i * 7919);
    struct Flavour {
        std::string_view name;
        int window;
    };
    for (const auto& flavour :
         {Flavour{"gzip", 15 + 16}, Flavour{"deflate", 15}, Flavour{"deflate", -15}}) {
        const std::string packed = gzip(text, flavour.window);
        wire.push("HTTP/1.1 200 OK\r\nContent-Encoding: " + std::string(flavour.name) +
                  "\r\nContent-Length: " + std::to_string(packed.size()) + "\r\n\r\n");
        for (std::size_t at = 0; at < packed.size(); at += 997)
            wire.push(packed.substr(at, 997));
        const auto answer = ask();
        EXPECT_FALSE(answer.error);
        EXPECT_EQ(answer.body, text);
        EXPECT_FALSE(answer.headers.has("content-length"));
    }
    EXPECT_EQ(plans.dialed, 1U);
}

TEST_F(Inflate, ACutCompressedBodyIsAnError) {
    const std::string packed = gzip(std::string(1000, 'a') + "bcd");
    const auto answer = ask_for("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 10" +
                                std::string("\r\n\r\n") + packed.substr(0, 10));
    ASSERT_TRUE(answer.error);
    EXPECT_EQ(answer.error->kind, ErrorKind::eof);
}

TEST_F(Inflate, ABrokenCompressedBodyIsMalformed) {
    const auto answer = ask_for(
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 12\r\n\r\nnot zipped!!");
    ASSERT_TRUE(answer.error);
    EXPECT_EQ(answer.error->kind, ErrorKind::malformed);
}

TEST_F(Inflate, RefusesADecompressionBomb) {
    const std::string packed = gzip(std::string(50'000'000, 'a'));
    const auto answer = ask_for("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " +
                                std::to_string(packed.size()) + "\r\n\r\n" + packed);
    ASSERT_TRUE(answer.error);
    EXPECT_EQ(answer.error->kind, ErrorKind::too_large);
    EXPECT_LT(answer.body.size(), 4'000'000U);
}

TEST_F(Inflate, RefusesACodingThatWasNotOffered) {
    const auto answer =
        ask_for("HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 1\r\n\r\na");
    ASSERT_TRUE(answer.error);
    EXPECT_EQ(answer.error->kind, ErrorKind::malformed);
}

}  // namespace
}  // namespace ccr::http
