// SPDX-License-Identifier: MIT
#include "common/signature.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <memory>

namespace ccr {
namespace {

template <auto Free>
struct Freed {
    template <typename T>
    void operator()(T* object) const {
        Free(object);
    }
};
using Bio = std::unique_ptr<BIO, Freed<BIO_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Context = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;

// Instead of asking on the terminal.
int no_passphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*data*/) {
    return -1;
}

Error failed(const char* what) {
    ERR_clear_error();  // its text could tell of the key
    return {ErrorKind::config, what};
}

}  // namespace

Result<std::string> sign_rs256(std::string_view pem, std::string_view bytes) {
    const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    const Key key(bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr)
                      : nullptr);
    if (!key || EVP_PKEY_base_id(key.get()) != EVP_PKEY_RSA) {
        return failed("the private key is not an RSA key in PEM form");
    }
    const Context context(EVP_MD_CTX_new());
    const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
    std::size_t size = 0;
    const bool ready =
        context &&
        EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
        EVP_DigestSign(context.get(), nullptr, &size, data, bytes.size()) == 1;
    if (!ready) return failed("cannot sign with the private key");
    std::string out(size, '\0');
    auto* target = reinterpret_cast<unsigned char*>(out.data());
    if (EVP_DigestSign(context.get(), target, &size, data, bytes.size()) != 1) {
        return failed("cannot sign with the private key");
    }
    out.resize(size);
    return out;
}

}  // namespace ccr
