// SPDX-License-Identifier: MIT
#include "daemon/dialect/openai_chat_blocks.hpp"

#include "common/text.hpp"
#include "daemon/dialect/history_text.hpp"

namespace ccr::dialect::openai_chat {
namespace {

using chat::Media;

constexpr std::size_t error_prefix_window = 80;  // where an error text says that it is one

Error unsupported(const char* what) {
    return {ErrorKind::capability, std::string("capability_rejected: ") + what};
}

// Uploaded to the provider itself; others' ids mean nothing to it.
bool is_file_id(const Media& source) {
    return source.kind == Media::Kind::file && source.data.bytes.starts_with("file-");
}

std::string_view name_or(chat::Escaped title, std::string_view otherwise) {
    return title.empty() ? otherwise : title.bytes;
}

}  // namespace

std::string_view BlockRenderer::escaped(std::string_view text) {
    return json::is_plain(text) ? text : keep(json::escape(text));
}

Result<void> BlockRenderer::user(const chat::Block& block, Content& out) {
    if (const auto* text = std::get_if<chat::Text>(&block)) {
        out.open_text(text->cache_control);
        out.add(text->text.bytes);
        return {};
    }
    if (const auto* picture = std::get_if<chat::Image>(&block)) return image(*picture, out);
    if (const auto* paper = std::get_if<chat::Document>(&block)) return document(*paper, out);
    if (const auto* found = std::get_if<chat::SearchResult>(&block)) {
        return search_result(*found, out);
    }
    if (const auto* opaque = std::get_if<chat::Opaque>(&block)) request_.warn(opaque->type);
    return {};
}

Result<void> BlockRenderer::image(const chat::Image& image, Content& out) {
    const Media& source = image.source;
    if (!profile_.images) {
        request_.warn("image");
        const std::string size = std::to_string(source.data.bytes.size() * 3 / 4);
        const std::string_view type = name_or(source.media_type, "image");
        out.text(keep("[image omitted: " + std::string(type) + ", " + size +
                      " bytes; this model cannot see images]"));
        return {};
    }
    switch (source.kind) {
        case Media::Kind::base64:
            out.image({"data:", source.media_type.bytes, ";base64,", source.data.bytes});
            return {};
        case Media::Kind::url:
            out.image({source.data.bytes});
            return {};
        default:
            if (!profile_.file_links || !is_file_id(source)) return unsupported("image_block");
            out.image({source.data.bytes});
            return {};
    }
}

Result<void> BlockRenderer::document(const chat::Document& document, Content& out) {
    const Media& source = document.source;
    if (source.kind == Media::Kind::text) {
        out.open_text();
        for (const chat::Escaped line : {document.title, document.context}) {
            if (line.empty()) continue;
            out.add(line.bytes);
            out.add(line_break);
        }
        out.add(source.data.bytes);
        return {};
    }
    if (source.kind == Media::Kind::content) return document_parts(document, out);
    const bool elsewhere = source.kind == Media::Kind::url || is_file_id(source);
    const bool taken = source.kind == Media::Kind::base64 || (profile_.file_links && elsewhere);
    if (!taken || !profile_.documents) return unsupported("document_block");
    if (elsewhere) {
        out.file({}, {source.data.bytes});
        return {};
    }
    out.file(
        name_or(document.title, "document.pdf"),
        {"data:", name_or(source.media_type, "application/pdf"), ";base64,", source.data.bytes});
    return {};
}

Result<void> BlockRenderer::document_parts(const chat::Document& document, Content& out) {
    for (const chat::Escaped line : {document.title, document.context})
        if (!line.empty()) out.text(line.bytes);
    for (const chat::Block& block : document.content)
        if (auto done = user(block, out); !done) return done;
    return {};
}

Result<void> BlockRenderer::search_result(const chat::SearchResult& result, Content& out) {
    out.open_text();
    out.add(result.title.bytes);
    out.add(line_break);
    out.add(result.source.bytes);
    for (const chat::Block& block : result.content) {
        const auto* text = std::get_if<chat::Text>(&block);
        if (text == nullptr) continue;
        out.add(line_break);
        out.add(text->text.bytes);
    }
    return {};
}

Result<void> BlockRenderer::tool_result(const chat::ToolResult& result, std::string_view call_id,
                                        Content& text, Content& media, bool say_error) {
    references(result, text);
    unsigned attached = 0;
    for (const chat::Block& block : result.content) {
        if (auto done = result_block(block, call_id, text, media, attached); !done) return done;
    }
    if (text.empty()) {
        text.text("(no output)");
    } else if (say_error && result.is_error &&
               !icontains(text.beginning(error_prefix_window), "error")) {
        text.prefix("Error: ");
    }
    return {};
}

Result<void> BlockRenderer::result_block(const chat::Block& block, std::string_view call_id,
                                         Content& text, Content& media, unsigned& attached) {
    const bool picture = std::holds_alternative<chat::Image>(block);
    const bool paper = std::holds_alternative<chat::Document>(block);
    if (const auto* opaque = std::get_if<chat::Opaque>(&block)) {
        if (opaque->type == "browser_state") text.text(escaped(opaque->raw));
        request_.warn(opaque->type);
        return {};
    }
    if (!picture && !paper) return user(block, text);

    Content rendered;
    if (auto done = user(block, rendered); !done) return done;
    if (profile_.tool_media || !rendered.has_media()) {
        text.append(rendered);
        return {};
    }
    const std::string label = std::string(picture ? "image " : "document ") +
                              std::to_string(++attached) + " of " + std::string(escaped(call_id));
    text.text(keep("[" + label + " follows]"));
    media.text(keep("[" + label + "]"));
    media.append(rendered);
    return {};
}

// Found tools are named in one line; their definitions are in the request's tools.
void BlockRenderer::references(const chat::ToolResult& result, Content& text) {
    bool any = false;
    for (const chat::Block& block : result.content) {
        const auto* reference = std::get_if<chat::ToolReference>(&block);
        if (reference == nullptr) continue;
        if (!any) text.text("Tools now available: ");
        if (any) text.add(", ");
        any = true;
        text.add(escaped(names_.sent(reference->name)));
    }
}

Result<void> BlockRenderer::orphan(const chat::ToolResult& result, Content& out) {
    request_.warn("tool_result without tool_use");
    Content text;
    Content media;
    auto done = tool_result(result, result.tool_use_id, text, media);
    if (!done) return done;
    out.append(text);
    out.append(media);
    return {};
}

std::string_view BlockRenderer::assistant_text(const chat::Block& block) {
    std::string text = history_text(block);
    return text.empty() ? std::string_view() : keep(std::move(text));
}

void BlockRenderer::reminder(const chat::Message& message, Content& out) {
    bool any = false;
    for (const chat::Block& block : message.content) {
        const auto* text = std::get_if<chat::Text>(&block);
        if (text == nullptr) continue;
        if (!any) {
            out.open_text(text->cache_control);
            out.add(R"(<system-reminder>\n)");
        }
        if (any) out.add(paragraph);
        any = true;
        out.add(text->text.bytes);
    }
    if (any) out.add(R"(\n</system-reminder>)");
}

}  // namespace ccr::dialect::openai_chat
