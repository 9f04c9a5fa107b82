// SPDX-License-Identifier: MIT
#include "daemon/transform/builtin.hpp"
#include "daemon/transform/think_tag_filter.hpp"

namespace ccr::transform {
namespace {

constexpr std::string_view tag = "reasoning_content";
constexpr std::string_view instruction =
    "Think before you answer. Begin your reply with your reasoning, step by step and as thorough "
    "as "
    "the task needs, between <reasoning_content> and </reasoning_content>; weigh alternatives "
    "there "
    "and check your result. Close the tag, and only then give the answer or call a tool. Never "
    "leave the reasoning out, and do not mention these tags in the answer.";

}  // namespace

void forcereasoning(const Options& /*options*/, RequestContext& context) {
    context.overlay.user_tail = instruction;
    context.overlay.thinking_tag = tag;
    // What it thought comes back from the client sealed, as any provider's reasoning does.
    context.profile.reasoning_field = dialect::ReasoningField::think_tags;
    context.profile.reasoning_return = dialect::ReasoningReturn::always;
}

Filter forcereasoning_filter(const Options& /*options*/, const FilterContext& /*context*/,
                             chat::EventSink& next) {
    dialect::ThinkTagOptions machine;
    machine.mode = dialect::ThinkTagMode::convert;
    machine.anywhere = true;  // a model that greets first is not to be punished for it
    std::vector<dialect::TagPair> pairs{*dialect::tag_pair(tag)};
    return think_tag_filter(machine, std::make_unique<const dialect::TagSet>(std::move(pairs)),
                            next);
}

}  // namespace ccr::transform
