// SPDX-License-Identifier: MIT
// Signatures, by libcrypto.
#pragma once

#include <string>
#include <string_view>

#include "common/result.hpp"

namespace ccr {

// RSASSA-PKCS1-v1_5 with SHA-256 ("RS256"), raw bytes. `pem`: a private RSA key, PKCS #8 or #1,
// without a passphrase. ErrorKind::config if it is none; the message holds nothing of it.
[[nodiscard]] Result<std::string> sign_rs256(std::string_view pem, std::string_view bytes);

}  // namespace ccr
