// SPDX-License-Identifier: MIT
// Requests from clients of other formats to Anthropic-compatible providers. The body is written as
// Anthropic's newest format has it; then it goes the way of a client's own (anthropic_splice.hpp),
// which knows what older servers refuse and what transformers lay over.
#include <algorithm>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "daemon/dialect/anthropic.hpp"
#include "daemon/dialect/anthropic_splice.hpp"
#include "daemon/dialect/argument_scanner.hpp"
#include "daemon/dialect/envelope.hpp"
#include "daemon/dialect/search_tool.hpp"
#include "daemon/dialect/tool_names.hpp"

namespace ccr::dialect::anthropic {
namespace {

constexpr std::int64_t usual_max_tokens = 32'000;
constexpr std::size_t max_tool_name = 128;
constexpr char opaque_state = 'x';  // see envelope.hpp

class BodyEncoder {
  public:
    BodyEncoder(chat::Request& request, const EncodeOptions& options, std::string& out)
        : request_(request), options_(options), names_(max_tool_name), out_(out) {}

    Result<void> write() {
        out_.begin_object().key("model").string(request_.model);
        out_.key("max_tokens").number(max_tokens());
        system();
        if (auto done = messages(); !done) return done;
        tools();
        thinking();
        sampling();
        if (!request_.stop_sequences.empty()) stops();
        if (!request_.user_id.empty()) {
            out_.key("metadata").begin_object().key("user_id").string(request_.user_id);
            out_.end_object();
        }
        // Clients of other formats expect that what comes again is cached without being asked for.
        if (!marked_) out_.key("cache_control").raw(R"({"type":"ephemeral"})");
        out_.key("stream").boolean(request_.stream).end_object();
        return {};
    }

    [[nodiscard]] std::vector<std::pair<std::string, std::string>> renamed() const {
        return names_.renamed();
    }

  private:
    [[nodiscard]] std::int64_t max_tokens() const {
        if (request_.max_tokens > 0) return request_.max_tokens;
        const std::int64_t cap = options_.max_output_tokens;
        return cap > 0 ? std::min(cap, usual_max_tokens) : usual_max_tokens;
    }

    void text(const chat::Text& text, json::Writer& out) {
        out.begin_object().key("type").escaped("text").key("text").escaped(text.text.bytes);
        if (!text.cache_control.empty()) {
            marked_ = true;
            out.key("cache_control").raw(text.cache_control);
        }
        out.end_object();
    }

    void system() {
        if (request_.system.empty()) return;
        out_.key("system").begin_array();
        for (const chat::Text& each : request_.system)
            text(each, out_);
        out_.end_array();
    }

    Result<void> messages() {
        out_.key("messages").begin_array();
        bool any = false;
        for (const chat::Message& message : request_.messages) {
            std::string content;
            json::Writer writer(content);
            const std::size_t written = blocks(message.content, writer);
            if (written == 0) continue;
            any = true;
            out_.begin_object().key("role").escaped(role(message.role));
            out_.key("content").raw(content).end_object();
        }
        out_.end_array();
        if (any) return {};
        return Error(ErrorKind::invalid_request, "messages: all messages are empty");
    }

    static std::string_view role(chat::Role role) {
        if (role == chat::Role::assistant) return "assistant";
        return role == chat::Role::system ? "system" : "user";
    }

    // How many of them could be written.
    std::size_t blocks(const chat::Blocks& blocks, json::Writer& out) {
        std::size_t written = 0;
        out.begin_array();
        for (const chat::Block& each : blocks)
            written += block(each, out) ? 1 : 0;
        out.end_array();
        return written;
    }

    bool block(const chat::Block& block, json::Writer& out) {
        if (const auto* plain = std::get_if<chat::Text>(&block)) {
            text(*plain, out);
        } else if (const auto* image = std::get_if<chat::Image>(&block)) {
            media("image", image->source, {}, out);
        } else if (const auto* document = std::get_if<chat::Document>(&block)) {
            media("document", document->source, document->title, out);
        } else if (const auto* use = std::get_if<chat::ToolUse>(&block)) {
            out.begin_object().key("type").escaped("tool_use").key("id").string(use->id);
            out.key("name").string(names_.sent(use->name)).key("input").raw(use->input);
            out.end_object();
        } else if (const auto* result = std::get_if<chat::ToolResult>(&block)) {
            tool_result(*result, out);
        } else if (const auto* thought = std::get_if<chat::Thinking>(&block)) {
            return thinking_block(*thought, out);
        } else {
            return false;
        }
        return true;
    }

    static void media(std::string_view type, const chat::Media& media, chat::Escaped title,
                      json::Writer& out) {
        using Kind = chat::Media::Kind;
        out.begin_object().key("type").escaped(type).key("source").begin_object();
        if (media.kind == Kind::url) {
            out.key("type").escaped("url").key("url").escaped(media.data.bytes);
        } else if (media.kind == Kind::file) {
            out.key("type").escaped("file").key("file_id").escaped(media.data.bytes);
        } else {
            out.key("type").escaped(media.kind == Kind::text ? "text" : "base64");
            out.key("media_type").escaped(media.media_type.bytes);
            out.key("data").escaped(media.data.bytes);
        }
        out.end_object();
        if (!title.empty()) out.key("title").escaped(title.bytes);
        out.end_object();
    }

    void tool_result(const chat::ToolResult& result, json::Writer& out) {
        std::string content;
        json::Writer inner(content);
        blocks(result.content, inner);
        out.begin_object().key("type").escaped("tool_result");
        out.key("tool_use_id").string(result.tool_use_id).key("content").raw(content);
        if (result.is_error) out.key("is_error").boolean(true);
        out.end_object();
    }

