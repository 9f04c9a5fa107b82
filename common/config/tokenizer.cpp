// SPDX-License-Identifier: MIT
#include <array>

#include "common/config/build.hpp"
#include "common/text.hpp"

namespace ccr::config {
namespace {

using json5::Member;
using json5::Value;

constexpr std::string_view instead =
    "; use {type: \"tiktoken\", encoding: \"o200k_base\"}, or remove it: the estimate learns from "
    "the counts that the provider reports";

void check(const Member& entry, const std::string& path, Problems& problems) {
    if (!entry.value.is_object()) return;
    constexpr std::array<std::string_view, 2> encodings{"cl100k_base", "o200k_base"};
    const std::string type(trim(get_string(entry.value, "type")));
    if (!iequals(type, "tiktoken")) {
        const Value* at = entry.value.find("type");
        problems.error(at == nullptr ? entry.value.at : at->at, path,
                       (type.empty()                   ? "type is missing"
                        : iequals(type, "huggingface") ? "tokenizers are not downloaded"
                        : iequals(type, "api")         ? "tokens are not counted by a remote API"
                                                       : "unknown tokenizer type") +
                           std::string(instead));
        return;
    }
    const std::string encoding(trim(get_string(entry.value, "encoding")));
    const bool known = encoding.empty() || encoding == encodings[0] || encoding == encodings[1];
    if (known) return;
    problems.error(entry.value.find("encoding")->at, path + ".encoding",
                   "unknown encoding; use cl100k_base or o200k_base",
                   nearest(encoding, {encodings.begin(), encodings.end()}));
}

}  // namespace

void build_tokenizer(const Value& entry, const std::string& path, Provider& provider,
                     Problems& problems) {
    const Member* member = get(entry, "tokenizer");
    if (member == nullptr) return;
    const std::string place = path + ".tokenizer";
    if (const Member* general = get(member->value, "default")) {
        check(*general, place + ".default", problems);
    }
    if (const Member* models = get(member->value, "models")) {
        for (const Member& model : models->value.members)
            check(model, place + ".models." + model.key, problems);
    }
    provider.tokenizer = member->value;
}

}  // namespace ccr::config
