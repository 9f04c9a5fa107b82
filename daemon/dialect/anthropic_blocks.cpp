// SPDX-License-Identifier: MIT
#include "daemon/dialect/anthropic_blocks.hpp"

#include <algorithm>

namespace ccr::dialect::anthropic {
namespace {

using chat::Escaped;

std::string_view raw_if_present(json::Value value) {
    return value.present() ? value.raw() : std::string_view();
}

Result<std::string_view> required(json::Value block, std::string_view field, const Place& place) {
    const json::Value value = block[field];
    if (!value.present()) return place.wrong(field, "Field required");
    if (!value.is_string()) return place.wrong(field, "Input should be a valid string");
    return value.str();
}

Result<std::string_view> named(json::Value block, std::string_view field, const Place& place) {
    auto text = required(block, field, place);
    if (text && text->empty()) return place.wrong(field, "String should not be empty");
    return text;
}

Result<void> media_content(json::Value source, const Place& place, chat::Request& request,
                           chat::Blocks* content) {
    if (content == nullptr) return {};
    return decode_content(source["content"], {&place, "source"}, request, *content);
}

// `content` takes what a document of type "content" holds; images have none.
Result<void> decode_media(json::Value block, const Place& place, chat::Request& request,
                          chat::Media& media, chat::Blocks* content) {
    const json::Value source = block["source"];
    if (!source.is_object()) return place.wrong("source", "Field required");
    const std::string_view type = source["type"].str();
    const char* field = "data";
    if (type == "base64") {
        media.kind = chat::Media::Kind::base64;
    } else if (type == "url") {
        media.kind = chat::Media::Kind::url;
        field = "url";
    } else if (type == "file") {
        media.kind = chat::Media::Kind::file;
        field = "file_id";
    } else if (type == "text" && content != nullptr) {
        media.kind = chat::Media::Kind::text;
    } else if (type == "content" && content != nullptr) {
        media.kind = chat::Media::Kind::content;
        return media_content(source, place, request, content);
    } else {
        return place.wrong("source.type", "Input should be 'base64', 'url' or 'file'");
    }
    if (!source[field].is_string()) {
        return place.wrong(std::string("source.") + field, "Field required");
    }
    media.media_type = Escaped{source["media_type"].escaped()};
    media.data = Escaped{source[field].escaped()};
    return {};
}

// One call per block of the array; members are functions so that each type reads on its own.
struct BlockReader {
    json::Value block;
    const Place& place;
    chat::Request& request;
    chat::Blocks& out;

    Result<void> text() {
        if (!block["text"].is_string()) return place.wrong("text", "Field required");
        const Escaped text{block["text"].escaped()};
        if (!text.empty()) {
            out.emplace_back(chat::Text{text, raw_if_present(block["cache_control"])});
        }
        return {};
    }

    Result<void> image() {
        chat::Image image;
        if (auto done = decode_media(block, place, request, image.source, nullptr); !done) {
            return done;
        }
        out.emplace_back(image);
        return {};
    }

    Result<void> document() {
        chat::Document document;
        auto done = decode_media(block, place, request, document.source, &document.content);
        if (!done) return done;
        document.title = Escaped{block["title"].escaped()};
        document.context = Escaped{block["context"].escaped()};
        out.emplace_back(std::move(document));
        return {};
    }

    Result<void> search_result() {
        chat::SearchResult result;
        result.title = Escaped{block["title"].escaped()};
        result.source = Escaped{block["source"].escaped()};
        auto done = decode_content(block["content"], place, request, result.content);
        if (done) out.emplace_back(std::move(result));
        return done;
    }

    Result<void> thinking() {
        out.emplace_back(
            chat::Thinking{Escaped{block["thinking"].escaped()}, block["signature"].str()});
        return {};
    }

    Result<void> redacted_thinking() {
        out.emplace_back(chat::RedactedThinking{block["data"].str()});
        return {};
    }

    Result<void> tool_use() {
        const auto id = named(block, "id", place);
        if (!id) return id.error();
        const auto name = named(block, "name", place);
        if (!name) return name.error();
        const json::Value input = block["input"];
        if (input.present() && !input.is_object()) {
            return place.wrong("input", "Input should be a valid dictionary");
        }
        out.emplace_back(chat::ToolUse{*id, *name, input.present() ? input.raw() : "{}"});
        return {};
    }

    Result<void> tool_result() {
        const auto id = named(block, "tool_use_id", place);
        if (!id) return id.error();
        chat::ToolResult result;
        result.tool_use_id = *id;
        result.is_error = block["is_error"].boolean();
        auto done = decode_content(block["content"], place, request, result.content);
        if (done) out.emplace_back(std::move(result));
        return done;
    }

    Result<void> tool_reference() {
        const auto name = named(block, "tool_name", place);
        if (!name) return name.error();
        out.emplace_back(chat::ToolReference{*name});
        return {};
    }

