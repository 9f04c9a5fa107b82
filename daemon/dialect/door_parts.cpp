// SPDX-License-Identifier: MIT
#include "daemon/dialect/door_parts.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "daemon/dialect/freeform_input.hpp"

namespace ccr::dialect {
namespace {

using chat::Escaped;

struct EffortRow {
    std::string_view word;
    std::string_view effort;
};
constexpr EffortRow efforts[] = {
    {"minimal", "low"}, {"low", "low"},     {"medium", "medium"},
    {"high", "high"},   {"xhigh", "xhigh"}, {"max", "max"},
};

Error complaint(const char* what) {
    return {ErrorKind::invalid_request, what};
}

bool known_image(std::string_view type) {
    constexpr std::string_view known[] = {"image/jpeg", "image/png", "image/gif", "image/webp"};
    return std::find(std::begin(known), std::end(known), type) != std::end(known);
}

bool is_link(json::Value url) {
    return url.str().starts_with("http://") || url.str().starts_with("https://");
}

// "data:TYPE;base64,DATA" as it stands in the body. A slash may be spelt with an escape there, so
// the type is decoded.
bool inline_data(std::string_view url, chat::Request& request, chat::Media& media) {
    constexpr std::string_view scheme = "data:";
    constexpr std::string_view coding = ";base64,";
    const auto at = url.find(coding);
    if (!url.starts_with(scheme) || at == std::string_view::npos) return false;
    std::string_view type = url.substr(scheme.size(), at - scheme.size());
    type = type.substr(0, type.find(';'));
    if (type.find('\\') != std::string_view::npos) type = request.keep(json::unescape(type));
    media.kind = chat::Media::Kind::base64;
    media.media_type = Escaped{type == "image/jpg" ? "image/jpeg" : type};
    media.data = Escaped{url.substr(at + coding.size())};
    return true;
}

// Without escapes, so that reading it changes nothing inside and all threads may.
json::Value freeform_parameters() {
    static const auto* const document = [] {
        auto* parsed = new json::Document;
        static_cast<void>(parsed->parse_view(freeform_schema));
        return parsed;
    }();
    return document->root();
}

// The grammar is said to the model: no other provider enforces one.
Escaped with_grammar(json::Value custom, chat::Request& request) {
    const std::string_view description = custom["description"].escaped();
    json::Value grammar = custom["format"]["grammar"];
    if (!grammar.present()) grammar = custom["format"];
    const std::string_view definition = grammar["definition"].escaped();
    if (definition.empty()) return {description};
    std::string text(description);
    text.append(text.empty() ? "" : R"(\n\n)");
    text.append("The input has to follow this ").append(grammar["syntax"].escaped());
    text.append(R"( grammar:\n)").append(definition);
    return {request.keep(std::move(text))};
}

}  // namespace

Result<json::Value> read_body(std::string body, chat::Request& request) {
    auto root = request.document.parse(std::move(body));
    if (!root || root->is_object()) return root;
    return Error(ErrorKind::invalid_request, "the request body should be a JSON object");
}

Result<void> add_image(json::Value url, chat::Request& request, chat::Blocks& blocks) {
    chat::Image image;
    if (url.escaped().empty()) return complaint("the image's URL is missing");
    if (inline_data(url.escaped(), request, image.source)) {
        if (!known_image(image.source.media_type.bytes)) {
            return complaint("an image should be JPEG, PNG, GIF or WebP");
        }
    } else {
        if (!is_link(url)) return complaint("an image's URL should be a data: or https: URL");
        image.source.kind = chat::Media::Kind::url;
        image.source.data = Escaped{url.escaped()};
    }
    blocks.emplace_back(image);
    return {};
}

Result<void> add_file(json::Value source, chat::Request& request, chat::Blocks& blocks) {
    chat::Document document;
    document.title = Escaped{source["filename"].escaped()};
    const json::Value data = source["file_data"];
    const json::Value id = source["file_id"];
    const json::Value url = source["file_url"];
    if (inline_data(data.escaped(), request, document.source)) {
        // as it says
    } else if (!data.escaped().empty()) {
        document.source.media_type = Escaped{"application/pdf"};
        document.source.data = Escaped{data.escaped()};
    } else if (is_link(url)) {
        document.source.kind = chat::Media::Kind::url;
        document.source.data = Escaped{url.escaped()};
    } else if (!id.escaped().empty()) {
        document.source.kind = chat::Media::Kind::file;
        document.source.data = Escaped{id.escaped()};
    } else {
        return complaint("a file needs file_data or file_id");
    }
    blocks.emplace_back(std::move(document));
    return {};
}

Result<void> add_function_tool(json::Value function, std::string_view field,
                               chat::Request& request) {
    chat::Tool tool;
    tool.source = function;
    tool.name = function["name"].str();
    if (tool.name.empty()) return wrong(field, "a function needs a name");
    tool.description = Escaped{function["description"].escaped()};
    const json::Value parameters = function["parameters"];
    if (parameters.present() && !parameters.is_object()) {
        return wrong(field, "parameters should be an object");
    }
    if (parameters.present()) tool.input_schema = parameters;
    if (function["strict"].type() == json::Type::boolean)
        tool.strict = function["strict"].boolean();
    request.tools.push_back(tool);
    return {};
}

Result<void> add_custom_tool(json::Value custom, chat::Request& request) {
    chat::Tool tool;
    tool.source = custom;
    tool.name = custom["name"].str();
    if (tool.name.empty()) return wrong("tools", "a custom tool needs a name");
    tool.description = with_grammar(custom, request);
    tool.input_schema = freeform_parameters();
    tool.freeform = true;
    request.tools.push_back(tool);
    return {};
}

void add_search_tool(json::Value options, chat::Request& request) {
    chat::Tool tool;
    tool.type = "web_search_20250305";
    tool.name = "web_search";
    tool.source = options;
    request.tools.push_back(tool);
}

Result<void> read_effort(json::Value effort, std::string_view field, chat::Request& request) {
    if (!effort.present()) return {};
    if (effort.str() == "none") {
        request.thinking.kind = chat::ThinkingMode::Kind::disabled;
        return {};
    }
    const auto* row =
        std::find_if(std::begin(efforts), std::end(efforts),
                     [&](const EffortRow& known) { return known.word == effort.str(); });
    if (row == std::end(efforts)) {
        return wrong(field, "should be none, minimal, low, medium, high or xhigh");
    }
    request.effort = row->effort;
    request.thinking.kind = chat::ThinkingMode::Kind::adaptive;
    return {};
}

Result<void> read_sampling(json::Value root, chat::Request& request) {
    const std::pair<std::string_view, std::string_view chat::Request::*> rows[] = {
        {"temperature", &chat::Request::temperature},
        {"top_p", &chat::Request::top_p},
        {"top_k", &chat::Request::top_k}};
    for (const auto& [name, field] : rows) {
        if (!root[name].present()) continue;
        if (!root[name].is_number()) return wrong(name, "should be a number");
        request.*field = root[name].raw();
    }
    return {};
}

void ask_for_object(std::string_view field, chat::Request& request) {
    request.system.push_back({{"Answer with one JSON object and nothing else."}});
    request.warn(field);
}

bool members_only(const Overlay& overlay) {
    const bool numbers = !overlay.temperature.empty() || !overlay.top_p.empty() ||
                         !overlay.top_k.empty() || !overlay.repetition_penalty.empty() ||
                         overlay.max_tokens_cap;
    const bool words = !overlay.effort.empty() || !overlay.system_tail.empty() ||
                       !overlay.user_tail.empty() || !overlay.thinking_tag.empty();
    return !numbers && !words && !overlay.thinking && !overlay.tool_choice &&
           !overlay.drop_cache_control && overlay.tools.empty();
}

}  // namespace ccr::dialect
