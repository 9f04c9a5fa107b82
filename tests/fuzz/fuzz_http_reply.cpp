// SPDX-License-Identifier: MIT
// A provider's connection: any bytes, cut anywhere, are one response (plain, chunked, compressed,
// until the end) or an error in words.
#include <memory>
#include <string>

#include "daemon/http/client.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "tests/testing/fake_dialer.hpp"
#include "tests/testing/run.hpp"

namespace {

using namespace ccr;
using namespace std::chrono_literals;

struct Answer {
    int status = 0;
    std::string body;
    bool failed = false;
};

void note(Answer& answer, const Error& error) {
    fuzz::check(!error.detail.empty(), "an error says why");
    fuzz::check(error.kind != ErrorKind::timeout, "nobody waits where the end was seen");
    answer.failed = true;
}

boost::asio::awaitable<Answer> exchange(net::Pool& pool, net::Loop& loop,
                                        const http::ClientRequest& request) {
    Answer answer;
    http::Exchange one(pool, loop);
    auto head = co_await one.send(request);
    if (!head) {
        note(answer, head.error());
        co_return answer;
    }
    answer.status = head->status;
    for (;;) {
        auto piece = co_await one.read(1s);
        if (!piece) {
            note(answer, piece.error());
            co_return answer;
        }
        if (piece->empty()) break;
        answer.body += *piece;
    }
    fuzz::check(one.complete(), "a response that was read is complete");
    co_return answer;
}

Answer ask(const fuzz::Steered& input, std::string_view method) {
    static net::Loop loop;  // making one costs more than most inputs
    ccr::testing::FakeWire wire;
    ccr::testing::FakeDialer::Plans plans;
    plans.next.push_back({&wire, std::nullopt});
    net::Pool pool(loop, std::make_unique<ccr::testing::FakeDialer>(plans));
    fuzz::in_pieces(input, [&wire](std::string_view piece) { wire.push(piece); });
    const net::Origin origin{*parse_url("http://provider:8080/v1")};
    const http::Headers headers{{"content-type", "application/json"}};
    http::ClientRequest request;
    request.origin = &origin;
    request.headers = &headers;
    request.method = method;
    request.limits.body = std::size_t{1} << 20U;
    request.limits.inflate.max_output = std::size_t{1} << 20U;
    Answer answer = ccr::testing::run(loop, exchange(pool, loop, request));
    ccr::testing::settle(loop);
    return answer;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto input = fuzz::steered(data, size);
    const std::string_view method = (input.steer & 128U) != 0 ? "HEAD" : "POST";
    const Answer answer = ask(input, method);
    const Answer again = ask({0, input.input}, method);
    fuzz::check(answer.failed == again.failed && answer.status == again.status,
                "cutting the bytes changes no status");
    // How much comes before an error depends on what arrived with it.
    fuzz::check(answer.failed
                    ? answer.body.starts_with(again.body) || again.body.starts_with(answer.body)
                    : answer.body == again.body,
                "nor the body");
    fuzz::check(method != "HEAD" || answer.body.empty(), "the answer to HEAD has no body");
    return 0;
}
