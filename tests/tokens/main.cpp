// SPDX-License-Identifier: MIT
// ccr-tokens RANKS.bin FILE...          one line per file: its ranks, separated by spaces
// ccr-tokens --time RANKS.bin FILE...   one line per file: bytes, tokens, MB/s
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "daemon/tokens/bpe.hpp"

namespace {

using namespace ccr;

std::string contents(const char* path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

void print_ranks(tokens::Encoder& encoder, const std::string& text) {
    std::vector<tokens::Rank> ranks;
    encoder.encode(text, ranks);
    std::string line;
    for (const auto rank : ranks)
        line += std::to_string(rank) + ' ';
    std::puts(line.c_str());
}

void print_time(tokens::Encoder& encoder, const char* path, const std::string& text) {
    using Clock = std::chrono::steady_clock;
    std::size_t count = encoder.count(text);
    double best = 1e9;
    for (int round = 0; round < 7; ++round) {
        const auto begin = Clock::now();
        count = encoder.count(text);
        best = std::min(best, std::chrono::duration<double>(Clock::now() - begin).count());
    }
    std::printf("%9zu bytes %8zu tokens %7.1f MB/s  %s\n", text.size(), count,
                static_cast<double>(text.size()) / best / 1e6, path);
}

}  // namespace

int main(int argc, char** argv) {
    const bool timed = argc > 1 && std::string(argv[1]) == "--time";
    const int first = timed ? 2 : 1;
    if (argc <= first + 1) {
        std::fputs("usage: ccr-tokens [--time] RANKS.bin FILE...\n", stderr);
        return 2;
    }
    const std::string ranks = contents(argv[first]);
    auto vocabulary = tokens::Vocabulary::open(ranks);
    if (!vocabulary) {
        std::fprintf(stderr, "%s: %s\n", argv[first], vocabulary.error().chain().c_str());
        return 1;
    }
    tokens::Encoder encoder(*vocabulary);
    for (int i = first + 1; i < argc; ++i) {
        const std::string text = contents(argv[i]);
        if (timed) {
            print_time(encoder, argv[i], text);
        } else {
            print_ranks(encoder, text);
        }
    }
    return 0;
}
