// SPDX-License-Identifier: MIT
#include "daemon/transform/chain.hpp"

#include <algorithm>
#include <iterator>

#include "common/text.hpp"
#include "daemon/transform/transforms.hpp"

namespace ccr::transform {

void Chain::add(const Transform& transform, const Options& options) {
    if (!transform.profile.empty() && profile_.empty()) profile_ = transform.profile;
    const bool filters =
        transform.filter != nullptr && (transform.filters == nullptr || transform.filters(options));
    filters_ = filters_ || filters;
    members_ = members_ || (transform.members && !options.members.empty());
    capped_ = capped_ || (options.find("max_tokens") != nullptr);
    if (transform.apply != nullptr || filters) steps_.push_back({&transform, &options});
}

void Chain::apply(RequestContext context) const {
    context.capped = context.capped || capped_;
    for (const Step& step : steps_) {
        if (step.transform->apply != nullptr) step.transform->apply(*step.options, context);
    }
}

// The first one's filter stands right in front of the sink, so the last one's sees events first.
void Chain::extend(Filters& filters, const FilterContext& context) const {
    for (const Step& step : steps_) {
        const Transform& transform = *step.transform;
        const bool wanted = transform.filter != nullptr &&
                            (transform.filters == nullptr || transform.filters(*step.options));
        if (wanted) filters.add(transform.filter(*step.options, context, filters.front()));
    }
}

Chains::Chains(const config::Provider& provider) {
    for (const config::Transformer& entry : provider.transformers) {
        const Transform* transform = find_transform(entry.name);
        if (transform != nullptr && entry.model.empty()) all_.add(*transform, entry.options);
    }
    for (const config::Transformer& entry : provider.transformers) {
        const Transform* transform = find_transform(entry.name);
        if (transform == nullptr || entry.model.empty()) continue;
        auto own = std::find_if(by_model_.begin(), by_model_.end(), [&](const auto& known) {
            return iequals(known.first, entry.model);
        });
        if (own == by_model_.end()) {
            by_model_.emplace_back(entry.model, all_);
            own = std::prev(by_model_.end());
            own->second.profile_ = {};  // the model's own word counts more
        }
        own->second.add(*transform, entry.options);
    }
    for (auto& [model, chain] : by_model_) {
        if (chain.profile_.empty()) chain.profile_ = all_.profile_;
    }
}

std::string Chains::problem(const config::Provider& provider) {
    std::string problems;
    for (const config::Transformer& entry : provider.transformers) {
        const Transform* transform = find_transform(entry.name);
        if (transform == nullptr || transform->problem == nullptr) continue;
        const std::string problem = transform->problem(entry.options);
        if (problem.empty()) continue;
        problems += problems.empty() ? "" : "; ";
        problems += std::to_string(entry.at.line) + ":" + std::to_string(entry.at.column) + ": " +
                    entry.name + ": " + problem;
    }
    return problems;
}

const Chain& Chains::chain(std::string_view model) const {
    for (const auto& [name, chain] : by_model_) {
        if (iequals(name, model)) return chain;
    }
    return all_;
}

const Chain* Chains::find(std::string_view model) const {
    const Chain& found = chain(model);
    return found.empty() ? nullptr : &found;
}

std::vector<std::string_view> Chains::models() const {
    std::vector<std::string_view> names;
    names.reserve(by_model_.size());
    for (const auto& [name, chain] : by_model_)
        names.push_back(name);
    return names;
}

std::string_view Chains::profile(std::string_view model) const {
    return chain(model).profile();
}

}  // namespace ccr::transform
