// SPDX-License-Identifier: MIT
// Request bodies of the Chat Completions API. Unknown fields are never an error.
#include "daemon/dialect/chat_door_request.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include "daemon/dialect/chat_door.hpp"
#include "daemon/dialect/door_parts.hpp"

namespace ccr::dialect::chat_door {
namespace {

using chat::Escaped;

// Without a counterpart in what the router speaks, and of no harm when missing.
constexpr std::array<std::string_view, 8> unsupported{
    "logprobs",          "top_logprobs", "logit_bias", "presence_penalty",
    "frequency_penalty", "prediction",   "seed",       "verbosity"};

class RequestReader {
  public:
    RequestReader(json::Value root, chat::Request& request) : in_(root), out_(request) {}

    Result<void> read() {
        constexpr Result<void> (RequestReader::*steps[])() = {
            &RequestReader::model,      &RequestReader::messages, &RequestReader::tools,
            &RequestReader::max_tokens, &RequestReader::sampling, &RequestReader::stops,
            &RequestReader::format,     &RequestReader::effort,   &RequestReader::small_fields};
        for (const auto step : steps) {
            if (auto done = (this->*step)(); !done) return done;
        }
        for (const std::string_view name : unsupported) {
            if (in_[name].present()) out_.warn(name);
        }
        return {};
    }

  private:
    Result<void> model() {
        if (in_["model"].str().empty()) return wrong("model", "should be the name of a model");
        out_.model = in_["model"].str();
        return {};
    }

    Result<void> messages() { return decode_messages(in_["messages"], out_); }

    Result<void> tools() { return decode_tools(in_, out_); }

    Result<void> max_tokens() {
        const json::Value newer = in_["max_completion_tokens"];
        const json::Value limit = newer.present() ? newer : in_["max_tokens"];
        if (!limit.present()) return {};
        out_.max_tokens = limit.integer().value_or(0);
        if (out_.max_tokens > 0) return {};
        return wrong("max_completion_tokens", "should be a whole number greater than 0");
    }

    Result<void> sampling() { return read_sampling(in_, out_); }

    Result<void> stops() {
        const json::Value stop = in_["stop"];
        const auto add = [this](json::Value text) {
            if (!text.escaped().empty()) out_.stop_sequences.push_back(Escaped{text.escaped()});
        };
        if (stop.is_string()) add(stop);
        for (const json::Value each : stop.elements()) {
            if (!each.is_string()) return wrong("stop", "should be a string or several");
            add(each);
        }
        return {};
    }

    Result<void> format() {
        const json::Value format = in_["response_format"];
        const std::string_view type = format["type"].str();
        if (type == "json_schema") {
            out_.output_schema = format["json_schema"]["schema"];
            if (!out_.output_schema.is_object()) {
                return wrong("response_format.json_schema.schema", "should be an object");
            }
        } else if (type == "json_object") {
            ask_for_object("response_format", out_);
        }
        return {};
    }

    Result<void> effort() { return read_effort(in_["reasoning_effort"], "reasoning_effort", out_); }

    Result<void> small_fields() {
        if (in_["n"].integer().value_or(1) > 1) {
            return wrong("n", "only one choice can be made; leave n out");
        }
        for (const json::Value modality : in_["modalities"].elements()) {
            if (modality.str() == "audio") return wrong("modalities", "audio is not supported");
        }
        out_.stream = in_["stream"].boolean();
        out_.stream_usage = in_["stream_options"]["include_usage"].boolean();
        const std::string_view safety = in_["safety_identifier"].str();
        out_.user_id = safety.empty() ? in_["user"].str() : safety;
        out_.service_tier = in_["service_tier"].str();
        return {};
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

}  // namespace ccr::dialect::chat_door
