// SPDX-License-Identifier: MIT
// Hashes, by libcrypto. Results are raw bytes.
#pragma once

#include <string>
#include <string_view>

namespace ccr {

[[nodiscard]] std::string sha256(std::string_view bytes);
[[nodiscard]] std::string sha1(std::string_view bytes);
[[nodiscard]] std::string hmac_sha256(std::string_view key, std::string_view bytes);
// Cryptographically random; ends the process if the kernel has none to give.
[[nodiscard]] std::string random_bytes(std::size_t count);

}  // namespace ccr
