// SPDX-License-Identifier: MIT
// Request bodies of the Responses API. Unknown fields are never an error.
#include "daemon/dialect/responses_door_request.hpp"

#include <array>

#include "common/digest.hpp"
#include "common/text.hpp"
#include "daemon/dialect/door_parts.hpp"
#include "daemon/dialect/responses_door.hpp"

namespace ccr::dialect::responses_door {
namespace {

using chat::Escaped;

// Without a counterpart in what the router speaks, and of no harm when missing; and what clients of
// Chat Completions bring along: this format has no stop sequences.
constexpr std::array<std::string_view, 4> unsupported{"top_logprobs", "max_tool_calls", "prompt",
                                                      "stop"};

class RequestReader {
  public:
    RequestReader(json::Value root, chat::Request& request) : in_(root), out_(request) {}

    Result<void> read() {
        constexpr Result<void> (RequestReader::*steps[])() = {
            &RequestReader::state,  &RequestReader::model,    &RequestReader::input,
            &RequestReader::tools,  &RequestReader::sampling, &RequestReader::max_tokens,
            &RequestReader::format, &RequestReader::effort,   &RequestReader::small_fields};
        for (const auto step : steps) {
            if (auto done = (this->*step)(); !done) return done;
        }
        for (const std::string_view name : unsupported) {
            if (in_[name].present()) out_.warn(name);
        }
        return {};
    }

  private:
    // What only a server that keeps responses could do.
    Result<void> state() {
        for (const std::string_view field : {"previous_response_id", "conversation"}) {
            if (!in_[field].present()) continue;
            Error error = wrong(field, "responses are not stored here; send all items as input");
            error.code = "previous_response_not_found";
            return error;
        }
        if (in_["background"].boolean()) {
            return wrong("background", "responses are not stored here, so none can be waited for");
        }
        return {};
    }

    Result<void> model() {
        if (in_["model"].str().empty()) return wrong("model", "should be the name of a model");
        out_.model = in_["model"].str();
        return {};
    }

    Result<void> input() {
        const Escaped instructions{in_["instructions"].escaped()};
        if (!instructions.empty()) out_.system.push_back({instructions});
        if (auto done = decode_input(in_["input"], out_); !done) return done;
        if (!out_.messages.empty()) return {};
        if (out_.system.empty()) return wrong("input", "at least one message is needed");
        // The model needs something to answer to.
        chat::Message message;
        for (const chat::Text& text : out_.system)
            message.content.emplace_back(text);
        out_.messages.push_back(std::move(message));
        out_.system.clear();
        return {};
    }

    Result<void> tools() {
        if (auto done = decode_tools(in_["tools"], out_); !done) return done;
        out_.tool_choice.disable_parallel = !in_["parallel_tool_calls"].boolean(true);
        return decode_tool_choice(in_["tool_choice"], out_);
    }

    Result<void> sampling() { return read_sampling(in_, out_); }

    Result<void> max_tokens() {
        const json::Value limit = in_["max_output_tokens"];
        if (!limit.present()) return {};
        out_.max_tokens = limit.integer().value_or(0);
        if (out_.max_tokens > 0) return {};
        return wrong("max_output_tokens", "should be a whole number greater than 0");
    }

    Result<void> format() {
        const json::Value format = in_["text"]["format"];
        const std::string_view type = format["type"].str();
        if (type == "json_schema") {
            out_.output_schema = format["schema"];
            if (!out_.output_schema.is_object()) {
                return wrong("text.format.schema", "should be an object");
            }
        } else if (type == "json_object") {
            ask_for_object("text.format", out_);
        }
        return {};
    }

    Result<void> effort() {
        return read_effort(in_["reasoning"]["effort"], "reasoning.effort", out_);
    }

    Result<void> small_fields() {
        out_.stream = in_["stream"].boolean();
        out_.stream_usage = true;
        user();
        out_.service_tier = in_["service_tier"].str();
        return {};
    }

    // Who asks. A key of a conversation stands in for it, but not as it is: it may be a name.
    void user() {
        const std::string_view safety = in_["safety_identifier"].str();
        out_.user_id = safety.empty() ? in_["user"].str() : safety;
        const std::string_view key = in_["prompt_cache_key"].str();
        if (out_.user_id.empty() && !key.empty()) out_.user_id = out_.keep(hex(sha256(key)));
    }

    json::Value in_;
    chat::Request& out_;
};

}  // namespace

Result<void> decode_request(std::string body, chat::Request& request) {
    const auto root = read_body(std::move(body), request);
    if (!root) return root.error();
    return RequestReader(*root, request).read();
}

}  // namespace ccr::dialect::responses_door
