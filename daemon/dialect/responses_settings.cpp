// SPDX-License-Identifier: MIT
#include "daemon/dialect/responses_settings.hpp"

#include <algorithm>

#include "daemon/dialect/openai_chat_params.hpp"
#include "daemon/dialect/openai_chat_thinking.hpp"
#include "daemon/dialect/schema.hpp"
#include "daemon/dialect/search_tool.hpp"

namespace ccr::dialect::responses {
namespace {

using Kind = chat::ThinkingMode::Kind;
using Choice = openai_chat::ToolSection::Choice;

constexpr std::int64_t least_output = 16;  // OpenAI refuses less

// --- tools

void write_function(const openai_chat::ToolSection::Planned& planned, const Profile& profile,
                    ToolNames& names, json::Writer& out) {
    const chat::Tool& tool = *planned.tool;
    bool strict = false;
    out.begin_object().key("type").escaped("function");
    out.key("name").string(names.sent(planned.name));
    if (planned.builtin != nullptr) {
        out.key("description").escaped(planned.builtin->description);
        out.key("parameters").raw(planned.builtin->parameters);
    } else {
        if (!tool.description.empty()) out.key("description").escaped(tool.description.bytes);
        out.key("parameters");
        write_parameters(out, tool.input_schema, profile.schema);
        strict =
            tool.strict.value_or(false) && profile.strict_tools && strict_ready(tool.input_schema);
    }
    // Where it is left out, the provider changes the schema to make it strict.
    out.key("strict").boolean(strict).end_object();
}

void write_extra(const ExtraTool& tool, json::Writer& out) {
    out.begin_object().key("type").escaped("function").key("name").string(tool.name);
    out.key("description").string(tool.description).key("parameters").raw(tool.schema);
    out.key("strict").boolean(false).end_object();
}

void write_search(const SearchTool& search, json::Writer& out) {
    out.begin_object().key("type").escaped("web_search");
    if (search.allowed.size() > 0) {
        out.key("filters").begin_object();
        out.key("allowed_domains").raw(search.allowed.raw()).end_object();
    }
    if (search.location.is_object()) {
        out.key("user_location");
        write_location(out, search.location);
    }
    out.end_object();
}

void write_choice(const chat::Request& request, const openai_chat::ToolSection& tools,
                  ToolNames& names, json::Writer& out) {
    const std::string_view word = openai_chat::choice_word(tools.choice());
    if (!word.empty()) out.key("tool_choice").escaped(word);
    if (tools.choice() != Choice::named) return;
    out.key("tool_choice").begin_object().key("type").escaped("function");
    out.key("name").string(names.sent(request.tool_choice.name)).end_object();
}

// A search that has to be made: the only tool is required, one of several is named by its type.
bool forced_search(const chat::Request& request, const chat::Tool& search) {
    using Asked = chat::ToolChoice::Kind;
    const chat::ToolChoice& choice = request.tool_choice;
    return choice.kind == Asked::tool && choice.name == search.name;
}

// --- parameters

class SettingsWriter {
  public:
    SettingsWriter(chat::Request& request, const EncodeOptions& options, json::Writer& out)
        : request_(request),
          options_(options),
          profile_(*options.profile),
          overlay_(openai_chat::overlay_of(options)),
          out_(out) {}

    void max_tokens() {
        const std::int64_t limit = openai_chat::output_limit(request_, options_);
        if (limit > 0) out_.key("max_output_tokens").number(std::max(limit, least_output));
    }

    // Summaries are shown to those who asked for thinking; some accounts may not have them.
    void reasoning() {
        if (!reasons()) return;
        const Kind kind = openai_chat::thinking_kind(request_, options_);
        const Effort asked = openai_chat::asked_effort(request_, kind);
        const Effort sent =
            asked == Effort::unset ? asked : openai_chat::sent_effort(profile_, asked);
        const bool thinks = kind != Kind::absent && kind != Kind::disabled;
        const bool summary = thinks && asked != Effort::none && profile_.reasoning_summary &&
                             !request_.thinking.omit_text;
        const std::string_view word =
            overlay_.effort.empty() ? openai_chat::effort_word(sent) : overlay_.effort;
        if (word.empty() && !summary) return;
        out_.key("reasoning").begin_object();
        if (!word.empty()) out_.key("effort").string(word);
        if (summary) out_.key("summary").escaped("auto");
        out_.end_object();
    }

    void sampling() {
        using openai_chat::write_number;
        const bool taken = profile_.sampling;
        write_number("temperature", overlay_.temperature, taken ? request_.temperature : "", out_);
        write_number("top_p", overlay_.top_p, taken ? request_.top_p : "", out_);
        if (!request_.top_k.empty() || !overlay_.top_k.empty()) request_.warn("top_k");
    }

    void output() {
        if (!request_.output_schema) return;
        out_.key("text").begin_object().key("format");
        if (profile_.json_output == JsonOutput::json_object) {
            out_.raw(R"({"type":"json_object"})").end_object();
            return;
        }
        out_.begin_object().key("type").escaped("json_schema").key("name").escaped("out");
        out_.key("schema");
        write_schema(out_, request_.output_schema, profile_.schema);
        out_.key("strict").boolean(strict_ready(request_.output_schema));
        out_.end_object().end_object();
    }

    // Nothing is kept there; so what was thought has to come here.
    void state() {
        out_.key("store").boolean(false);
        if (reasons()) out_.key("include").raw(R"(["reasoning.encrypted_content"])");
    }

    void stream() { out_.key("stream").boolean(options_.stream(request_)); }

  private:
    // Models that do not reason refuse to be asked about it.
    [[nodiscard]] bool reasons() const { return profile_.thinking != ThinkingStyle::none; }

    chat::Request& request_;
    const EncodeOptions& options_;
    const Profile& profile_;
    const Overlay& overlay_;
    json::Writer& out_;
};

}  // namespace

void write_tools(chat::Request& request, const Profile& profile,
                 const openai_chat::ToolSection& tools, ToolNames& names, json::Writer& out) {
    const chat::Tool* search = tools.search() ? search_tool(request) : nullptr;
    if (!tools.any() && search == nullptr) return;
    out.key("tools").begin_array();
    for (const auto& planned : tools.functions())
        write_function(planned, profile, names, out);
    for (const ExtraTool* extra : tools.extra_functions())
        write_extra(*extra, out);
    if (search != nullptr) write_search(read_search_tool(request, *search), out);
    out.end_array();
    if (search != nullptr && forced_search(request, *search)) {
        out.key("tool_choice");
        tools.any() ? out.raw(R"({"type":"web_search"})") : out.escaped("required");
    } else {
        write_choice(request, tools, names, out);
    }
    if (request.tool_choice.disable_parallel && profile.parallel_tool_calls) {
        out.key("parallel_tool_calls").boolean(false);
    }
}

void write_settings(chat::Request& request, const EncodeOptions& options, json::Writer& out,
                    Encoded& encoded) {
    const Profile& profile = *options.profile;
    SettingsWriter writer(request, options, out);
    writer.max_tokens();
    writer.reasoning();
    writer.sampling();
    openai_chat::write_stops(request, profile, "stop", out, encoded);
    writer.output();
    openai_chat::write_identity(request, profile, out);
    openai_chat::write_service_tier(request, profile, out);
    writer.state();
    writer.stream();
}

}  // namespace ccr::dialect::responses
