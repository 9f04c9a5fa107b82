// SPDX-License-Identifier: MIT
// What has been counted since it was last written down. One reader, any thread; the loops count on.
#pragma once

#include <vector>

#include "daemon/stats/book.hpp"

namespace ccr::stats {

class UsageDelta {
  public:
    explicit UsageDelta(const Book& book) : book_(book), written_(book.shards()) {}

    // The differences; combinations without one are left out. The same again, and more, until
    // written() is called.
    [[nodiscard]] std::vector<UsageEntry> read();
    // What the last read() gave is safe.
    void written() { written_ = seen_; }

  private:
    using Rows = std::vector<std::vector<UsageRow>>;  // by shard and cell

    const Book& book_;
    Rows written_;
    Rows seen_;
};

}  // namespace ccr::stats
