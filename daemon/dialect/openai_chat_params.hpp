// SPDX-License-Identifier: MIT
// The scalar parameters of a Chat Completions request. Private to the dialect.
#pragma once

#include <string>
#include <string_view>

#include "common/json.hpp"
#include "common/result.hpp"
#include "daemon/dialect/dialect.hpp"

namespace ccr::dialect::openai_chat {

// Whether the model is to think, in the request's words or, if those say anything else, in the
// transformers'.
[[nodiscard]] chat::ThinkingMode::Kind thinking_kind(const chat::Request& request,
                                                     const EncodeOptions& options);

struct ToolUseHints {
    bool any = false;     // functions are sent
    bool forced = false;  // and one has to be called
};

// Everything but model, messages and tools. Adds stop sequences that the provider cannot take to
// `encoded`.
void write_settings(chat::Request& request, const EncodeOptions& options, ToolUseHints tools,
                    json::Writer& out, Encoded& encoded);

// What has to be said in words because there is no parameter for it, escaped: instead of a schema,
// and what tools need. Fails if structured output is asked for and not to be had.
[[nodiscard]] Result<std::string> plan_instruction(chat::Request& request, JsonOutput ability,
                                                   std::string_view of_tools);

// What the transformers change; an empty one if there are none.
[[nodiscard]] const Overlay& overlay_of(const EncodeOptions& options);
// How many tokens may be put out: asked for, but no more than model and configuration allow; 0 if
// the request does not say. Warns if that is less.
[[nodiscard]] std::int64_t output_limit(chat::Request& request, const EncodeOptions& options);
// The stop sequences that the provider takes, as member `key`; the others go to `encoded`.
void write_stops(const chat::Request& request, const Profile& profile, std::string_view key,
                 json::Writer& out, Encoded& encoded);
// A raw JSON number as member `key`, if there is one. What the configuration says goes out whatever
// the profile thinks of it.
void write_number(std::string_view key, std::string_view ours, std::string_view theirs,
                  json::Writer& out);
// Who asks and which conversation it is, hashed, as far as the provider takes it.
void write_identity(const chat::Request& request, const Profile& profile, json::Writer& out);
void write_service_tier(chat::Request& request, const Profile& profile, json::Writer& out);

}  // namespace ccr::dialect::openai_chat
