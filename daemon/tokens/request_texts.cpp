// SPDX-License-Identifier: MIT
#include "daemon/tokens/request_texts.hpp"

#include "daemon/tokens/media_cost.hpp"

namespace ccr::tokens {
namespace {

constexpr double per_message = 4;
constexpr double per_tool = 8;
constexpr double per_reply = 3;

class Walk {
  public:
    explicit Walk(TextSink& sink) : sink_(sink) {}

    void blocks(const chat::Blocks& blocks) {
        for (const auto& block : blocks)
            std::visit(*this, static_cast<const chat::BlockVariant&>(block));
    }

    void operator()(const chat::Text& block) { sink_.escaped(block.text.bytes); }
    void operator()(const chat::Image& block) { sink_.media(image_tokens(block.source)); }
    void operator()(const chat::Document& block) {
        sink_.escaped(block.title.bytes);
        sink_.escaped(block.context.bytes);
        if (block.source.kind == chat::Media::Kind::content) {
            blocks(block.content);
        } else if (block.source.kind == chat::Media::Kind::text) {
            sink_.escaped(block.source.data.bytes);
        } else {
            sink_.media(document_tokens(block.source));
        }
    }
    void operator()(const chat::SearchResult& block) {
        sink_.escaped(block.title.bytes);
        sink_.escaped(block.source.bytes);
        blocks(block.content);
    }
    void operator()(const chat::Thinking& block) { sink_.escaped(block.text.bytes); }
    void operator()(const chat::RedactedThinking&) {}
    void operator()(const chat::ToolUse& block) {
        sink_.framing(per_tool);
        sink_.plain(block.name);
        sink_.json(block.input);
    }
    void operator()(const chat::ToolReference& block) { sink_.plain(block.name); }
    void operator()(const chat::ToolResult& block) {
        sink_.framing(per_message);
        blocks(block.content);
    }
    void operator()(const chat::ServerToolUse& block) {
        sink_.framing(per_tool);
        sink_.plain(block.name);
        sink_.json(block.input);
    }
    void operator()(const chat::ServerToolResult& block) { sink_.json(block.content.raw()); }
    void operator()(const chat::Opaque& block) { sink_.json(block.raw); }

  private:
    TextSink& sink_;
};

// JSON without the blanks between its parts: what a model is shown, however the client spelt it.
void append_compact(std::string& out, std::string_view raw) {
    bool inside = false;
    for (std::size_t i = 0; i < raw.size(); ++i) {
        const char c = raw[i];
        if (!inside && (c == ' ' || c == '\n' || c == '\r' || c == '\t')) continue;
        out += c;
        if (c == '"') inside = !inside;
        if (inside && c == '\\' && i + 1 < raw.size()) out += raw[++i];
    }
}

class Collector final : public TextSink {
  public:
    Collector(std::size_t max_bytes, Texts& out) : max_bytes_(max_bytes), out_(out) {}
    [[nodiscard]] bool fits() const { return fits_; }

    void escaped(std::string_view text) override {
        append_escaped(text);
        end();
    }
    void plain(std::string_view text) override {
        append(text);
        end();
    }
    void json(std::string_view raw) override {
        if (room(raw.size())) append_compact(out_.bytes, raw);
        end();
    }
    void tool(std::string_view name, std::string_view description) override {
        append(name);
        append_escaped(description);
        end();
    }
    void media(double tokens) override { out_.media += tokens; }
    void framing(double tokens) override { out_.framing += tokens; }

  private:
    bool room(std::size_t bytes) {
        if (bytes > max_bytes_ - out_.bytes.size()) fits_ = false;
        return fits_;
    }
    void append(std::string_view text) {
        if (room(text.size())) out_.bytes += text;
    }
    void append_escaped(std::string_view text) {
        if (!room(text.size())) return;
        if (text.find('\\') == std::string_view::npos) {
            out_.bytes += text;
        } else {
            out_.bytes += json::unescape(text);
        }
    }
    void end() {
        const std::size_t before = out_.ends.empty() ? 0 : out_.ends.back();
        if (out_.bytes.size() > before) out_.ends.push_back(out_.bytes.size());
    }

    std::size_t max_bytes_;
    Texts& out_;
    bool fits_ = true;
};

}  // namespace

void walk(const chat::Request& request, TextSink& sink) {
    Walk walk(sink);
    sink.framing(per_reply);
    for (const auto& block : request.system)
        sink.escaped(block.text.bytes);
    for (const auto& message : request.messages) {
        sink.framing(per_message);
        walk.blocks(message.content);
    }
    for (const auto& tool : request.tools) {
        sink.framing(per_tool);
        sink.tool(tool.name, tool.description.bytes);
        sink.json(tool.input_schema.raw());
    }
}

bool collect(const chat::Request& request, std::size_t max_bytes, Texts& out) {
    Collector collector(max_bytes, out);
    walk(request, collector);
    return collector.fits();
}

}  // namespace ccr::tokens
