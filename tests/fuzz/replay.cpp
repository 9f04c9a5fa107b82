// SPDX-License-Identifier: MIT
// Stands in for libFuzzer in ordinary builds: every seed, every prefix of it, and a fixed number of
// reproducible mutations.   replay CORPUS [MUTATIONS]
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
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
        switch (below(5)) {
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
            default:
                if (!bytes.empty()) bytes[at] = static_cast<char>(below(256));
        }
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fprintf(stderr, "usage: %s CORPUS [MUTATIONS]\n", argv[0]);
        return 2;
    }
    std::vector<std::string> seeds;
    for (const auto& entry : std::filesystem::directory_iterator(argv[1])) {
        std::ifstream file(entry.path(), std::ios::binary);
        seeds.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    }
    if (seeds.empty()) {
        std::fprintf(stderr, "no seeds in %s\n", argv[1]);
        return 2;
    }
    std::sort(seeds.begin(), seeds.end());  // the directory's order is not the same everywhere
    for (const std::string& seed : seeds) {
        const std::size_t step = std::max<std::size_t>(1, seed.size() / 200);
        for (std::size_t size = 0; size <= seed.size(); size += step)
            feed(seed.substr(0, size));
        feed(seed);
    }
    std::mt19937 random(20240229);  // NOLINT: the same inputs in every run
    const int rounds = argc > 2 ? std::atoi(argv[2]) : 1000;
    for (int i = 0; i < rounds; ++i) {
        std::string bytes = seeds[random() % seeds.size()];
        mutate(bytes, random);
        feed(bytes);
    }
    std::printf("%zu seeds, %d mutations\n", seeds.size(), rounds);
    return 0;
}
