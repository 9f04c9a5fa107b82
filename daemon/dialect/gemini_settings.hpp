// SPDX-License-Identifier: MIT
// generationConfig, tools and toolConfig of a generateContent request. Private to the dialect.
#pragma once

#include "common/json.hpp"
#include "daemon/dialect/dialect.hpp"
#include "daemon/dialect/openai_chat_tools.hpp"

namespace ccr::dialect::gemini {

// The members for tools and for which of them may be called; none if there are none.
void write_tools(chat::Request& request, const Profile& profile,
                 const openai_chat::ToolSection& tools, ToolNames& names, json::Writer& out);

// How structured output is asked for.
enum class Output : std::uint8_t {
    free,     // not at all
    json,     // any JSON; what kind is said in words
    schema,   // by its schema
    in_words  // in words alone: beside functions older models take nothing else
};

// generationConfig, if there is anything to say. Adds stop sequences that Gemini cannot take to
// `encoded`.
void write_generation_config(chat::Request& request, const EncodeOptions& options, Output output,
                             json::Writer& out, Encoded& encoded);

}  // namespace ccr::dialect::gemini
