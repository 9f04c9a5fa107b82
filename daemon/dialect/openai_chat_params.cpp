// SPDX-License-Identifier: MIT
#include "daemon/dialect/openai_chat_params.hpp"

#include <algorithm>

#include "common/digest.hpp"
#include "common/text.hpp"
#include "daemon/dialect/openai_chat_blocks.hpp"
#include "daemon/dialect/openai_chat_thinking.hpp"
#include "daemon/dialect/schema.hpp"

namespace ccr::dialect::openai_chat {
namespace {

constexpr std::size_t hash_length = 64;  // OpenAI's limit for identifiers
constexpr std::size_t cache_key_length = 32;
constexpr std::size_t system_sample = 1024;  // bytes that tell conversations apart

// The same for all turns of one conversation, and nobody's name: a hash of the session that Claude
// Code puts into user_id as JSON, else of user and system prompt.
std::string cache_key(const chat::Request& request) {
    std::string source;
    json::Document document;
    if (request.user_id.starts_with('{')) {
        if (const auto root = document.parse_view(request.user_id)) {
            source = (*root)["session_id"].str();
        }
    }
    if (source.empty()) {
        source = request.user_id;
        for (const chat::Text& text : request.system) {
            if (!text.text.bytes.starts_with("x-anthropic-billing-header:")) {
                source += text.text.bytes.substr(0, system_sample);
            }
        }
    }
    return source.empty() ? source : hex(sha256("cache " + source)).substr(0, cache_key_length);
}

class ParameterWriter {
  public:
    ParameterWriter(chat::Request& request, const EncodeOptions& options, json::Writer& out)
        : request_(request),
          options_(options),
          profile_(*options.profile),
          overlay_(overlay_of(options)),
          out_(out) {}

    void max_tokens() {
        const std::int64_t limit = output_limit(request_, options_);
        if (limit <= 0) return;
        out_.key(profile_.max_tokens_field == MaxTokensField::max_tokens ? "max_tokens"
                                                                         : "max_completion_tokens");
        out_.number(limit);
    }

    void sampling(bool thinking) {
        // DeepSeek takes them but acts on them only when it does not think.
        const bool ignored = profile_.thinking == ThinkingStyle::deepseek && thinking;
        const bool taken = profile_.sampling && !ignored;
        write_number("temperature", overlay_.temperature, taken ? request_.temperature : "", out_);
        write_number("top_p", overlay_.top_p, taken ? request_.top_p : "", out_);
        write_number("top_k", overlay_.top_k, profile_.top_k ? request_.top_k : "", out_);
        write_number("repetition_penalty", overlay_.repetition_penalty, "", out_);
        if (!request_.top_k.empty() && !profile_.top_k && overlay_.top_k.empty()) {
            request_.warn("top_k");
        }
    }

    void stops(Encoded& encoded) { write_stops(request_, profile_, "stop", out_, encoded); }

    void output() {
        if (!request_.output_schema) return;
        if (profile_.json_output == JsonOutput::json_object) {
            out_.key("response_format").raw(R"({"type":"json_object"})");
            return;
        }
        out_.key("response_format").begin_object().key("type").escaped("json_schema");
        out_.key("json_schema").begin_object().key("name").escaped("out").key("schema");
        write_schema(out_, request_.output_schema, profile_.schema);
        if (strict_ready(request_.output_schema)) out_.key("strict").boolean(true);
        out_.end_object().end_object();
    }

    void identity() { write_identity(request_, profile_, out_); }

    void tier() { write_service_tier(request_, profile_, out_); }

    void stream() {
        const bool stream = options_.stream(request_);
        out_.key("stream").boolean(stream);
        if (stream && profile_.stream_options) {
            out_.key("stream_options").raw(R"({"include_usage":true})");
        }
    }

  private:
    chat::Request& request_;
    const EncodeOptions& options_;
    const Profile& profile_;
    const Overlay& overlay_;
    json::Writer& out_;
};

}  // namespace

const Overlay& overlay_of(const EncodeOptions& options) {
    static const Overlay nothing;
    return options.overlay != nullptr ? *options.overlay : nothing;
}

std::int64_t output_limit(chat::Request& request, const EncodeOptions& options) {
    std::int64_t limit = request.max_tokens;
    if (options.max_output_tokens > 0 && limit > options.max_output_tokens) {
        limit = options.max_output_tokens;
        request.warn("max_tokens");
    }
    return std::min(limit, overlay_of(options).max_tokens_cap.value_or(limit));
}

void write_stops(const chat::Request& request, const Profile& profile, std::string_view key,
                 json::Writer& out, Encoded& encoded) {
    const auto& stops = request.stop_sequences;
    const std::size_t sent = std::min<std::size_t>(stops.size(), profile.max_stop_sequences);
    if (sent > 0) {
        out.key(key).begin_array();
        for (std::size_t i = 0; i < sent; ++i)
            out.escaped(stops[i].bytes);
        out.end_array();
    }
    for (std::size_t i = sent; i < stops.size(); ++i)
        encoded.emulated_stops.push_back(json::unescape(stops[i].bytes));
}

void write_number(std::string_view key, std::string_view ours, std::string_view theirs,
                  json::Writer& out) {
    const std::string_view value = ours.empty() ? theirs : ours;
    if (!value.empty()) out.key(key).raw(value);
}

void write_identity(const chat::Request& request, const Profile& profile, json::Writer& out) {
    const std::string_view user = request.user_id;
    if (!user.empty() && profile.user_field != UserField::none) {
        out.key(profile.user_field == UserField::user ? "user" : "safety_identifier");
        out.escaped(hex(sha256(user)).substr(0, hash_length));
    }
    if (!profile.cache_key) return;
    const std::string key = cache_key(request);
    if (!key.empty()) out.key("prompt_cache_key").escaped(key);
}

void write_service_tier(chat::Request& request, const Profile& profile, json::Writer& out) {
    if (request.speed == "fast") request.warn("speed");
    if (!profile.service_tier) return;
    if (request.service_tier == "auto") out.key("service_tier").escaped("auto");
    if (request.service_tier == "standard_only") out.key("service_tier").escaped("default");
}

void write_settings(chat::Request& request, const EncodeOptions& options, ToolUseHints tools,
                    json::Writer& out, Encoded& encoded) {
    ParameterWriter writer(request, options, out);
    writer.max_tokens();
    const bool thinking = write_thinking(request, options, tools, out);
    writer.sampling(thinking);
    writer.stops(encoded);
    writer.output();
    writer.identity();
    writer.tier();
    writer.stream();
}

Result<std::string> plan_instruction(chat::Request& request, JsonOutput ability,
                                     std::string_view of_tools) {
    std::string out;
    if (request.output_schema && ability == JsonOutput::none) {
        return Error(ErrorKind::capability, "capability_rejected: structured_outputs_unsupported");
    }
    if (request.output_schema && ability == JsonOutput::json_object) {
        request.warn("output_config.format");
        out = R"(Answer with nothing but a JSON object that conforms to this JSON Schema:\n)";
        json::append_escaped(out, request.output_schema.raw());
    }
    if (!out.empty() && !of_tools.empty()) out += paragraph;
    return out += of_tools;
}

}  // namespace ccr::dialect::openai_chat
