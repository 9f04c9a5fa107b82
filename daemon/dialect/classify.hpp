// SPDX-License-Identifier: MIT
// What a provider's failure means, whatever the provider: its class, the sentence that clients act
// on, and how long to wait. Knows the error bodies of OpenAI-compatible and Anthropic-compatible
// providers; nothing of the text is trusted or shown unsanitised.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/json.hpp"
#include "common/result.hpp"
#include "daemon/dialect/dialect.hpp"

namespace ccr::dialect {

constexpr std::size_t max_error_body = 64U << 10U;  // bytes of a failed reply that are looked at

// A failed response. `body` may be empty, cut, HTML or anything else.
[[nodiscard]] Error classify(int status, const std::vector<HeaderField>& headers,
                             std::string_view body, const ClassifyContext& context);

// Whether an object of an OpenAI-compatible provider tells of a failure, in whatever shape: shown
// its members, in any order. For who walks over them anyhow.
class FailureSigns {
  public:
    void see(std::string_view key, json::Value value);
    [[nodiscard]] bool failed() const {
        return failed_ || (!choices_ && ((code_ && message_) || detail_));
    }

  private:
    bool failed_ = false;
    // What an answer may hold too: it means a failure where nothing is answered.
    bool choices_ = false;
    bool code_ = false;
    bool message_ = false;
    bool detail_ = false;
};

// The same for an event of a stream, or a whole reply. `event` is the event's name or empty.
[[nodiscard]] bool tells_failure(std::string_view event, json::Value root);
// An error object inside a reply that began well.
[[nodiscard]] Error classify_frame(json::Value frame, const ClassifyContext& context);

// An error event of a stream whose data is no JSON: in its own words if they can be shown.
[[nodiscard]] Error error_in_words(std::string_view data);

// Text of a provider, fit to be shown: no credentials, no markup, one line, of bounded length.
[[nodiscard]] std::string sanitise(std::string_view text);

}  // namespace ccr::dialect
