// SPDX-License-Identifier: MIT
// Ids of tool calls. A client needs them unique over the whole conversation and made of
// [A-Za-z0-9_-]; providers give numbers, "functions.Bash:0", repeated ids or none. An id that will
// do is passed on as it is, any other is wrapped reversibly:
//
//   toolu_ccr_<4 characters of nonce>_<base64url(provider's id)>
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemon/chat/request.hpp"
#include "daemon/dialect/profile.hpp"

namespace ccr::dialect {

// Hands out the ids of one reply.
class ToolIds {
  public:
    // `request` (may be null) is the conversation so far; it is not referred to later. `seed`
    // should differ from reply to reply (our message id): ids then stay apart even from those of
    // turns that the client has since dropped from the conversation.
    ToolIds(const chat::Request* request, std::string_view seed);

    // The id to show to the client for a call that the provider calls `upstream_id` (may be empty).
    // Each call of assign() gives a new id, so ask once per tool call.
    std::string assign(std::string_view upstream_id);

  private:
    [[nodiscard]] bool used(std::string_view id) const;
    [[nodiscard]] std::string nonce();

    std::string seed_;
    // Hashes of the ids that conversation and reply have: small, for streams live long. Two ids of
    // one hash cost no more than a needless wrapping.
    std::vector<std::size_t> used_;
    unsigned count_ = 0;
};

// The provider's own id inside a client's: unwrapped if it is one of ours (and was not empty), else
// the id itself.
[[nodiscard]] std::string upstream_tool_id(std::string_view client_id);

// The id to send to a provider: upstream_tool_id in the form that the provider takes. Equal ids
// give equal ids, in every turn.
[[nodiscard]] std::string provider_tool_id(std::string_view client_id, ToolIdStyle style);

}  // namespace ccr::dialect
