// SPDX-License-Identifier: MIT
// JSON from anywhere: parsed or refused, and what is parsed is spelt by its own source.
#include <string>

#include "common/json.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace {

using ccr::fuzz::check;
using ccr::json::Type;

void walk(ccr::json::Value value, std::string_view source) {
    const std::string_view raw = value.raw();
    check(!raw.empty(), "a value has a spelling");
    check(source.substr(value.offset(), raw.size()) == raw, "raw() is a slice of the source");
    if (value.is_string()) {
        check(ccr::json::unescape(value.escaped()) == value.str(), "escaped() decodes to str()");
    }
    std::size_t children = 0;
    for (const ccr::json::Value element : value.elements()) {
        walk(element, source);
        ++children;
    }
    for (const ccr::json::Member member : value.members()) {
        check(value[member.key.str()].type() != Type::missing, "a member is found by its key");
        walk(member.value, source);
        ++children;
    }
    check(children == value.size(), "size() counts the children");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    ccr::json::Document document;
    const auto root = document.parse(std::string(ccr::fuzz::as_text(data, size)));
    if (!root) {
        check(!root.error().detail.empty(), "a refusal says why");
        return 0;
    }
    walk(*root, document.source());
    ccr::json::Document again;
    const auto second = again.parse(std::string(root->raw()));
    check(second && second->type() == root->type(), "a value's own spelling parses again");
    return 0;
}
