// SPDX-License-Identifier: MIT
#include "common/config/cloud.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "common/config/google.hpp"
#include "common/paths.hpp"
#include "common/text.hpp"

namespace ccr::config {
namespace {

constexpr std::string_view azure_version = "2024-10-21";  // the last one that is no preview

constexpr VertexForm vertex_forms[] = {
    {"vertex-gemini", Dialect::gemini, "v1beta1", "us-central1", "/publishers/google/models/",
     ":generateContent", ":streamGenerateContent?alt=sse"},
    {"vertex-claude", Dialect::anthropic, "v1", "us-east5", "/publishers/anthropic/models/",
     ":rawPredict", ":streamRawPredict"},
    {"vertex-openai", Dialect::openai_chat, "v1", "us-central1",
     "/endpoints/openapi/chat/completions", "", ""},
};

struct Parts {
    std::string path;   // without trailing slashes
    std::string query;  // without its question mark
};

Parts parts_of(const Url& url) {
    const auto mark = url.target.find('?');
    Parts out{url.target.substr(0, mark), ""};
    if (mark != std::string::npos) out.query = url.target.substr(mark + 1);
    while (out.path.ends_with('/'))
        out.path.pop_back();
    return out;
}

std::string_view last_segment(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

// The query without the parameters of these names, and whether one of them was there.
template <std::size_t N>
bool without(std::string& query, const std::array<std::string_view, N>& names) {
    std::string kept;
    bool found = false;
    std::string_view rest = query;
    while (!rest.empty()) {
        const auto end = rest.find('&');
        const std::string_view one = rest.substr(0, end);
        rest = end == std::string_view::npos ? "" : rest.substr(end + 1);
        const std::string_view name = one.substr(0, one.find('='));
        if (std::find(names.begin(), names.end(), name) != names.end()) {
            found = true;
        } else if (!one.empty()) {
            kept.append(kept.empty() ? "" : "&").append(one);
        }
    }
    query = kept;
    return found;
}

// The endpoint shows where the model stands.
void set_path(Provider& provider, ModelPath path) {
    provider.endpoint.target = path.before + "{model}" + path.after;
    provider.model_path = std::move(path);
}

bool version_segment(std::string_view segment) {
    return segment.size() >= 2 && segment[0] == 'v' && segment[1] >= '0' && segment[1] <= '9';
}

void unusable(const json5::Position& at, const std::string& path, const std::string& why,
              Provider& provider, Problems& problems) {
    provider.unsupported = why;
    problems.warning(at, path,
                     "provider " + provider.name + " cannot be used: it " + why +
                         "; requests to it are refused");
}

// Google's name for the endpoint of a location.
Url vertex_host(const std::string& location) {
    Url url;
    url.scheme = "https";
    url.host = location == "global" ? "aiplatform.googleapis.com"
                                    : location + "-aiplatform.googleapis.com";
    url.port = 443;
    return url;
}

// The resource's newer API, in which the body names the model.
std::string azure_responses(std::string_view path) {
    const auto openai = lower(path).find("/openai");
    return std::string(path.substr(0, openai)) + "/openai/v1/responses";
}

bool word(std::string_view text) {
    return !text.empty() && text.find_first_not_of(
                                "abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789-_.:") == std::string_view::npos;
}

}  // namespace

const VertexForm* vertex_form(std::string_view name) {
    const auto* found =
        std::find_if(std::begin(vertex_forms), std::end(vertex_forms),
                     [name](const VertexForm& form) { return iequals(form.name, name); });
    return found == std::end(vertex_forms) ? nullptr : found;
}

void build_vertex(const json5::Value& entry, const std::string& path, const VertexForm& form,
                  Provider& provider, Problems& problems) {
    const GoogleSettings google = read_google(entry, path, provider, problems);
    const bool account = google.account.kind != GoogleAccount::Kind::none;
    const std::string location =
        google.location.empty() ? std::string(form.location) : google.location;
    const std::string project = google.project.empty() ? google.account.project : google.project;
    if (provider.api_base_url.empty()) provider.endpoint = vertex_host(location);
    Parts url = parts_of(provider.endpoint);
    const bool placed = url.path.find("/projects/") != std::string::npos;
    if (!placed && (!word(project) || !word(location))) {
        return unusable(provider.at, path,
                        "names no project; set google.project and google.location", provider,
                        problems);
    }
    if (!account && provider.keys.empty()) {
        return unusable(provider.at, path,
                        "has no credentials; set google.credentials to the file of a service "
                        "account, or GOOGLE_APPLICATION_CREDENTIALS",
                        provider, problems);
    }
    if (url.path.empty()) url.path = "/" + std::string(form.version);
    if (!placed) url.path += "/projects/" + project + "/locations/" + location;
    // A URL that is written out to its end names the publisher's models already.
    if (!url.path.ends_with("/models")) {
        url.path += form.path;
    } else {
        url.path += '/';
    }
    provider.endpoint.target = url.path;
    if (!form.after.empty()) {
        set_path(provider, {url.path, std::string(form.after), std::string(form.after_stream)});
    }
    provider.model_in_url_only = form.dialect == Dialect::anthropic;
    provider.bearer_only = true;
    if (!account) return;
    provider.auth = Auth::google_account;
    provider.google = google.account;
    provider.keys.clear();
}

bool is_azure(const json5::Value& entry, const Url& url) {
    constexpr std::array<std::string_view, 3> hosts{".openai.azure.com", ".services.ai.azure.com",
                                                    ".cognitiveservices.azure.com"};
    const bool host = std::any_of(hosts.begin(), hosts.end(), [&](std::string_view ending) {
        return url.host.ends_with(ending);
    });
    if (host) return true;
    const json5::Member* profile = get(entry, "profile");
    if (profile == nullptr) return false;
    const json5::Value& value = profile->value;
    const std::string name(trim(value.is_string() ? value.text : get_string(value, "base")));
    return iequals(name, "azure") || iequals(name, "azure-openai");
}

void build_azure(Provider& provider) {
    constexpr std::string_view method = "/chat/completions";
    if (!provider.bearer_only) provider.auth = Auth::api_key;
    Parts url = parts_of(provider.endpoint);
    const std::string path = lower(url.path);
    // The newer form of the API works as OpenAI's own.
    if (path.find("/openai/v1") != std::string::npos) {
        provider.responses_target = azure_responses(url.path);
        if (!path.ends_with(method)) url.path += method;
        if (!url.query.empty()) url.path += "?" + url.query;
        provider.endpoint.target = url.path;
        return;
    }
    if (url.query.find("api-version=") == std::string::npos) {
        url.query += (url.query.empty() ? "" : "&") + ("api-version=" + std::string(azure_version));
    }
    if (!path.ends_with(method) && path.find("/deployments/") != std::string::npos) {
        url.path += method;
    } else if (!path.ends_with(method)) {
        if (path.ends_with("/deployments")) {
            url.path += '/';
        } else {
            url.path += path.ends_with("/openai") ? "/deployments/" : "/openai/deployments/";
        }
        provider.responses_target = azure_responses(url.path);
        const std::string after = std::string(method) + "?" + url.query;
        set_path(provider, {url.path, after, after});
        return;
    }
    provider.endpoint.target = url.path + "?" + url.query;
}

void build_azure_responses(Provider& provider) {
    if (!provider.bearer_only) provider.auth = Auth::api_key;
    // A URL that is written out to its end may name another version.
    const std::string path = parts_of(provider.endpoint).path;
    if (!lower(path).ends_with("/responses")) provider.endpoint.target = azure_responses(path);
}

bool build_gemini(Provider& provider) {
    provider.auth = Auth::goog_api_key;
    Parts url = parts_of(provider.endpoint);
    bool key = without(url.query, std::array<std::string_view, 1>{"key"});
    without(url.query, std::array<std::string_view, 1>{"alt"});
    // "…/models/gemini-2.5-pro:generateContent": the model of the request takes its place.
    if (last_segment(url.path).find(':') != std::string_view::npos) {
        url.path.resize(url.path.rfind('/'));
    }
    if (!url.path.ends_with("/models")) {
        url.path += version_segment(last_segment(url.path)) ? "/models" : "/v1beta/models";
    }
    url.path += '/';
    const std::string more = url.query.empty() ? "" : "&" + url.query;
    const std::string only = url.query.empty() ? "" : "?" + url.query;
    set_path(provider,
             {url.path, ":generateContent" + only, ":streamGenerateContent?alt=sse" + more});
    return key;
}

}  // namespace ccr::config
