// SPDX-License-Identifier: MIT
#include "common/config/google.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

#include "common/json.hpp"
#include "common/paths.hpp"
#include "common/text.hpp"

namespace ccr::config {
namespace {

constexpr std::uintmax_t max_file = std::uintmax_t{64} << 10U;
constexpr std::string_view default_token_url = "https://oauth2.googleapis.com/token";

// Text of the file; `why` says what is wrong with it.
std::string file_text(const std::string& name, std::string& why) {
    std::error_code code;
    const auto size = std::filesystem::file_size(name, code);
    std::ifstream file(name, std::ios::binary);
    if (code || !file) {
        why = "cannot read " + name;
    } else if (size > max_file) {
        why = name + " is larger than 64 KiB";
    } else {
        return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    }
    return {};
}

// What the credentials' JSON says. `why` never repeats any of it.
GoogleAccount account_of(const std::string& text, std::string& why) {
    json::Document document;
    const auto root = document.parse_view(text);
    if (!root || !root->is_object()) {
        why = "is neither a file nor the JSON of credentials";
        return {};
    }
    const auto word = [&root](std::string_view key) { return std::string((*root)[key].str()); };
    GoogleAccount out;
    std::string token_url = word("token_uri");
    if (token_url.empty()) token_url = default_token_url;
    out.project = word("project_id");
    if (out.project.empty()) out.project = word("quota_project_id");
    if (word("type") == "service_account") {
        out.kind = GoogleAccount::Kind::service_account;
        out.client = word("client_email");
        out.private_key = Secret(word("private_key"));
        out.key_id = word("private_key_id");
        if (out.client.empty() || out.private_key.empty()) {
            why = "lacks client_email or private_key";
        }
    } else if (word("type") == "authorized_user") {
        out.kind = GoogleAccount::Kind::authorized_user;
        out.client = word("client_id");
        out.client_secret = Secret(word("client_secret"));
        out.refresh_token = Secret(word("refresh_token"));
        if (out.client.empty() || out.refresh_token.empty()) {
            why = "lacks client_id or refresh_token";
        }
    } else {
        why = "is of a type that is not supported; use a service_account or an authorized_user";
    }
    auto url = parse_url(token_url);
    if (!url || (!url->tls() && !is_loopback_host(url->host))) {
        why = "names a token_uri that is not https";
    } else {
        out.token_url = std::move(*url);
    }
    return why.empty() ? out : GoogleAccount{};
}

// JSON as it stands, or the file of that name.
GoogleAccount account_in(const std::string& value, std::string& why) {
    if (value.starts_with('{')) return account_of(value, why);
    const std::string text = file_text(paths::expand_home(value), why);
    if (!why.empty()) return {};
    GoogleAccount out = account_of(text, why);
    if (!why.empty()) why = value + " " + why;
    return out;
}

}  // namespace

GoogleSettings read_google(const json5::Value& entry, const std::string& path,
                           const Provider& provider, Problems& problems) {
    const json5::Member* own = get(entry, "google");
    const json5::Value nothing;
    const json5::Value& said = own == nullptr ? nothing : own->value;
    GoogleSettings out;
    out.project = trim(get_string(said, "project"));
    out.location = trim(get_string(said, "location"));
    if (out.project.empty()) {
        out.project = paths::environment("GOOGLE_CLOUD_PROJECT").value_or("");
    }
    if (out.location.empty()) {
        out.location = paths::environment("GOOGLE_CLOUD_LOCATION").value_or("");
    }
    std::string value(trim(get_string(said, "credentials")));
    const bool named = !value.empty();
    json5::Position at = named ? said.find("credentials")->at : provider.at;
    if (!named) value = paths::environment("GOOGLE_APPLICATION_CREDENTIALS").value_or("");
    if (value.empty()) {
        const std::string left =
            paths::expand_home("~/.config/gcloud/application_default_credentials.json");
        std::error_code code;
        if (std::filesystem::is_regular_file(left, code)) value = left;
    }
    if (value.empty()) return out;
    std::string why;
    out.account = account_in(value, why);
    if (!why.empty()) {
        problems.error(at, path + ".google.credentials",
                       named ? why : "GOOGLE_APPLICATION_CREDENTIALS: " + why);
    }
    return out;
}

}  // namespace ccr::config
