// SPDX-License-Identifier: MIT
// OpenRouter's `reasoning_details` put together again from their stream fragments, because the
// whole array has to come back with the next request.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "common/json.hpp"

namespace ccr::dialect {

class ReasoningDetails {
  public:
    // One delta's array.
    void read(json::Value details);
    // Something in there cannot be rebuilt from the shown text (signatures, encrypted data).
    [[nodiscard]] bool opaque() const { return opaque_; }
    // The array as JSON, and start afresh; empty if there is none.
    std::string take();

  private:
    // Members in order, key and value as spelt.
    using Detail = std::vector<std::pair<std::string, std::string>>;

    Detail& detail_for(json::Value fragment);
    void merge(Detail& detail, json::Member member);

    std::vector<Detail> details_;
    bool opaque_ = false;
};

}  // namespace ccr::dialect
