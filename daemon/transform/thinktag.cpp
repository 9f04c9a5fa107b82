// SPDX-License-Identifier: MIT
// thinktag and extrathinktag: one machine, different defaults.
#include "common/text.hpp"
#include "daemon/transform/builtin.hpp"
#include "daemon/transform/options.hpp"
#include "daemon/transform/think_tag_filter.hpp"

namespace ccr::transform {
namespace {

using dialect::ThinkTagMode;

ThinkTagMode mode_of(const Options& options, ThinkTagMode otherwise) {
    const std::string_view word = word_option(options, "mode");
    if (iequals(word, "strip")) return ThinkTagMode::strip;
    if (iequals(word, "convert")) return ThinkTagMode::convert;
    if (iequals(word, "keep")) return ThinkTagMode::keep;
    return otherwise;
}

template <typename Visit>
void for_each_tag(const Options& options, const Visit& visit) {
    const Options* value = options.find("tags");
    if (value == nullptr) return;
    if (value->is_string()) visit(trim(value->text));
    for (const Options& item : value->items)
        visit(trim(item.text));
}

// Null: the usual ones.
std::unique_ptr<const dialect::TagSet> tags_of(const Options& options) {
    std::vector<dialect::TagPair> pairs;
    for_each_tag(options, [&](std::string_view tag) {
        if (auto pair = dialect::tag_pair(tag)) pairs.push_back(std::move(*pair));
    });
    return pairs.empty() ? nullptr : std::make_unique<const dialect::TagSet>(std::move(pairs));
}

Filter filter(const Options& options, ThinkTagMode otherwise, const FilterContext& context,
              chat::EventSink& next) {
    dialect::ThinkTagOptions machine;
    machine.mode = mode_of(options, otherwise);
    machine.implicit = context.profile.think_implicit;
    machine.anywhere = switch_option(options, "anywhere", false);
    return think_tag_filter(machine, tags_of(options), next);
}

}  // namespace

void thinktag(const Options& /*options*/, RequestContext& context) {
    // Ours is the word on the tags: the decoder leaves them alone.
    context.profile.think_tags = ThinkTagMode::keep;
}

std::string thinktag_problem(const Options& options) {
    std::string problem;
    for_each_tag(options, [&](std::string_view tag) {
        if (dialect::tag_pair(tag)) return;
        problem = "tags: '" + std::string(tag) + "' is no tag; write a name, or the opening tag";
    });
    return problem;
}

bool thinktag_filters(const Options& options) {
    return mode_of(options, ThinkTagMode::strip) != ThinkTagMode::keep;
}

bool extrathinktag_filters(const Options& options) {
    return mode_of(options, ThinkTagMode::convert) != ThinkTagMode::keep;
}

Filter thinktag_filter(const Options& options, const FilterContext& context,
                       chat::EventSink& next) {
    return filter(options, ThinkTagMode::strip, context, next);
}

Filter extrathinktag_filter(const Options& options, const FilterContext& context,
                            chat::EventSink& next) {
    return filter(options, ThinkTagMode::convert, context, next);
}

}  // namespace ccr::transform
