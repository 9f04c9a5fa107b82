// SPDX-License-Identifier: MIT
// The decision list: which of the configured routes a request takes, and why. The first rule that
// applies decides:
//
//   custom       the custom router named a target
//   explicit     the model names one: "provider,model", a model that only one provider lists, an
//                listed alias, one of Router.modelAliases (not with Router.ignoreDirect)
//   longContext  more tokens than the threshold, or the session's last request had more and this
//                one has over 20 000
//   subagent     a <CCR-SUBAGENT-MODEL> tag
//   background   the model's name has "haiku" in it
//   webSearch    a tool of type web_search*
//   think        thinking is on: enabled with a budget, or adaptive (or between tools) at an effort
//                of at least Router.thinkEffort; an effort that is not said does not count
//   default
//
// Then: a request that is about a web search, and a target where nobody can make one → webSearch,
// whatever rule had chosen that target. And, unless the custom router decided: an image in the last
// user turn and a target that is not known to see images → image. With forceUseImageAgent: an image
// anywhere, whatever the target.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/config/model.hpp"
#include "daemon/chat/request.hpp"
#include "daemon/route/plan.hpp"

namespace ccr::route {

// The request's input tokens, exact enough to be compared with `threshold`. Called at most once,
// and only if a rule needs it.
using TokenCount = std::function<std::int64_t(std::int64_t threshold)>;

// All that a decision depends on; everything may be left out.
struct Inquiry {
    std::string_view requested;              // model, as the client named it
    const dialect::Dialect* door = nullptr;  // the format that the client speaks; null: not known
    const chat::Request* chat = nullptr;     // null: no more is known than the name
    const config::Router* router = nullptr;  // in force; null: the config's own
    std::string_view custom_answer;          // of the custom router
    std::string_view subagent_model;         // of a tag
    std::int64_t last_input_tokens = 0;      // of the session's last request; 0: not known
    TokenCount tokens;                       // empty: the longContext rule does not apply
};

// One candidate: the target of the route. Errors are not_found ("model: …", with what there is) and
// not_supported.
[[nodiscard]] Result<Plan> decide(const Directory& directory, const Inquiry& inquiry);

struct Step {
    std::string_view rule;
    bool applies = false;
    std::string why;
};

struct Explanation {
    std::vector<Step> steps;  // the rules in their order, as far as they were considered
    Result<Plan> plan;
};

// decide() with its reasons, for people.
[[nodiscard]] Explanation explain(const Directory& directory, const Inquiry& inquiry);

}  // namespace ccr::route
