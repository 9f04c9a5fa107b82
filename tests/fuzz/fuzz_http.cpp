// SPDX-License-Identifier: MIT
// A client's connection: any bytes, cut anywhere, get proper responses and an end.
#include <memory>
#include <string>

#include "daemon/http/server.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "tests/testing/fake_stream.hpp"
#include "tests/testing/run.hpp"

namespace {

using namespace ccr;

// Answers half of the requests in one piece, half of them as a stream.
boost::asio::awaitable<void> answer(http::Request& request, http::Reply& reply) {
    const http::Headers headers{{"content-type", "text/plain"}};
    if (request.target.size() % 2 == 0) {
        auto sent = co_await reply.send(200, headers, request.body);
        (void)sent;
        co_return;
    }
    auto started = co_await reply.start(200, headers);
    if (!started) co_return;
    auto written = co_await reply.write(request.target);
    if (!written) co_return;
    auto finished = co_await reply.finish();
    (void)finished;
}

std::string serve(const fuzz::Steered& input) {
    static net::Loop loop;  // making one costs more than most inputs
    ccr::testing::FakeWire wire;
    fuzz::in_pieces(input, [&wire](std::string_view piece) { wire.push(piece); });
    auto service = std::make_shared<http::Service>();
    service->handler = answer;
    service->options.linger = Millis{0};
    service->options.body_limit = std::size_t{1} << 20U;
    ccr::testing::run(
        loop, http::serve(std::make_unique<ccr::testing::FakeStream>(loop, wire), loop, service));
    fuzz::check(wire.closed, "the connection ends");
    ccr::testing::settle(loop);
    return wire.written;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto input = fuzz::steered(data, size);
    const std::string written = serve(input);
    fuzz::check(written.empty() || written.starts_with("HTTP/1.1 "), "what is sent is HTTP");
    // How the bytes were cut must not matter, but that nobody is told to continue who has done so
    // already. Ids and dates differ from run to run.
    const auto statuses = [](const std::string& text) {
        std::string out;
        for (auto at = text.find("HTTP/1.1 "); at != std::string::npos;
             at = text.find("HTTP/1.1 ", at + 1)) {
            const std::string status = text.substr(at + 9, 3);
            if (status != "100") out += status;
        }
        return out;
    };
    const std::string again = serve({0, input.input});
    if (statuses(written) != statuses(again)) {
        std::fprintf(stderr, "statuses %s, byte by byte %s\n", statuses(written).c_str(),
                     statuses(again).c_str());
    }
    fuzz::check(statuses(written) == statuses(again), "cutting the bytes changes no status");
    return 0;
}
