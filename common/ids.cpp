// SPDX-License-Identifier: MIT
#include "common/ids.hpp"

#include <random>

namespace ccr {
namespace {

constexpr std::string_view alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
constexpr std::size_t half = 12;  // 58^12 > 2^64: one word fills half of the 24 characters

std::uint64_t random_word() {
    std::random_device source;
    return (std::uint64_t{source()} << 32U) | source();
}

void append_base58(std::string& out, std::uint64_t word) {
    for (std::size_t i = 0; i < half; ++i) {
        out += alphabet[word % alphabet.size()];
        word /= alphabet.size();
    }
}

// splitmix64's finisher: a bijection, so that consecutive counts look unrelated and never collide.
std::uint64_t mix(std::uint64_t word) {
    word = (word ^ (word >> 30U)) * 0xbf58476d1ce4e5b9U;
    word = (word ^ (word >> 27U)) * 0x94d049bb133111ebU;
    return word ^ (word >> 31U);
}

}  // namespace

IdSource::IdSource() : high_(random_word()), low_(random_word()) {}

std::string IdSource::next(std::string_view prefix) {
    std::string out;
    out.reserve(prefix.size() + 2 * half);
    out += prefix;
    append_base58(out, high_);
    append_base58(out, mix(++low_));
    return out;
}

}  // namespace ccr
