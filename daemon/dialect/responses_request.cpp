// SPDX-License-Identifier: MIT
// Request bodies for the Responses API. The conversation is sent whole each time and kept by nobody
// (store: false); what the model thought travels with it, encrypted. The order of members, items
// and tools is the same in every turn, so that providers find the prefix of the turn before in
// their caches.
#include <utility>

#include "daemon/dialect/extra_members.hpp"
#include "daemon/dialect/openai_chat_params.hpp"
#include "daemon/dialect/responses.hpp"
#include "daemon/dialect/responses_input.hpp"
#include "daemon/dialect/responses_settings.hpp"

namespace ccr::dialect::responses {
namespace {

constexpr std::size_t headroom = 512;  // what we add to a body, mostly less

}  // namespace

Result<Encoded> encode_request(chat::Request& request, const EncodeOptions& options) {
    if (request.native_only) return *request.native_only;
    const Profile& profile = *options.profile;

    ToolNames names(profile.max_tool_name);
    openai_chat::ToolSection tools(request, options, names);
    if (auto planned = tools.plan(); !planned) return std::move(planned).error();
    const auto instruction =
        openai_chat::plan_instruction(request, profile.json_output, tools.instruction());
    if (!instruction) return instruction.error();

    Encoded encoded;
    const std::size_t size = request.document.source().size();
    encoded.body.reserve(size + size / 16 + headroom);
    json::Writer out(encoded.body);
    out.begin_object().key("model").string(options.model).key("input");
    InputWriter input(request, options, names, *instruction, out);
    if (auto written = input.write(); !written) return std::move(written).error();
    write_tools(request, profile, tools, names, out);
    write_settings(request, options, out, encoded);
    out.end_object();
    if (options.overlay != nullptr && !options.overlay->members.empty()) {
        encoded.body = with_members(std::move(encoded.body), options.overlay->members);
    }
    encoded.renamed_tools = names.renamed();
    encoded.single_tool_call = request.tool_choice.disable_parallel;
    return encoded;
}

}  // namespace ccr::dialect::responses
