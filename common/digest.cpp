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

// GCM with nothing to encrypt, by way of the cipher: EVP_MAC's GMAC looks its parameters up by name
// for every message, which costs more than hashing 2 kB does.
struct KeyedHash::Context {
    struct Free {
        void operator()(EVP_CIPHER* handle) const { EVP_CIPHER_free(handle); }
        void operator()(EVP_CIPHER_CTX* handle) const { EVP_CIPHER_CTX_free(handle); }
    };
    std::unique_ptr<EVP_CIPHER, Free> kind;
    std::unique_ptr<EVP_CIPHER_CTX, Free> cipher;
    std::array<unsigned char, 12> nonce{};  // fixed: the values are secret, see the header

    // A key that stays (empty here) needs no new schedule.
    void restart(std::string_view key) {
        const int done =
            EVP_EncryptInit_ex2(cipher.get(), key.empty() ? nullptr : kind.get(),
                                key.empty() ? nullptr : data(key), nonce.data(), nullptr);
        if (done == 1) return;
        std::fputs("ccr: libcrypto has no AES-128-GCM\n", stderr);
        std::abort();
    }
};

KeyedHash::KeyedHash(std::string_view key) : context_(std::make_unique<Context>()) {
    context_->kind.reset(EVP_CIPHER_fetch(nullptr, "AES-128-GCM", nullptr));
    context_->cipher.reset(EVP_CIPHER_CTX_new());
    context_->restart(key);
}

KeyedHash::~KeyedHash() = default;

void KeyedHash::add(std::string_view bytes) {
    int size = 0;
    EVP_EncryptUpdate(context_->cipher.get(), nullptr, &size, data(bytes),
                      static_cast<int>(bytes.size()));
}

KeyedHash::Value KeyedHash::finish() {
    Value value{};
    int size = 0;
    std::array<unsigned char, 16> rest{};
    EVP_EncryptFinal_ex(context_->cipher.get(), rest.data(), &size);
    EVP_CIPHER_CTX_ctrl(context_->cipher.get(), EVP_CTRL_AEAD_GET_TAG,
                        static_cast<int>(value.size()), value.data());
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
