// SPDX-License-Identifier: MIT
// A provider's stream of generateContent chunks, and the same bytes as a body and as an error.
#include <string>

#include "tests/fuzz/reply_check.hpp"

namespace {

// Bodies end in a message or in words.
void check_body(const ccr::fuzz::Answering& from, std::string_view text) {
    using namespace ccr;
    json::Document scratch;
    dialect::DecodeOptions options;
    options.profile = &from.profile;
    options.scratch = &scratch;
    const auto decoder = from.dialect.reply_decoder(options);
    const auto folder = dialect::find("anthropic")->body_writer(fuzz::reply_context());
    decoder->body(text, *folder);
    decoder->end(true, *folder);
    const auto body = folder->finish();
    json::Document document;
    if (body) {
        fuzz::check(static_cast<bool>(document.parse(*body)), "a folded body is JSON");
    } else {
        fuzz::check(!body.error().detail.empty(), "an error says why");
    }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace ccr;
    const auto input = fuzz::steered(data, size);
    const fuzz::Answering from{*dialect::find("gemini"), *dialect::profile_named("gemini-native")};
    fuzz::check_reply(from, input);
    check_body(from, input.input);
    const Error error = from.dialect.classify(400 + input.steer, {}, input.input, {});
    fuzz::check(!error.detail.empty(), "an error says why");
    return 0;
}
