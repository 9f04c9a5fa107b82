// SPDX-License-Identifier: MIT
// ccr-tokens RANKS.bin FILE...          one line per file: its ranks, separated by spaces
// ccr-tokens --time RANKS.bin FILE...   one line per file: bytes, tokens, MB/s of the exact count,
//                                       the estimate (nothing learned) and its µs per 100 kB
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "common/json.hpp"
#include "daemon/tokens/bpe.hpp"
#include "daemon/tokens/estimate.hpp"

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

// Seconds of the fastest of `rounds` calls.
template <typename Call>
double fastest(int rounds, Call call) {
    using Clock = std::chrono::steady_clock;
    double best = 1e9;
    for (int round = 0; round < rounds; ++round) {
        const auto begin = Clock::now();
        call();
        best = std::min(best, std::chrono::duration<double>(Clock::now() - begin).count());
    }
    return best;
}

void print_time(tokens::Encoder& encoder, const char* path, const std::string& text) {
    const std::string escaped = json::escape(text);
    std::size_t count = 0;
    double estimate = 0;
    const double exact = fastest(9, [&] { count = encoder.count(text); });
    const double guess = fastest(99, [&] { estimate = tokens::estimate_text(escaped).total(); });
    std::printf(
        "%9zu bytes %8zu tokens %6.1f MB/s  estimate %8.0f (%+5.1f %%) %5.1f us/100kB  %s\n",
        text.size(), count, static_cast<double>(text.size()) / exact / 1e6, estimate,
        100 * (estimate / static_cast<double>(count) - 1),
        guess * 1e11 / static_cast<double>(escaped.size()), path);
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
