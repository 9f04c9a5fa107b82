// SPDX-License-Identifier: MIT
// Stands in for libFuzzer in builds without it: every seed, some prefixes of it, and a fixed number
// of reproducible mutations. It is called like libFuzzer: options, of which -runs=N is the number
// of mutations and the others mean nothing here, then directories of seeds.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "tests/fuzz/fuzz.hpp"

namespace {

void feed(const std::string& bytes) {
    // An exact allocation, so that a sanitizer sees a read past the end.
    const std::vector<std::uint8_t> exact(bytes.begin(), bytes.end());
    LLVMFuzzerTestOneInput(exact.data(), exact.size());
}

void mutate(std::string& bytes, std::mt19937& random) {
    const auto below = [&random](std::size_t limit) {
        return limit == 0 ? 0 : static_cast<std::size_t>(random()) % limit;
    };
    for (std::size_t n = below(6) + 1; n > 0; --n) {
        const std::size_t at = below(bytes.size());
        const std::size_t length = below(std::min<std::size_t>(bytes.size() - at, 40));
        switch (below(6)) {
            case 0:
                bytes.insert(at, 1, static_cast<char>(below(256)));
                break;
            case 1:
                bytes.erase(at, length);
                break;
            case 2:
                bytes.insert(below(bytes.size()), bytes.substr(at, length));
                break;
            case 3:
                bytes.insert(at, 1, "{}[]\",:\\\r\n0"[below(11)]);
                break;
            case 4:  // what steers
                if (!bytes.empty()) bytes.back() = static_cast<char>(below(256));
                break;
            default:
                if (!bytes.empty()) bytes[at] = static_cast<char>(below(256));
        }
    }
}

void read_seeds(const char* directory, std::vector<std::string>& seeds) {
    namespace fs = std::filesystem;
    for (const auto& entry : fs::recursive_directory_iterator(directory)) {
        if (!entry.is_regular_file()) continue;
        std::ifstream file(entry.path(), std::ios::binary);
        seeds.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    }
}

}  // namespace

int main(int argc, char** argv) {
    std::vector<std::string> seeds;
    int rounds = 0;
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        if (word.starts_with("-runs=")) rounds = std::atoi(argv[i] + 6);
        if (!word.starts_with('-')) read_seeds(argv[i], seeds);
    }
    if (seeds.empty()) {
        std::fprintf(stderr, "no seeds: %s [-runs=N] DIRECTORY...\n", argv[0]);
        return 2;
    }
    std::sort(seeds.begin(), seeds.end());  // the directory's order is not the same everywhere
    for (const std::string& seed : seeds) {
        const std::size_t step = std::max<std::size_t>(1, seed.size() / 8);
        for (std::size_t size = 0; size <= seed.size(); size += step)
            feed(seed.substr(0, size));
        feed(seed);
    }
    std::mt19937 random(20240229);  // NOLINT: the same inputs in every run
    for (int i = 0; i < rounds; ++i) {
        std::string bytes = seeds[random() % seeds.size()];
        mutate(bytes, random);
        feed(bytes);
    }
    std::printf("%zu seeds, %d mutations\n", seeds.size(), rounds);
    return 0;
}
