// SPDX-License-Identifier: MIT
// A provider's transformers in the order in which they work: the provider's list, then the model's;
// for replies the other way round. Resolved once per configuration, immutable.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/config/model.hpp"
#include "daemon/transform/transform.hpp"

namespace ccr::transform {

// The filters of one reply, in front of the sink that gets what is left.
class Filters {
  public:
    explicit Filters(chat::EventSink& sink) : front_(&sink) {}
    void add(Filter filter) {
        front_ = filter.get();
        filters_.push_back(std::move(filter));
    }
    // Where the decoder's events go.
    [[nodiscard]] chat::EventSink& front() const { return *front_; }

  private:
    chat::EventSink* front_;
    std::vector<Filter> filters_;
};

class Chain {
  public:
    struct Step {
        const Transform* transform;
        const Options* options;
    };

    [[nodiscard]] bool empty() const { return steps_.empty(); }
    // The row of the quirk table that the transformers stand for; empty: none.
    [[nodiscard]] std::string_view profile() const { return profile_; }
    // Replies have to be decoded for it.
    [[nodiscard]] bool filters() const { return filters_; }

    // Members of the body are written out in the configuration.
    [[nodiscard]] bool members() const { return members_; }

    // Fills profile and overlay for one attempt.
    void apply(RequestContext context) const;
    // Puts the filters of one reply in front of what is in `filters`.
    void extend(Filters& filters, const FilterContext& context) const;

  private:
    friend class Chains;
    void add(const Transform& transform, const Options& options);

    std::vector<Step> steps_;
    std::string_view profile_;
    bool filters_ = false;
    bool members_ = false;
    bool capped_ = false;
};

class Chains {
  public:
    Chains() = default;
    // The provider outlives what is made of it.
    explicit Chains(const config::Provider& provider);

    // What is wrong with the options of the provider's transformers; empty: nothing.
    [[nodiscard]] static std::string problem(const config::Provider& provider);

    // nullptr: there is nothing to do for this model.
    [[nodiscard]] const Chain* find(std::string_view model) const;
    // The quirk table's row for models without a list of their own, and for this model.
    [[nodiscard]] std::string_view profile() const { return all_.profile(); }
    [[nodiscard]] std::string_view profile(std::string_view model) const;
    // Those with a list of their own.
    [[nodiscard]] std::vector<std::string_view> models() const;

  private:
    [[nodiscard]] const Chain& chain(std::string_view model) const;

    Chain all_;
    std::vector<std::pair<std::string, Chain>> by_model_;  // all_ and the model's own
};

}  // namespace ccr::transform
