// SPDX-License-Identifier: MIT
// Tells reasoning between tags apart in any provider's text, once it is a stream of events.
#pragma once

#include <memory>
#include <vector>

#include "daemon/dialect/think_tags.hpp"
#include "daemon/transform/transform.hpp"

namespace ccr::transform {

// `tags`: null for the usual ones. options.tags is not used.
[[nodiscard]] Filter think_tag_filter(const dialect::ThinkTagOptions& options,
                                      std::unique_ptr<const dialect::TagSet> tags,
                                      chat::EventSink& next);

}  // namespace ccr::transform
