// SPDX-License-Identifier: MIT
#include "daemon/dialect/openai_chat_params.hpp"

#include <algorithm>

#include "common/digest.hpp"
#include "common/text.hpp"
#include "daemon/dialect/openai_chat_thinking.hpp"
#include "daemon/dialect/schema.hpp"

namespace ccr::dialect::openai_chat {
namespace {

constexpr std::size_t hash_length = 64;  // OpenAI's limit for identifiers
constexpr std::size_t cache_key_length = 32;
constexpr std::size_t system_sample = 1024;  // bytes that tell conversations apart

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
        number("temperature", overlay_.temperature, taken ? request_.temperature : "");
        number("top_p", overlay_.top_p, taken ? request_.top_p : "");
        number("top_k", overlay_.top_k, profile_.top_k ? request_.top_k : "");
        number("repetition_penalty", overlay_.repetition_penalty, "");
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

    void identity() {
        const std::string_view user = request_.user_id;
        if (!user.empty() && profile_.user_field != UserField::none) {
            out_.key(profile_.user_field == UserField::user ? "user" : "safety_identifier");
            out_.escaped(hex(sha256(user)).substr(0, hash_length));
        }
        if (profile_.cache_key) {
            const std::string key = cache_key();
            if (!key.empty()) out_.key("prompt_cache_key").escaped(key);
        }
    }

    void tier() {
        if (request_.speed == "fast") request_.warn("speed");
        if (!profile_.service_tier) return;
        if (request_.service_tier == "auto") out_.key("service_tier").escaped("auto");
        if (request_.service_tier == "standard_only") out_.key("service_tier").escaped("default");
    }

    void stream() {
        const bool stream = options_.stream(request_);
        out_.key("stream").boolean(stream);
        if (stream && profile_.stream_options) {
            out_.key("stream_options").raw(R"({"include_usage":true})");
        }
    }

  private:
    // What the configuration says goes out whatever the profile thinks of it.
    void number(std::string_view key, std::string_view ours, std::string_view theirs) {
        const std::string_view value = ours.empty() ? theirs : ours;
        if (!value.empty()) out_.key(key).raw(value);
    }

    // The same for all turns of one conversation, and nobody's name: a hash of the session that
    // Claude Code puts into user_id as JSON, else of user and system prompt.
    std::string cache_key() {
        std::string source;
        json::Document document;
        if (request_.user_id.starts_with('{')) {
            if (const auto root = document.parse_view(request_.user_id)) {
                source = (*root)["session_id"].str();
            }
        }
        if (source.empty()) {
            source = request_.user_id;
            for (const chat::Text& text : request_.system) {
                if (!text.text.bytes.starts_with("x-anthropic-billing-header:")) {
                    source += text.text.bytes.substr(0, system_sample);
                }
            }
        }
        return source.empty() ? source : hex(sha256("cache " + source)).substr(0, cache_key_length);
    }

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

Result<void> plan_output(chat::Request& request, JsonOutput ability, std::string& instruction) {
    if (!request.output_schema || ability == JsonOutput::json_schema) return {};
    if (ability == JsonOutput::none) {
        return Error(ErrorKind::capability, "capability_rejected: structured_outputs_unsupported");
    }
    request.warn("output_config.format");
    instruction = R"(Answer with nothing but a JSON object that conforms to this JSON Schema:\n)";
    json::append_escaped(instruction, request.output_schema.raw());
    return {};
}

}  // namespace ccr::dialect::openai_chat
