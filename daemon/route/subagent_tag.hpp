// SPDX-License-Identifier: MIT
// <CCR-SUBAGENT-MODEL>provider,model</CCR-SUBAGENT-MODEL>: how an agent's prompt says which model
// is to run it. It is meant for us and must not reach any provider.
#pragma once

#include <optional>
#include <string>

#include "daemon/chat/request.hpp"

namespace ccr::route {

struct SubagentTag {
    std::string model;  // of the first tag that holds one, trimmed; may be empty
    // The client's body without the tags, to be decoded in place of the first: that way whatever
    // looks at the request, spliced or translated, never sees one.
    std::string body;
};

// Looks at all system texts and at the first user text (the reminders that Claude Code puts in
// front of it do not count as one: they quote documentation). Nothing, without any allocation, if
// there is no tag.
[[nodiscard]] std::optional<SubagentTag> find_subagent_tag(const chat::Request& request);

}  // namespace ccr::route
