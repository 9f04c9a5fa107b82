// SPDX-License-Identifier: MIT
// Requests that another server might read differently, and plain garbage.
#include <random>

#include "tests/unit/http/server_fixture.hpp"

namespace ccr::http {
namespace {

struct Refusal {
    std::string_view name;
    std::string_view bytes;
    int status;
};

class ServerRefuses : public ServerFixture, public ::testing::WithParamInterface<Refusal> {};

TEST_P(ServerRefuses, AndCloses) {
    const std::string followup(simple);
    wire.push(std::string(GetParam().bytes) + followup);
    const std::string reply = serve_script();
    EXPECT_EQ(status_of(reply), GetParam().status) << reply;
    EXPECT_EQ(count_of(reply, "\r\ndate: "), 1U) << "nothing may be read past a bad request";
    EXPECT_NE(reply.find("connection: close\r\n"), std::string::npos);
    EXPECT_NE(reply.find(R"({"type":"error","error":{"type":")"), std::string::npos);
    EXPECT_NE(reply.find(R"("request_id":"req_)"), std::string::npos);
    EXPECT_TRUE(seen.empty());
    EXPECT_TRUE(wire.send_shut);
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, ServerRefuses,
    ::testing::Values(
        Refusal{"TwoLengths",
                "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na",
                400},
        Refusal{"TwoDifferentLengths",
                "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
                400},
        Refusal{"LengthList", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1, 1\r\n\r\na", 400},
        Refusal{"LengthWithSign", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +1\r\n\r\na", 400},
        Refusal{"NegativeLength", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\na", 400},
        Refusal{"HugeLength",
                "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999\r\n\r\n", 400},
        Refusal{"EmptyLength", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: \r\n\r\n", 400},
        Refusal{"LengthAndChunked",
                "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: "
                "chunked\r\n\r\n0\r\n\r\n",
                400},
        Refusal{"ChunkedAndLength",
                "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: "
                "5\r\n\r\n0\r\n\r\n",
                400},
        Refusal{"GzipChunked",
                "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
                400},
        Refusal{"ChunkedIdentity",
                "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, identity\r\n\r\n", 400},
        Refusal{"TwoEncodings",
                "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: "
                "chunked\r\n\r\n0\r\n\r\n",
                400},
        Refusal{"XChunked", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n\r\n",
                400},
        Refusal{"ChunkedInHttp10",
                "POST / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
        Refusal{"BlankBeforeColon", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length : 1\r\n\r\na",
                400},
        Refusal{"Folded", "GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n", 400},
        Refusal{"FoldedFirst", "GET / HTTP/1.1\r\n Host: h\r\n\r\n", 400},
        Refusal{"BareLf", "GET / HTTP/1.1\nHost: h\n\n", 400},
        Refusal{"BareLfInHeader", "GET / HTTP/1.1\r\nHost: h\r\nX: a\nY: b\r\n\r\n", 400},
        Refusal{"BareCrInHeader", "GET / HTTP/1.1\r\nHost: h\r\nX: a\rY: b\r\n\r\n", 400},
        Refusal{"NulInHeader", std::string_view("GET / HTTP/1.1\r\nHost: h\r\nX: a\0b\r\n\r\n", 35),
                400},
        Refusal{"ControlInHeader", "GET / HTTP/1.1\r\nHost: h\r\nX: a\x01z\r\n\r\n", 400},
        Refusal{"NoColon", "GET / HTTP/1.1\r\nHost: h\r\nNonsense\r\n\r\n", 400},
        Refusal{"EmptyName", "GET / HTTP/1.1\r\nHost: h\r\n: x\r\n\r\n", 400},
        Refusal{"NoHost", "GET / HTTP/1.1\r\nX: a\r\n\r\n", 400},
        Refusal{"TwoHosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},
        Refusal{"AbsoluteForm", "GET http://evil/ HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        Refusal{"Connect", "CONNECT evil:443 HTTP/1.1\r\nHost: evil:443\r\n\r\n", 400},
        Refusal{"StarForm", "GET * HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        Refusal{"TwoBlanks", "GET  / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        Refusal{"BlankInTarget", "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        Refusal{"TabInTarget", "GET /a\tb HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        Refusal{"Http09", "GET /\r\n\r\n", 400},
        Refusal{"Http2Preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
        Refusal{"Http12", "GET / HTTP/1.2\r\nHost: h\r\n\r\n", 505},
        Refusal{"LowerCaseVersion", "GET / http/1.1\r\nHost: h\r\n\r\n", 400},
        Refusal{"BadMethod", "G@T / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        Refusal{"TlsHello", "\x16\x03\x01\x02", 400},
        Refusal{"BadChunkSize",
                "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", 400},
        Refusal{"ChunkTooShort",
                "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n",
                400},
        Refusal{"ChunkSizeOverflow",
                "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: "
                "chunked\r\n\r\nfffffffffffffffff\r\n",
                400},
        Refusal{"UnknownExpectation",
                "POST / HTTP/1.1\r\nHost: h\r\nExpect: wonders\r\nContent-Length: 1\r\n\r\na",
                417}),
    [](const auto& info) { return std::string(info.param.name); });

class DamagedRequests : public ServerFixture {};

// Whatever bytes come: no crash, no request made up, and every answer is well-formed.
TEST_F(DamagedRequests, NeverBreakTheServer) {
    const std::string good =
        "POST /one HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello"
        "POST /two HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
        "3\r\nabc\r\n0\r\n\r\n";
    std::mt19937 random(11);
    const auto below = [&random](std::size_t bound) { return random() % bound; };
    for (int round = 0; round < 3000; ++round) {
        std::string bytes = good;
        for (std::size_t i = 0; i <= below(4); ++i) {
            const std::size_t at = below(bytes.size());
            switch (below(4)) {
                case 0:
                    bytes[at] = static_cast<char>(below(256));
                    break;
                case 1:
                    bytes.erase(at, 1 + below(8));
                    break;
                case 2:
                    bytes.insert(at, 1 + below(3), "\r\n: 0"[below(6)]);
                    break;
                default:
                    bytes.insert(at, bytes.substr(below(bytes.size()), below(30)));
                    break;
            }
        }
        wire.script.clear();
        wire.written.clear();
        seen.clear();
        const std::size_t cut = below(bytes.size());
        if (cut > 0) wire.push(bytes.substr(0, cut));
        wire.push(bytes.substr(cut));
        const std::string reply = serve_script();
        EXPECT_TRUE(reply.empty() || reply.starts_with("HTTP/1.1 ")) << bytes;
        for (const auto& request : seen)
            EXPECT_LE(request.body.size(), bytes.size());
    }
}

}  // namespace
}  // namespace ccr::http
