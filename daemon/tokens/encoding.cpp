// SPDX-License-Identifier: MIT
#include "daemon/tokens/encoding.hpp"

namespace ccr::tokens {

std::string_view name_of(Encoding encoding) {
    return encoding == Encoding::cl100k_base ? "cl100k_base" : "o200k_base";
}

Encoding encoding_for(const json5::Value& tokenizer, std::string_view model) {
    const json5::Value* models = tokenizer.find("models");
    const json5::Value* chosen = models != nullptr ? models->find(model) : nullptr;
    if (chosen == nullptr) chosen = tokenizer.find("default");
    if (chosen == nullptr || !chosen->is_object()) return Encoding::o200k_base;
    const json5::Value* encoding = chosen->find("encoding");
    const bool o200k = encoding != nullptr && encoding->text == name_of(Encoding::o200k_base);
    return o200k ? Encoding::o200k_base : Encoding::cl100k_base;
}

}  // namespace ccr::tokens
