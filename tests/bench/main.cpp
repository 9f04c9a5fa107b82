// SPDX-License-Identifier: MIT
// ccr-bench: the load generator of ./dev bench. It measures nothing of the proxy; it makes the
// load, checks every answer and counts. One JSON line on stdout per report.
#include <sys/resource.h>

#include <charconv>
#include <cstdio>
#include <cstring>
#include <exception>
#include <fstream>
#include <iterator>
#include <string_view>

#include "tests/bench/load.hpp"

namespace {

constexpr const char* usage =
    "Usage: ccr-bench --port N --request FILE --connections N [--count N] [--spread-ms N]\n"
    "  FILE holds one complete HTTP request. With --count, that many requests are sent over\n"
    "  the connections, one after the other on each; without, each connection holds one stream.\n"
    "  With --spread-ms the connections are opened evenly over that time.\n"
    "  A line on stdin prints the totals; the end of stdin ends the run.\n";

template <typename T>
bool parse_number(const char* text, T& out) {
    const auto end = text + std::strlen(text);
    const auto result = std::from_chars(text, end, out);
    return result.ec == std::errc() && result.ptr == end;
}

bool read_file(const char* path, std::string& out) {
    std::ifstream file(path, std::ios::binary);
    out.assign(std::istreambuf_iterator<char>(file), {});
    return file.good() || file.eof();
}

bool parse_options(int argc, char** argv, ccr::bench::Options& out) {
    for (int i = 1; i + 1 < argc; i += 2) {
        const std::string_view name = argv[i];
        const char* value = argv[i + 1];
        const bool fine = name == "--port"          ? parse_number(value, out.port)
                          : name == "--request"     ? read_file(value, out.request)
                          : name == "--connections" ? parse_number(value, out.connections)
                          : name == "--count"       ? parse_number(value, out.count)
                          : name == "--spread-ms"   ? parse_number(value, out.spread_ms)
                                                    : false;
        if (!fine) return false;
    }
    return argc % 2 == 1 && out.port > 0 && !out.request.empty() && out.connections > 0;
}

void raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    // With fewer descriptors the run reports its connections as errors.
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

int main(int argc, char** argv) {
    ccr::bench::Options options;
    if (!parse_options(argc, argv, options)) {
        std::fputs(usage, stderr);
        return 64;
    }
    raise_descriptor_limit();
    try {
        ccr::bench::Load(std::move(options)).run();
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "ccr-bench: %s\n", error.what());
        return 1;
    }
}
