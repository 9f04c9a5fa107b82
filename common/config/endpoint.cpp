// SPDX-License-Identifier: MIT
#include "common/config/endpoint.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "common/config/build.hpp"
#include "common/config/cloud.hpp"
#include "common/config/transformers.hpp"
#include "common/text.hpp"

namespace ccr::config {
namespace {

// Without the query and trailing slashes, lower case.
std::string path_of(const Url& url) {
    std::string path = lower(std::string_view(url.target).substr(0, url.target.find('?')));
    while (path.ends_with('/'))
        path.pop_back();
    return path;
}

bool version(std::string_view segment) {
    return segment.size() >= 2 && segment[0] == 'v' && segment[1] >= '0' && segment[1] <= '9';
}

bool base(const Url& url, std::string_view path) {
    constexpr std::array<std::string_view, 3> words{"openai", "anthropic", "api"};
    if (path.empty() || url.target.substr(0, url.target.find('?')).ends_with('/')) return true;
    const std::string_view last = path.substr(path.rfind('/') + 1);
    return version(last) || std::find(words.begin(), words.end(), last) != words.end();
}

constexpr std::string_view chat_path = "/chat/completions";
constexpr std::string_view responses_path = "/responses";

std::string suffix(std::string_view path, Dialect dialect) {
    const std::string_view last = path.substr(path.rfind('/') + 1);
    const bool versioned = version(last) || last == "openai";
    std::string out = versioned ? "" : "/v1";
    return out += dialect == Dialect::anthropic          ? "/messages"
                  : dialect == Dialect::openai_responses ? responses_path
                                                         : chat_path;
}

// The URL of Chat Completions with the other method of the same API; empty if it is not that.
std::string responses_beside(const Url& url) {
    const auto end = url.target.find('?');
    std::string path = url.target.substr(0, end);
    if (!path.ends_with(chat_path)) return {};
    path.replace(path.size() - chat_path.size(), chat_path.size(), responses_path);
    return end == std::string::npos ? path : path + url.target.substr(end);
}

struct Choice {
    Dialect dialect = Dialect::openai_chat;
    std::string reason;
    const VertexForm* vertex = nullptr;  // the protocol in Google Vertex AI's form
};

std::optional<Dialect> dialect_named(std::string_view name) {
    struct Row {
        std::string_view name;
        Dialect dialect;
    };
    constexpr std::array<Row, 6> rows{{{"openai", Dialect::openai_chat},
                                       {"openai-chat", Dialect::openai_chat},
                                       {"anthropic", Dialect::anthropic},
                                       {"openai-responses", Dialect::openai_responses},
                                       {"responses", Dialect::openai_responses},
                                       {"gemini", Dialect::gemini}}};
    const auto* found = std::find_if(rows.begin(), rows.end(),
                                     [name](const Row& row) { return iequals(row.name, name); });
    return found == rows.end() ? std::nullopt : std::optional(found->dialect);
}

std::optional<Choice> by_protocol(const json5::Value& entry, const std::string& path,
                                  Problems& problems) {
    const json5::Member* member = get(entry, "protocol");
    if (member == nullptr || member->value.text.empty()) return std::nullopt;
    const std::string_view wanted = trim(member->value.text);
    if (const auto dialect = dialect_named(wanted)) return Choice{*dialect, "protocol"};
    if (const VertexForm* form = vertex_form(wanted))
        return Choice{form->dialect, "protocol", form};
    problems.error(member->value.at, path + ".protocol",
                   "unknown protocol; use openai, openai-responses, anthropic or gemini",
                   nearest(wanted, {"openai", "anthropic", "openai-responses", "gemini",
                                    "vertex-gemini", "vertex-claude", "vertex-openai"}));
    return std::nullopt;
}

std::optional<Choice> speaks(const Transformer& transformer) {
    const std::string reason = "transformer " + transformer.name;
    switch (find_transformer(transformer.name)->speaks) {
        case Speaks::anthropic:
            // Other programs give the lower-case spelling no meaning for the protocol.
            if (transformer.name == "anthropic") return std::nullopt;
            return Choice{Dialect::anthropic, reason};
        case Speaks::gemini:
            return Choice{Dialect::gemini, reason};
        case Speaks::openai_responses:
            return Choice{Dialect::openai_responses, reason};
        case Speaks::vertex: {
            const VertexForm* form = vertex_form(transformer.name);
            return Choice{form->dialect, reason, form};
        }
        case Speaks::openai:
        case Speaks::nothing:
            return std::nullopt;
    }
    return std::nullopt;
}

std::optional<Choice> by_transformer(const Provider& provider) {
    for (const Transformer& transformer : provider.transformers) {
        if (!transformer.model.empty()) continue;
        if (auto choice = speaks(transformer)) return choice;
    }
    return std::nullopt;
}

// A base URL, lower-case "anthropic" and nothing else to go by: openai is spoken, as other programs
// do, but somebody might have meant it.
void doubt(const json5::Value& entry, const std::string& path, const Provider& provider,
           Problems& problems) {
    for (const Transformer& transformer : provider.transformers) {
        if (transformer.name != "anthropic" || !transformer.model.empty()) continue;
        problems.warning(entry.find_member("transformer")->key_at, path + ".transformer",
                         "anthropic in small letters does not choose the protocol: openai is "
                         "spoken; set protocol to \"openai\" or \"anthropic\" to say which");
        return;
    }
}

std::optional<Choice> choose_without_url(const json5::Value& entry, const std::string& path,
                                         const Provider& provider, Problems& problems) {
    if (auto choice = by_protocol(entry, path, problems)) return choice;
    return by_transformer(provider);
}

Choice choose(const json5::Value& entry, const std::string& path, const Provider& provider,
              const Url& url, Problems& problems) {
    const auto of_url = dialect_of_url(url);
    if (auto choice = by_protocol(entry, path, problems)) return *choice;
    if (auto choice = by_transformer(provider)) {
        // An Anthropic body never works at an OpenAI path, whatever the transformer list says.
        const bool contradicted = of_url && complete_endpoint(url, *of_url) &&
                                  *of_url != choice->dialect &&
                                  choice->dialect == Dialect::anthropic;
        if (!contradicted) return *choice;
        problems.warning(entry.find_member("transformer")->key_at, path + ".transformer",
                         choice->reason + " does not match the URL, whose path is that of " +
                             std::string(dialect_name(*of_url)) +
                             "; the URL decides (set protocol to say otherwise)");
        return {*of_url, "URL"};
    }
    if (of_url) return {*of_url, "URL"};
    doubt(entry, path, provider, problems);
    return {Dialect::openai_chat, "default"};
}

}  // namespace

std::optional<Dialect> dialect_of_url(const Url& url) {
    const std::string path = path_of(url);
    if (path.ends_with(chat_path) || path.ends_with("/openai")) {
        return Dialect::openai_chat;
    }
    if (path.ends_with("/v1/messages") || path.find("/anthropic") != std::string::npos ||
        url.host == "api.anthropic.com") {
        return Dialect::anthropic;
    }
    if (path.ends_with(responses_path)) return Dialect::openai_responses;
    const bool openai_compatible = path.find("/openai") != std::string::npos;
    if (url.host == "generativelanguage.googleapis.com" && !openai_compatible) {
        return Dialect::gemini;
    }
    return std::nullopt;
}

bool complete_endpoint(const Url& url, Dialect dialect) {
    const std::string path = path_of(url);
    switch (dialect) {
        case Dialect::openai_chat:
            return path.ends_with(chat_path);
        case Dialect::anthropic:
            return path.ends_with("/messages");
        case Dialect::openai_responses:
            return path.ends_with(responses_path);
        case Dialect::gemini:
            return false;
    }
    return false;
}

Url complete(Url url, Dialect dialect) {
    const std::string path = path_of(url);
    if (complete_endpoint(url, dialect)) {
        // "…/chat/completions/" is a slip that providers answer with 404.
        const auto query = url.target.find('?');
        const auto end =
            url.target.find_last_not_of('/', query == std::string::npos ? query : query - 1);
        url.target.erase(end + 1,
                         (query == std::string::npos ? url.target.size() : query) - end - 1);
    } else if (std::string beside = responses_beside(url);
               dialect == Dialect::openai_responses && !beside.empty()) {
        url.target = std::move(beside);
    } else if (base(url, path)) {
        url.target = join_target(url, suffix(path, dialect));
    }
    return url;
}

void build_endpoint(const json5::Value& entry, const std::string& path, Provider& provider,
                    Problems& problems) {
    const json5::Member* member = entry.find_member("api_base_url");
    if (member == nullptr || trim(member->value.text).empty()) {
        const auto choice = choose_without_url(entry, path, provider, problems);
        if (choice && choice->vertex != nullptr) {
            provider.dialect = choice->dialect;
            provider.dialect_reason = choice->reason;
            return build_vertex(entry, path, *choice->vertex, provider, problems);
        }
        if (member == nullptr || !problems.error_at(member->value.at)) {
            problems.error(member == nullptr ? provider.at : member->value.at, path,
                           "api_base_url is missing");
        }
        return;
    }
    const json5::Position at = member->value.at;
    const std::string place = path + ".api_base_url";
    provider.api_base_url = trim(member->value.text);
    const Result<Url> url = parse_url(provider.api_base_url);
    if (!url) {
        problems.error(at, place, url.error().detail);
        return;
    }
    if (!url->userinfo.empty()) {
        problems.error(at, place, "holds a user or password; put it into api_key or headers");
        return;
    }
    const Choice choice = choose(entry, path, provider, *url, problems);
    provider.dialect = choice.dialect;
    provider.dialect_reason = choice.reason;
    provider.endpoint = *url;
    if (choice.vertex != nullptr) {
        return build_vertex(entry, path, *choice.vertex, provider, problems);
    }
    switch (choice.dialect) {
        case Dialect::openai_chat:
            if (is_azure(entry, *url)) return build_azure(provider);
            provider.endpoint = complete(*url, choice.dialect);
            provider.responses_target = responses_beside(provider.endpoint);
            return;
        case Dialect::openai_responses:
            if (is_azure(entry, *url)) return build_azure_responses(provider);
            [[fallthrough]];
        case Dialect::anthropic:
            provider.endpoint = complete(*url, choice.dialect);
            return;
        case Dialect::gemini:
            if (build_gemini(provider)) {
                problems.warning(at, place, "the key in the URL is not sent; put it into api_key");
            }
            return;
    }
}

}  // namespace ccr::config
