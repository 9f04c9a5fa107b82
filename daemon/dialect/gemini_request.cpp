// SPDX-License-Identifier: MIT
// Request bodies for generateContent. The model and whether to stream stand in the URL.
#include <utility>

#include "daemon/dialect/extra_members.hpp"
#include "daemon/dialect/gemini.hpp"
#include "daemon/dialect/gemini_contents.hpp"
#include "daemon/dialect/gemini_settings.hpp"
#include "daemon/dialect/openai_chat_params.hpp"

namespace ccr::dialect::gemini {
namespace {

Output output_of(const chat::Request& request, const Profile& profile, bool functions) {
    if (!request.output_schema) return Output::free;
    // Up to 2.5 a response type and functions exclude each other.
    const bool both = profile.thinking == ThinkingStyle::gemini_level;
    if (functions && !both) return Output::in_words;
    return profile.json_output == JsonOutput::json_schema ? Output::schema : Output::json;
}

}  // namespace

Result<Encoded> encode_request(chat::Request& request, const EncodeOptions& options) {
    if (request.native_only) return *request.native_only;
    const Profile& profile = *options.profile;

    ToolNames names(profile.max_tool_name, true);
    openai_chat::ToolSection tools(request, options, names);
    if (auto planned = tools.plan(); !planned) return std::move(planned).error();
    const Output output = output_of(request, profile, tools.any());
    JsonOutput ability = profile.json_output;
    if (output == Output::in_words && ability == JsonOutput::json_schema) {
        ability = JsonOutput::json_object;
    }
    const auto instruction = openai_chat::plan_instruction(request, ability, tools.instruction());
    if (!instruction) return instruction.error();

    Encoded encoded;
    encoded.body.reserve(request.document.source().size() + 1024);
    json::Writer out(encoded.body);
    out.begin_object();
    ContentsWriter contents(request, options, names, *instruction, out);
    if (auto written = contents.write(); !written) return std::move(written).error();
    write_tools(request, profile, tools, names, out);
    write_generation_config(request, options, output, out, encoded);
    out.end_object();
    if (options.overlay != nullptr && !options.overlay->members.empty()) {
        encoded.body = with_members(std::move(encoded.body), options.overlay->members);
    }
    encoded.renamed_tools = names.renamed();
    encoded.single_tool_call = request.tool_choice.disable_parallel;
    return encoded;
}

}  // namespace ccr::dialect::gemini
