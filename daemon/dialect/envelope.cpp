// SPDX-License-Identifier: MIT
#include "daemon/dialect/envelope.hpp"

#include "common/digest.hpp"
#include "common/text.hpp"

namespace ccr::dialect {
namespace {

constexpr std::size_t tag_bytes = 8;

std::string tag(std::string_view key, std::string_view content) {
    return base64url(hmac_sha256(key, content).substr(0, tag_bytes));
}

}  // namespace

std::string seal(std::string_view key, std::string_view family, std::string_view payload) {
    std::string content(family);
    content += '\0';
    content += payload;
    std::string out(our_seal);
    out += base64url(content);
    out += '.';
    out += tag(key, content);
    return out;
}

std::optional<Envelope> unseal(std::string_view key, std::string_view signature) {
    if (!signature.starts_with(our_seal)) return std::nullopt;
    signature.remove_prefix(our_seal.size());
    const auto dot = signature.find('.');
    if (dot == std::string_view::npos) return std::nullopt;
    const auto content = base64url_decode(signature.substr(0, dot));
    if (!content || tag(key, *content) != signature.substr(dot + 1)) return std::nullopt;
    const auto nul = content->find('\0');
    if (nul == std::string::npos) return std::nullopt;
    return Envelope{content->substr(0, nul), content->substr(nul + 1)};
}

}  // namespace ccr::dialect
