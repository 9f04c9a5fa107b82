// SPDX-License-Identifier: MIT
#include "daemon/dialect/gemini_settings.hpp"

#include <algorithm>

#include "daemon/dialect/openai_chat_params.hpp"
#include "daemon/dialect/openai_chat_thinking.hpp"
#include "daemon/dialect/schema.hpp"

namespace ccr::dialect::gemini {
namespace {

using Kind = chat::ThinkingMode::Kind;
using Choice = openai_chat::ToolSection::Choice;

// What Google's own compatible endpoint makes of an effort for models that take a budget.
std::int64_t budget_of(Effort effort) {
    switch (effort) {
        case Effort::low:
            return 1024;
        case Effort::medium:
            return 8192;
        case Effort::high:
            return 24576;
        default:
            return 32768;
    }
}

std::string_view level_of(Effort effort) {
    if (effort == Effort::low) return "LOW";
    return effort == Effort::medium ? "MEDIUM" : "HIGH";
}

class ConfigWriter {
  public:
    ConfigWriter(chat::Request& request, const EncodeOptions& options, json::Writer& out)
        : request_(request),
          options_(options),
          profile_(*options.profile),
          overlay_(openai_chat::overlay_of(options)),
          out_(out) {}

    void max_tokens() {
        const std::int64_t limit = openai_chat::output_limit(request_, options_);
        if (limit > 0) out_.key("maxOutputTokens").number(limit);
    }

    void sampling() {
        openai_chat::write_number("temperature", overlay_.temperature,
                                  profile_.sampling ? request_.temperature : "", out_);
        openai_chat::write_number("topP", overlay_.top_p, profile_.sampling ? request_.top_p : "",
                                  out_);
        openai_chat::write_number("topK", overlay_.top_k, profile_.top_k ? request_.top_k : "",
                                  out_);
    }

    void stops(Encoded& encoded) {
        openai_chat::write_stops(request_, profile_, "stopSequences", out_, encoded);
    }

    void output(Output wanted) {
        if (wanted == Output::free || wanted == Output::in_words) return;
        out_.key("responseMimeType").escaped("application/json");
        if (wanted != Output::schema) return;
        const bool subset = profile_.schema == SchemaStyle::gemini;
        out_.key(subset ? "responseSchema" : "responseJsonSchema");
        write_schema(out_, request_.output_schema, profile_.schema);
    }

    void thinking() {
        const bool budgets = profile_.thinking == ThinkingStyle::gemini_budget;
        if (!budgets && profile_.thinking != ThinkingStyle::gemini_level) return;
        const Kind kind = openai_chat::thinking_kind(request_, options_);
        const Effort effort = openai_chat::asked_effort(request_, kind);
        if (kind == Kind::absent && effort == Effort::unset) return;
        out_.key("thinkingConfig").begin_object();
        if (effort == Effort::none) {
            off(budgets);
        } else {
            if (budgets) budget(kind, effort);
            if (!budgets && effort != Effort::unset) {
                out_.key("thinkingLevel").escaped(level_of(std::min(effort, profile_.max_effort)));
            }
            out_.key("includeThoughts").boolean(!request_.thinking.omit_text);
        }
        out_.end_object();
    }

  private:
    // As little as the model can.
    void off(bool budgets) {
        const std::int64_t least = profile_.thinking_off ? 0 : profile_.min_thinking_budget;
        if (budgets) {
            out_.key("thinkingBudget").number(least);
        } else {
            out_.key("thinkingLevel").escaped(profile_.thinking_off ? "MINIMAL" : "LOW");
        }
    }

    void budget(Kind kind, Effort effort) {
        std::int64_t tokens = request_.effort.empty() && kind == Kind::enabled
                                  ? openai_chat::thinking_budget(request_)
                                  : 0;
        if (tokens <= 0 && effort != Effort::unset) {
            tokens = budget_of(std::min(effort, profile_.max_effort));
        }
        if (tokens <= 0) return;  // the model decides
        tokens = std::max<std::int64_t>(tokens, profile_.min_thinking_budget);
        if (profile_.max_thinking_budget > 0) {
            tokens = std::min<std::int64_t>(tokens, profile_.max_thinking_budget);
        }
        out_.key("thinkingBudget").number(tokens);
    }

    chat::Request& request_;
    const EncodeOptions& options_;
    const Profile& profile_;
    const Overlay& overlay_;
    json::Writer& out_;
};

void write_function(const openai_chat::ToolSection::Planned& planned, const Profile& profile,
                    ToolNames& names, json::Writer& out) {
    const chat::Tool& tool = *planned.tool;
    // The whole of JSON Schema, or the subset that the format began with.
    const bool subset = profile.schema == SchemaStyle::gemini;
    out.begin_object().key("name").string(names.sent(planned.name));
    if (planned.builtin != nullptr) {
        out.key("description").escaped(planned.builtin->description);
        out.key(subset ? "parameters" : "parametersJsonSchema").raw(planned.builtin->parameters);
    } else {
        if (!tool.description.empty()) out.key("description").escaped(tool.description.bytes);
        // The subset knows no object without properties.
        if (!subset || tool.input_schema["properties"].size() > 0) {
            out.key(subset ? "parameters" : "parametersJsonSchema");
            write_parameters(out, tool.input_schema, profile.schema);
        }
    }
    out.end_object();
}

void write_choice(const openai_chat::ToolSection& tools, std::string_view named, ToolNames& names,
                  json::Writer& out) {
    const Choice choice = tools.choice();
    if (choice == Choice::omit) return;
    out.key("toolConfig").begin_object().key("functionCallingConfig").begin_object();
    const bool forced = choice == Choice::required || choice == Choice::named;
    out.key("mode").escaped(forced ? "ANY" : choice == Choice::none ? "NONE" : "AUTO");
    if (choice == Choice::named) {
        out.key("allowedFunctionNames").begin_array().string(names.sent(named)).end_array();
    }
    out.end_object().end_object();
}

}  // namespace

void write_tools(chat::Request& request, const Profile& profile,
                 const openai_chat::ToolSection& tools, ToolNames& names, json::Writer& out) {
    if (!tools.any()) {
        if (tools.search()) out.key("tools").raw(R"([{"googleSearch":{}}])");
        return;
    }
    // Both at once is refused.
    if (tools.search()) request.warn("tools.web_search");
    out.key("tools").begin_array().begin_object().key("functionDeclarations").begin_array();
    for (const auto& planned : tools.functions())
        write_function(planned, profile, names, out);
    for (const ExtraTool* extra : tools.extra_functions()) {
        out.begin_object().key("name").string(extra->name);
        out.key("description").string(extra->description);
        out.key(profile.schema == SchemaStyle::gemini ? "parameters" : "parametersJsonSchema");
        out.raw(extra->schema).end_object();
    }
    out.end_array().end_object().end_array();
    write_choice(tools, request.tool_choice.name, names, out);
}

void write_generation_config(chat::Request& request, const EncodeOptions& options, Output output,
                             json::Writer& out, Encoded& encoded) {
    ConfigWriter config(request, options, out);
    out.key("generationConfig").begin_object();
    config.max_tokens();
    config.sampling();
    config.stops(encoded);
    config.thinking();
    config.output(output);
    out.end_object();
    if (request.speed == "fast") request.warn("speed");
}

}  // namespace ccr::dialect::gemini
