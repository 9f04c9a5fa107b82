// SPDX-License-Identifier: MIT
// ccr-mock-provider: a fake LLM provider that speaks OpenAI Chat Completions and Anthropic
// Messages, and fails on request. See README.md beside this file.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <memory>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

#include "tests/mock/loop.hpp"
#include "tests/mock/service.hpp"

namespace {

struct Options {
    unsigned port = 0;
    unsigned threads = 1;
    unsigned record = 256;
};

constexpr const char* usage =
    "Usage: ccr-mock-provider [--port N] [--threads N] [--record N]\n"
    "  --port N     port on 127.0.0.1 (default 0: any free one)\n"
    "  --threads N  event loops (default 1)\n"
    "  --record N   requests kept for GET /_mock/requests (default 256)\n";

bool parse_number(const char* text, unsigned& out) {
    const auto end = text + std::strlen(text);
    const auto result = std::from_chars(text, end, out);
    return result.ec == std::errc() && result.ptr == end;
}

bool parse_options(int argc, char** argv, Options& out) {
    for (int i = 1; i + 1 < argc; i += 2) {
        const std::string_view name = argv[i];
        unsigned* place = name == "--port"      ? &out.port
                          : name == "--threads" ? &out.threads
                          : name == "--record"  ? &out.record
                                                : nullptr;
        if (place == nullptr || !parse_number(argv[i + 1], *place)) return false;
    }
    return argc % 2 == 1 && out.port < 65536 && out.threads > 0 && out.threads <= 64;
}

int check(int result, const char* what) {
    if (result < 0) throw std::system_error(errno, std::generic_category(), what);
    return result;
}

int open_listener(unsigned port, unsigned& bound) {
    const int fd =
        check(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket");
    const int on = 1;
    check(::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), "setsockopt");
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    check(::bind(fd, generic, size), "bind");
    check(::listen(fd, 4096), "listen");
    check(::getsockname(fd, generic, &size), "getsockname");
    bound = ntohs(address.sin_port);
    return fd;
}

void raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    // Best effort: with fewer descriptors the mock merely serves fewer streams.
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

int serve(const Options& options) {
    raise_descriptor_limit();
    std::signal(SIGPIPE, SIG_IGN);
    unsigned port = 0;
    const int listener = open_listener(options.port, port);
    ccr::mock::Service service(options.record);
    std::vector<std::unique_ptr<ccr::mock::Loop>> loops;
    std::vector<ccr::mock::Loop*> targets;
    for (unsigned i = 0; i < options.threads; ++i) {
        loops.push_back(std::make_unique<ccr::mock::Loop>(service));
        targets.push_back(loops.back().get());
    }
    loops.front()->listen_on(listener, targets);
    std::printf("listening on 127.0.0.1:%u\n", port);
    std::fflush(stdout);
    for (unsigned i = 1; i < options.threads; ++i)
        std::thread([loop = targets[i]] { loop->run(); }).detach();
    loops.front()->run();
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    if (argc == 2 && (std::string_view(argv[1]) == "--help" || std::string_view(argv[1]) == "-h")) {
        std::fputs(usage, stdout);
        return 0;
    }
    if (!parse_options(argc, argv, options)) {
        std::fputs(usage, stderr);
        return 64;
    }
    try {
        return serve(options);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "ccr-mock-provider: %s\n", error.what());
        return 1;
    }
}
