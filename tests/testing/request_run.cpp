// SPDX-License-Identifier: MIT
#include "tests/testing/request_run.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "daemon/dialect/anthropic.hpp"
#include "daemon/dialect/gemini.hpp"
#include "daemon/dialect/openai_chat.hpp"
#include "daemon/dialect/responses.hpp"

namespace ccr::testing {
namespace {

// Calls `token` for every piece of the text that is either a whole string or one character outside
// of strings and white space.
template <typename Token>
void for_each_token(std::string_view json, const Token& token) {
    std::size_t i = 0;
    while (i < json.size()) {
        std::size_t end = i + 1;
        if (json[i] == '"') {
            while (end < json.size() && json[end] != '"')
                end += json[end] == '\\' ? 2 : 1;
            ++end;
        }
        const auto piece = json.substr(i, end - i);
        if (piece.find_first_not_of(" \t\r\n") != std::string_view::npos) token(piece);
        i = end;
    }
}

}  // namespace

RequestRun::RequestRun(std::string body, std::string_view door)
    : request_(std::make_unique<chat::Request>()),
      decoded_(dialect::find(door)->decode_request(std::move(body), *request_)) {}

Result<dialect::Encoded> RequestRun::encode(std::string_view profile, std::string_view model) {
    const auto known = profile_of(profile, model);
    if (!known) return Error(ErrorKind::internal, "no such profile");
    return encode_with(*known, model);
}

Result<dialect::Encoded> RequestRun::encode_with(const dialect::Profile& profile,
                                                 std::string_view model) {
    if (!decoded_) return decoded_.error();
    dialect::EncodeOptions options;
    options.model = model;
    options.profile = &profile;
    options.max_output_tokens = max_output_tokens;
    options.envelope_key = test_envelope_key;
    if (profile.reasoning_field == dialect::ReasoningField::reasoning_item) {
        return dialect::responses::encode_request(*request_, options);
    }
    const bool gemini = profile.name == "gemini-native";
    return gemini ? dialect::gemini::encode_request(*request_, options)
                  : dialect::openai_chat::encode_request(*request_, options);
}

std::string RequestRun::body(std::string_view profile, std::string_view model) {
    auto encoded = encode(profile, model);
    return encoded ? std::move(encoded->body) : "error: " + encoded.error().detail;
}

std::optional<dialect::Profile> profile_of(std::string_view name, std::string_view model) {
    constexpr std::string_view responses = "responses:";
    const bool by_responses = name.starts_with(responses);
    if (by_responses) name.remove_prefix(responses.size());
    const auto* row = dialect::profile_named(name);
    if (row == nullptr) return std::nullopt;
    const dialect::Profile profile = dialect::for_model(*row, model);
    return by_responses ? dialect::for_responses(profile) : profile;
}

std::vector<std::string> provider_names() {
    std::vector<std::string> names{"responses:openai", "responses:azure", "responses:lmstudio"};
    for (const std::string_view name : dialect::profile_names())
        names.emplace_back(name);
    return names;
}

std::string client_body(std::string_view messages, std::string_view more) {
    std::string body = R"({"model":"claude","max_tokens":100,"messages":)";
    body += messages;
    if (!more.empty()) body.append(",").append(more);
    return body + "}";
}

std::string simple_body(std::string_view more) {
    return client_body(R"([{"role":"user","content":"hi"}])", more);
}

std::string member(std::string_view json, std::string_view key) {
    json::Document document;
    const auto root = document.parse_view(json);
    return root ? std::string((*root)[key].raw()) : std::string();
}

std::string compact(std::string_view json) {
    std::string out;
    for_each_token(json, [&out](std::string_view token) { out += token; });
    return out;
}

std::string pretty(std::string_view json) {
    std::string out;
    std::size_t depth = 0;
    char last = 0;
    const auto line = [&] { out.append("\n").append(depth * 2, ' '); };
    for_each_token(json, [&](std::string_view token) {
        const char c = token.front();
        const bool opens = c == '{' || c == '[';
        const bool closes = c == '}' || c == ']';
        const bool first = last == '{' || last == '[';
        if (closes) --depth;
        if (closes ? !first : (first || last == ',')) line();
        out += token;
        if (c == ':' && token.size() == 1) out += ' ';
        if (opens) ++depth;
        last = token.size() == 1 ? c : 0;
    });
    return out + "\n";
}

std::string read_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::vector<Recorded> recorded_requests(const std::filesystem::path& directory) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(directory))
        if (entry.path().extension() == ".json") files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    std::vector<Recorded> out;
    for (const auto& file : files) {
        json::Document document;
        const auto root = document.parse(read_file(file));
        if (!root) continue;
        int number = 0;
        for (const json::Value request : (*root)["requests"].elements()) {
            if (!request["body"].is_object()) continue;
            out.push_back({file.stem().string() + "#" + std::to_string(++number),
                           std::string(request["path"].str()), compact(request["body"].raw())});
        }
    }
    return out;
}

}  // namespace ccr::testing