    // Only what the provider signed itself goes back to it.
    bool thinking_block(const chat::Thinking& thought, json::Writer& out) const {
        const auto envelope = unseal(options_.envelope_key, thought.signature);
        if (!envelope || envelope->family != options_.profile->family) return false;
        if (envelope->payload.empty() || envelope->payload.front() != opaque_state) return false;
        out.begin_object().key("type").escaped("thinking");
        out.key("thinking").escaped(thought.text.bytes);
        out.key("signature").string(std::string_view(envelope->payload).substr(1));
        out.end_object();
        return true;
    }

    void tools() {
        if (request_.tools.empty()) return;
        out_.key("tools").begin_array();
        for (const chat::Tool& each : request_.tools)
            tool(each);
        out_.end_array();
        choice();
    }

    void tool(const chat::Tool& tool) {
        out_.begin_object();
        if (!tool.type.empty()) {
            out_.key("type").string(tool.type).key("name").string(tool.name);
            if (tool.type.starts_with("web_search")) search(read_search_tool(request_, tool));
        } else {
            out_.key("name").string(names_.sent(tool.name));
            if (!tool.description.empty()) out_.key("description").escaped(tool.description.bytes);
            out_.key("input_schema");
            out_.raw(tool.input_schema.is_object() ? tool.input_schema.raw()
                                                   : R"({"type":"object","properties":{}})");
        }
        out_.end_object();
    }

    void search(const SearchTool& search) {
        if (search.max_uses.is_number()) out_.key("max_uses").raw(search.max_uses.raw());
        // One list or the other.
        if (search.allowed.size() > 0) {
            out_.key("allowed_domains").raw(search.allowed.raw());
        } else if (search.blocked.size() > 0) {
            out_.key("blocked_domains").raw(search.blocked.raw());
        }
        if (!search.location.is_object()) return;
        out_.key("user_location");
        write_location(out_, search.location);
    }

    void choice() {
        using Kind = chat::ToolChoice::Kind;
        const chat::ToolChoice& choice = request_.tool_choice;
        if (choice.kind == Kind::absent && !choice.disable_parallel) return;
        out_.key("tool_choice").begin_object().key("type");
        if (choice.kind == Kind::tool) {
            out_.escaped("tool").key("name").string(names_.sent(choice.name));
        } else if (choice.kind == Kind::any) {
            out_.escaped("any");
        } else {
            out_.escaped(choice.kind == Kind::none ? "none" : "auto");
        }
        const bool calls = choice.kind != Kind::none;
        if (choice.disable_parallel && calls) out_.key("disable_parallel_tool_use").boolean(true);
        out_.end_object();
    }

    [[nodiscard]] bool thinks() const {
        using Kind = chat::ThinkingMode::Kind;
        const Kind kind = request_.thinking.kind;
        return kind == Kind::adaptive || kind == Kind::enabled;
    }

    void thinking() {
        using Kind = chat::ThinkingMode::Kind;
        // A forced call leaves no room for thoughts.
        const bool forced = request_.tool_choice.kind == chat::ToolChoice::Kind::any ||
                            request_.tool_choice.kind == chat::ToolChoice::Kind::tool;
        if (request_.thinking.kind == Kind::disabled || (thinks() && forced)) {
            out_.key("thinking").raw(R"({"type":"disabled"})");
        } else if (thinks()) {
            out_.key("thinking").raw(R"({"type":"adaptive"})");
        }
        const bool schema = request_.output_schema.is_object();
        if (request_.effort.empty() && !schema) return;
        out_.key("output_config").begin_object();
        if (!request_.effort.empty()) out_.key("effort").string(request_.effort);
        if (schema) {
            out_.key("format").begin_object().key("type").escaped("json_schema");
            out_.key("schema").raw(request_.output_schema.raw()).end_object();
        }
        out_.end_object();
    }

    // Temperatures end at 1 here, and there is none beside thinking.
    void sampling() {
        if (thinks()) {
            if (!request_.temperature.empty()) request_.warn("temperature");
            return;
        }
        if (!request_.temperature.empty()) {
            json::Document document;
            const auto value = document.parse_view(request_.temperature);
            const bool hot = value && value->number().value_or(0) > 1;
            if (hot) request_.warn("temperature");
            out_.key("temperature").raw(hot ? "1" : request_.temperature);
        }
        if (request_.temperature.empty() && !request_.top_p.empty()) {
            out_.key("top_p").raw(request_.top_p);
        }
        if (!request_.top_k.empty()) out_.key("top_k").raw(request_.top_k);
    }

    // White space alone is refused.
    void stops() {
        out_.key("stop_sequences").begin_array();
        for (const chat::Escaped& stop : request_.stop_sequences) {
            if (blank(stop)) {
                request_.warn("stop");
            } else {
                out_.escaped(stop.bytes);
            }
        }
        out_.end_array();
    }

    chat::Request& request_;
    const EncodeOptions& options_;
    ToolNames names_;
    json::Writer out_;
    bool marked_ = false;  // the client says itself up to where to cache
};

}  // namespace

Result<Encoded> encode_request(chat::Request& request, const EncodeOptions& options) {
    std::string body;
    BodyEncoder encoder(request, options, body);
    if (auto done = encoder.write(); !done) return std::move(done).error();
    chat::Request own;
    if (auto decoded = decode_request(std::move(body), own); !decoded) {
        return std::move(decoded).error();
    }
    auto encoded = anthropic_splice(own, options);
    if (encoded) encoded->renamed_tools = encoder.renamed();
    return encoded;
}

}  // namespace ccr::dialect::anthropic
