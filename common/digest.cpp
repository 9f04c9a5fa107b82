// SPDX-License-Identifier: MIT
#include "common/digest.hpp"

#include <openssl/core_names.h>
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

struct KeyedHash::Context {
    struct Free {
        void operator()(EVP_MAC* handle) const { EVP_MAC_free(handle); }
        void operator()(EVP_MAC_CTX* handle) const { EVP_MAC_CTX_free(handle); }
    };
    std::unique_ptr<EVP_MAC, Free> kind;
    std::unique_ptr<EVP_MAC_CTX, Free> mac;
    std::array<unsigned char, 12> nonce{};  // fixed: the values are secret, see the header

    void restart(std::string_view key) {
        std::array<char, 12> cipher{"AES-128-GCM"};
        const std::array<OSSL_PARAM, 3> parameters{
            OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_IV, nonce.data(), nonce.size()),
            // A key that stays needs no new schedule.
            key.empty() ? OSSL_PARAM_construct_end()
                        : OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, cipher.data(), 0),
            OSSL_PARAM_construct_end()};
        const int done = EVP_MAC_init(mac.get(), key.empty() ? nullptr : data(key), key.size(),
                                      parameters.data());
        if (done == 1) return;
        std::fputs("ccr: libcrypto has no GMAC\n", stderr);
        std::abort();
    }
};

KeyedHash::KeyedHash(std::string_view key) : context_(std::make_unique<Context>()) {
    context_->kind.reset(EVP_MAC_fetch(nullptr, "GMAC", nullptr));
    context_->mac.reset(EVP_MAC_CTX_new(context_->kind.get()));
    context_->restart(key);
}

KeyedHash::~KeyedHash() = default;

void KeyedHash::add(std::string_view bytes) {
    EVP_MAC_update(context_->mac.get(), data(bytes), bytes.size());
}

KeyedHash::Value KeyedHash::finish() {
    Value value{};
    std::size_t size = 0;
    EVP_MAC_final(context_->mac.get(),
                  static_cast<unsigned char*>(static_cast<void*>(value.data())), &size,
                  value.size());
    context_->restart({});
    return value;
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
