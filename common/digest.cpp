// SPDX-License-Identifier: MIT
#include "common/digest.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <array>
#include <cstdio>
#include <cstdlib>

namespace ccr {
namespace {

std::string_view text(const unsigned char* bytes, std::size_t size) {
    return {static_cast<const char*>(static_cast<const void*>(bytes)), size};
}
const unsigned char* data(std::string_view bytes) {
    return static_cast<const unsigned char*>(static_cast<const void*>(bytes.data()));
}

std::string digest(const EVP_MD* kind, std::string_view bytes) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
    unsigned size = 0;
    EVP_Digest(bytes.data(), bytes.size(), out.data(), &size, kind, nullptr);
    return std::string(text(out.data(), size));
}

}  // namespace

std::string sha256(std::string_view bytes) {
    return digest(EVP_sha256(), bytes);
}
std::string sha1(std::string_view bytes) {
    return digest(EVP_sha1(), bytes);
}

std::string hmac_sha256(std::string_view key, std::string_view bytes) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
    unsigned size = 0;
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), data(bytes), bytes.size(),
         out.data(), &size);
    return std::string(text(out.data(), size));
}

std::string random_bytes(std::size_t count) {
    std::string out(count, '\0');
    if (RAND_bytes(static_cast<unsigned char*>(static_cast<void*>(out.data())),
                   static_cast<int>(count)) != 1) {
        std::fputs("ccr: no random numbers to be had from the system\n", stderr);
        std::abort();
    }
    return out;
}

}  // namespace ccr
