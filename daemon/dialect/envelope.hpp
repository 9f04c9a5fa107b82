// SPDX-License-Identifier: MIT
// The opaque signature on thinking blocks that we hand out. Clients give signed thinking back with
// the next request; the envelope tells whose reasoning it was, carries provider state that has to
// come back (encrypted content, thought signatures), and is authenticated, so that nothing foreign
// is taken for ours.
//
//   ccr1.<base64url(family NUL payload)>.<base64url(first 8 bytes of HMAC-SHA256)>
//
// What a search of another provider's has in the place of what Anthropic encrypts bears the same
// seal, with the family "search".
//
// Kept short: clients count signature bytes as tokens. What the payload is, its first byte says:
//   (empty)  the reasoning is the block's own text
//   't'      the rest is the reasoning's text: the client asked not to be shown it, so it is not in
//            the block
//   '['      OpenRouter's reasoning_details, a JSON array, to be sent back as it is
//   'r'      a reasoning item of Responses: its id, a blank, its encrypted content
//   'p'      a Gemini signature that came behind the text in front of the block
//   else     a provider's opaque state (thought signature, encrypted content), behind an 'x'
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ccr::dialect {

// How all that bears our seal begins.
constexpr std::string_view our_seal = "ccr1.";

struct Envelope {
    std::string family;   // profile.family of the provider whose reasoning this is
    std::string payload;  // its opaque state, often empty
};

[[nodiscard]] std::string seal(std::string_view key, std::string_view family,
                               std::string_view payload);
// Nothing if the signature is not ours (a genuine Anthropic one, or forged).
[[nodiscard]] std::optional<Envelope> unseal(std::string_view key, std::string_view signature);

}  // namespace ccr::dialect
