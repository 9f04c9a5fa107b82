// SPDX-License-Identifier: MIT
// Requests through decoder and encoder, for tests.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/dialect/dialect.hpp"

namespace ccr::testing {

constexpr std::string_view test_envelope_key = "key of the tests";

// One client request, decoded once; may be encoded for several providers.
class RequestRun {
  public:
    explicit RequestRun(std::string client_body, std::string_view door = "anthropic");

    [[nodiscard]] const Result<void>& decoded() const { return decoded_; }
    [[nodiscard]] chat::Request& request() { return *request_; }

    // For the provider of that name, see profile_of(), in the format that it is spoken to in.
    Result<dialect::Encoded> encode(std::string_view profile = "openai-compatible",
                                    std::string_view model = "test-model");
    Result<dialect::Encoded> encode_with(const dialect::Profile& profile,
                                         std::string_view model = "test-model");
    // The body, or the error's text in front of which stands "error: ".
    std::string body(std::string_view profile = "openai-compatible",
                     std::string_view model = "test-model");

    std::int64_t max_output_tokens = 0;

  private:
    std::unique_ptr<chat::Request> request_;
    Result<void> decoded_;
};

// A row of the profile table, as the model says; "responses:NAME" as it is where the Responses
// format is spoken. Null: there is none.
[[nodiscard]] std::optional<dialect::Profile> profile_of(std::string_view name,
                                                         std::string_view model);
// All that profile_of() knows, of those spoken to in the Responses format some.
[[nodiscard]] std::vector<std::string> provider_names();

// A client's body out of its messages (a JSON array) and further members (`"a":1,"b":2`).
[[nodiscard]] std::string client_body(std::string_view messages, std::string_view more = {});
// The same with one user message, "hi".
[[nodiscard]] std::string simple_body(std::string_view more = {});

// A member of a JSON object as it is spelt, empty if missing: member(body, "messages").
[[nodiscard]] std::string member(std::string_view json, std::string_view key);
// The text without white space between tokens.
[[nodiscard]] std::string compact(std::string_view json);
// The text with one member or element a line.
[[nodiscard]] std::string pretty(std::string_view json);

[[nodiscard]] std::string read_file(const std::filesystem::path& path);

// A recorded request: file and number, path, compact body.
struct Recorded {
    std::string name;
    std::string path;
    std::string body;
};
[[nodiscard]] std::vector<Recorded> recorded_requests(const std::filesystem::path& directory);

// What is wrong with a body in the eyes of a strict provider; empty if nothing. Chat Completions,
// or what the linter of the profile's own format says.
[[nodiscard]] std::vector<std::string> lint_chat(std::string_view body,
                                                 const dialect::Profile& profile);
[[nodiscard]] std::vector<std::string> lint_gemini(std::string_view body);
[[nodiscard]] std::vector<std::string> lint_responses(std::string_view body);

}  // namespace ccr::testing
