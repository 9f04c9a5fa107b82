// SPDX-License-Identifier: MIT
// Request bodies for Chat Completions. The order of members, messages and tools is the same in
// every turn, so that providers find the prefix of the turn before in their caches.
#include <utility>

#include "daemon/dialect/extra_members.hpp"
#include "daemon/dialect/openai_chat.hpp"
#include "daemon/dialect/openai_chat_messages.hpp"
#include "daemon/dialect/openai_chat_params.hpp"
#include "daemon/dialect/openai_chat_tools.hpp"

namespace ccr::dialect::openai_chat {
namespace {

constexpr std::size_t headroom = 256;  // what we add to a body, mostly less

// Escaping of arguments and the like makes a body larger than the client's at times; a second
// allocation is cheaper than twice the memory.
std::size_t expected_size(const chat::Request& request) {
    const std::size_t size = request.document.source().size();
    return size + size / 16 + headroom;
}

}  // namespace

Result<Encoded> encode_request(chat::Request& request, const EncodeOptions& options) {
    if (request.native_only) return *request.native_only;
    const Profile& profile = *options.profile;

    ToolNames names(profile.max_tool_name);
    ToolSection tools(request, options, names);
    if (auto planned = tools.plan(); !planned) return std::move(planned).error();
    const auto instruction = plan_instruction(request, profile.json_output, tools.instruction());
    if (!instruction) return instruction.error();

    Encoded encoded;
    encoded.body.reserve(expected_size(request));
    json::Writer out(encoded.body);
    out.begin_object().key("model").string(options.model).key("messages");
    MessageWriter messages(request, options, names, *instruction, out);
    if (auto written = messages.write(); !written) return std::move(written).error();
    tools.write(out);
    write_settings(request, options, {tools.any(), tools.forced()}, out, encoded);
    out.end_object();
    if (options.overlay != nullptr && !options.overlay->members.empty()) {
        encoded.body = with_members(std::move(encoded.body), options.overlay->members);
    }

    encoded.renamed_tools = names.renamed();
    encoded.single_tool_call = request.tool_choice.disable_parallel;
    return encoded;
}

}  // namespace ccr::dialect::openai_chat
