// SPDX-License-Identifier: MIT
// A client's request in Gemini's format: refused with words, or JSON that keeps its rules.
#include <array>
#include <string>

#include "common/json.hpp"
#include "daemon/chat/request.hpp"
#include "daemon/dialect/dialect.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace {

using namespace ccr;

void check_body(json::Value body) {
    using fuzz::check;
    const json::Value contents = body["contents"];
    check(contents.size() > 0, "there are contents");
    check(contents.at(0)["role"].str() == "user", "the user begins");
    check(contents.at(contents.size() - 1)["role"].str() == "user", "and is the last");
    std::size_t calls = 0;
    for (const json::Value content : contents.elements()) {
        check(content["parts"].size() > 0, "no content is empty");
        std::size_t answers = 0;
        std::size_t next = 0;
        for (const json::Value part : content["parts"].elements()) {
            answers += part["functionResponse"] ? 1U : 0U;
            next += part["functionCall"] ? 1U : 0U;
        }
        check(answers == calls, "as many responses as calls");
        calls = next;
    }
    check(calls == 0, "no call is left open");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::array models{"gemini-2.5-flash", "gemini-3-pro", "gemini-2.0-flash", "gemma"};
    const auto input = fuzz::steered(data, size);
    chat::Request request;
    const auto decoded = dialect::find("anthropic")
                             ->decode_request(fuzz::plain_request(input.input, "key"), request);
    if (!decoded) return 0;
    const std::string model = models.at(input.steer % models.size());
    auto profile = dialect::for_model(*dialect::profile_named("gemini-native"), model);
    if ((input.steer & 4U) != 0) profile.schema = dialect::SchemaStyle::gemini;
    dialect::EncodeOptions options;
    options.model = model;
    options.profile = &profile;
    options.envelope_key = "key";
    const auto encoded = dialect::find("gemini")->encode_request(request, options);
    if (!encoded) {
        fuzz::check(!encoded.error().detail.empty(), "a refusal says why");
        return 0;
    }
    json::Document document;
    const auto body = document.parse(encoded->body);
    fuzz::check(static_cast<bool>(body), "what goes to a provider is JSON");
    check_body(*body);
    return 0;
}