    Result<void> server_tool_use() {
        const json::Value input = block["input"];
        out.emplace_back(chat::ServerToolUse{block["id"].str(), block["name"].str(),
                                             input.present() ? input.raw() : "{}"});
        return {};
    }

    // A mid-conversation system message brings a tool in: defined here or named from `tools`.
    Result<void> tool_addition() {
        const json::Value tool = block["tool"];
        if (tool["type"].str() == "tool_definition") {
            return decode_tool(tool["definition"], place, request);
        }
        if (tool["type"].str() == "tool_reference" && !tool["name"].str().empty()) {
            out.emplace_back(chat::ToolReference{tool["name"].str()});
            return {};
        }
        return opaque();
    }

    Result<void> opaque() {
        const std::string_view type = block["type"].str();
        if (type.ends_with("_tool_result")) {
            out.emplace_back(
                chat::ServerToolResult{type, block["tool_use_id"].str(), block["content"]});
        } else {
            out.emplace_back(chat::Opaque{type, block.raw()});
        }
        return {};
    }
};

struct BlockType {
    std::string_view name;
    Result<void> (BlockReader::*read)();
};
constexpr BlockType block_types[] = {
    {"text", &BlockReader::text},
    {"tool_use", &BlockReader::tool_use},
    {"tool_result", &BlockReader::tool_result},
    {"thinking", &BlockReader::thinking},
    {"redacted_thinking", &BlockReader::redacted_thinking},
    {"image", &BlockReader::image},
    {"document", &BlockReader::document},
    {"search_result", &BlockReader::search_result},
    {"tool_reference", &BlockReader::tool_reference},
    {"server_tool_use", &BlockReader::server_tool_use},
    {"mcp_tool_use", &BlockReader::server_tool_use},
    {"tool_addition", &BlockReader::tool_addition},
};

Result<void> decode_block(json::Value block, const Place& place, chat::Request& request,
                          chat::Blocks& out) {
    if (!block.is_object()) return place.wrong("", "Input should be a valid dictionary");
    const auto type = named(block, "type", place);
    if (!type) return type.error();
    BlockReader reader{block, place, request, out};
    const auto* row =
        std::find_if(std::begin(block_types), std::end(block_types),
                     [&](const BlockType& candidate) { return candidate.name == *type; });
    return row == std::end(block_types) ? reader.opaque() : (reader.*row->read)();
}

bool called_directly(json::Value tool) {
    const json::Value callers = tool["allowed_callers"];
    if (!callers.is_array()) return true;
    for (const json::Value caller : callers.elements()) {
        if (caller.str() == "direct") return true;
    }
    return false;
}

}  // namespace

std::string Place::text() const {
    std::string out = outer != nullptr ? outer->text() : std::string();
    if (!out.empty() && !key.empty()) out += '.';
    out += key;
    if (index != no_index) out += '.' + std::to_string(index);
    return out;
}

Error Place::wrong(std::string_view field, std::string_view what) const {
    std::string message = text();
    if (!message.empty() && !field.empty()) message += '.';
    message.append(field).append(": ").append(what);
    return {ErrorKind::invalid_request, std::move(message)};
}

Result<void> decode_content(json::Value content, const Place& place, chat::Request& request,
                            chat::Blocks& out) {
    if (content.is_string()) {
        const Escaped text{content.escaped()};
        if (!text.empty()) out.emplace_back(chat::Text{text});
        return {};
    }
    if (!content.present()) return {};
    if (!content.is_array()) {
        return place.wrong("content", "Input should be a valid string or array");
    }
    out.reserve(content.size());
    Place at{&place, "content", 0};
    for (const json::Value block : content.elements()) {
        if (auto done = decode_block(block, at, request, out); !done) return done;
        ++at.index;
    }
    return {};
}

Result<void> decode_tool(json::Value source, const Place& place, chat::Request& request) {
    if (!source.is_object()) return place.wrong("", "Input should be a valid dictionary");
    chat::Tool tool;
    tool.source = source;
    const std::string_view type = source["type"].str();
    if (type != "custom") tool.type = type;
    tool.name = source["name"].str();
    tool.description = Escaped{source["description"].escaped()};
    tool.input_schema = source["input_schema"];
    if (const json::Value strict = source["strict"]; strict.type() == json::Type::boolean) {
        tool.strict = strict.boolean();
    }
    tool.defer_loading = source["defer_loading"].boolean();
    tool.direct = called_directly(source);
    if (tool.type.empty() && tool.name.empty()) return place.wrong("name", "Field required");
    if (tool.type.empty() && tool.input_schema.present() && !tool.input_schema.is_object()) {
        return place.wrong("input_schema", "Input should be a valid dictionary");
    }
    request.tools.push_back(tool);
    return {};
}

}  // namespace ccr::dialect::anthropic
