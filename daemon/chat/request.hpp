// SPDX-License-Identifier: MIT
// The wire-neutral request: hub between client dialects and provider dialects. Anthropic-shaped,
// because that is the richest of them. Routing and translation read the typed fields; what is
// opaque (schemas, arguments, unknown blocks, long texts) stays a slice of the client's bytes.
//
// All views point into `document` (the client's body) or into `owned`; they live as long as the
// Request, which is neither copied nor moved after decoding.
#pragma once

#include <cstdint>
#include <forward_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/json.hpp"
#include "common/result.hpp"

namespace ccr::chat {

// The content of a JSON string as spelt on the wire, without quotes. Distinct from decoded text so
// that the two cannot be mixed up; json::unescape(text.bytes) decodes.
struct Escaped {
    std::string_view bytes;
    [[nodiscard]] bool empty() const { return bytes.empty(); }
};

struct Block;
using Blocks = std::vector<Block>;

struct Text {
    Escaped text;
    std::string_view cache_control = {};  // raw JSON, empty if absent
};

// Where an image's or document's bytes are.
struct Media {
    enum class Kind : std::uint8_t { base64, url, file, text, content };
    Kind kind = Kind::base64;
    Escaped media_type;  // "image/png"; base64 and text only
    Escaped data;        // base64 text, URL, file id or plain text
};

struct Image {
    Media source;
};

struct Document {
    Media source;
    Escaped title;
    Escaped context;
    Blocks content;  // of Media::Kind::content
};

struct SearchResult {
    Escaped title;
    Escaped source;
    Blocks content;
};

struct Thinking {
    Escaped text;
    std::string_view signature;  // decoded; ours, the provider's, or empty
};

struct RedactedThinking {
    std::string_view data;  // decoded
};

struct ToolUse {
    std::string_view id;     // decoded, as the client knows it
    std::string_view name;   // decoded
    std::string_view input;  // raw JSON object
};

struct ToolReference {
    std::string_view name;
};

struct ToolResult {
    std::string_view tool_use_id;
    Blocks content;
    bool is_error = false;
};

// A tool that the provider ran itself, as it stands in history.
struct ServerToolUse {
    std::string_view id;
    std::string_view name;
    std::string_view input;  // raw JSON
};
struct ServerToolResult {
    std::string_view type;  // "web_search_tool_result" …
    std::string_view tool_use_id;
    json::Value content;
};

// A block type that this version does not know.
struct Opaque {
    std::string_view type;
    std::string_view raw;
};

using BlockVariant =
    std::variant<Text, Image, Document, SearchResult, Thinking, RedactedThinking, ToolUse,
                 ToolResult, ToolReference, ServerToolUse, ServerToolResult, Opaque>;
struct Block : BlockVariant {
    using BlockVariant::BlockVariant;
};

enum class Role : std::uint8_t { user, assistant, system };

struct Message {
    Role role = Role::user;
    Blocks content;
    std::string_view effort = {};  // of a per-message output_config; empty if absent
    bool until_next_user = false;  // system only: not shown any more once a user message follows
};

struct Tool {
    std::string_view type;  // empty for a custom tool, else "web_search_20250305" …
    std::string_view name;
    Escaped description;
    json::Value input_schema;
    std::optional<bool> strict;
    bool defer_loading = false;
    bool direct = true;  // false: allowed_callers excludes the model's direct calls
    // The client wants the one string of {"input": …} as it is: an OpenAI custom tool.
    bool freeform = false;
    // Responses' namespace, which stands before "__" in `name`; empty: none.
    std::string_view space;
    json::Value source;  // the whole definition, for server tools' options
};

struct ToolChoice {
    enum class Kind : std::uint8_t { absent, automatic, any, tool, none };
    Kind kind = Kind::absent;
    std::string_view name;  // of Kind::tool
    bool disable_parallel = false;
};

struct ThinkingMode {
    enum class Kind : std::uint8_t { absent, disabled, enabled, adaptive, between_tools };
    Kind kind = Kind::absent;
    std::int64_t budget_tokens = 0;
    bool omit_text = false;  // display: "omitted"
};

struct Request {
    Request() = default;
    Request(const Request&) = delete;
    Request& operator=(const Request&) = delete;

    std::string model;  // as the client named it
    std::vector<Text> system;
    std::vector<Message> messages;
    std::vector<Tool> tools;
    ToolChoice tool_choice;
    ThinkingMode thinking;
    std::string_view effort;      // low … max, empty if absent
    json::Value output_schema;    // output_config.format.schema
    std::int64_t max_tokens = 0;  // 0 from an OpenAI client: as many as the model can
    bool stream = false;
    bool stream_usage = false;  // OpenAI's stream_options.include_usage
    std::vector<Escaped> stop_sequences;
    std::string_view temperature;  // raw JSON number, empty if absent
    std::string_view top_p;
    std::string_view top_k;
    std::string_view user_id;  // metadata.user_id, decoded
    std::string_view service_tier;
    std::string_view speed;

    // Why no other dialect than the client's own can serve this request (server-side state, checks
    // that the client relies on …). Encoders of other dialects fail with it.
    std::optional<Error> native_only;

    // Fields that were understood but have no counterpart at the provider end up here, once each,
    // and are shown in x-ccr-warn. Filled by decoder and encoder.
    std::vector<std::string> warnings;

    json::Document document;
    std::forward_list<std::string> owned;  // takes no memory while empty

    // Keeps a made-up text alive as long as the request.
    std::string_view keep(std::string text) { return owned.emplace_front(std::move(text)); }
    void warn(std::string_view field);
};

// What the reply side still asks of a request while a stream runs (names of tools, stop sequences),
// on its own: the request with its body can be let go once no other attempt can follow.
[[nodiscard]] std::unique_ptr<Request> reply_digest(const Request& request);

}  // namespace ccr::chat
