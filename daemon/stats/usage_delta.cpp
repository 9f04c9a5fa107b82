// SPDX-License-Identifier: MIT
#include "daemon/stats/usage_delta.hpp"

#include <map>

namespace ccr::stats {

std::vector<UsageEntry> UsageDelta::read() {
    seen_ = written_;
    std::map<CellKey, UsageRow> sums;
    for (std::size_t i = 0; i < seen_.size(); ++i) {
        const Shard& shard = book_.shard(i);
        auto& rows = seen_[i];
        rows.resize(shard.cell_count());
        for (std::size_t cell = 0; cell < rows.size(); ++cell) {
            const UsageRow now = shard.cell_row(cell);
            if (now == rows[cell]) continue;
            UsageRow& sum = sums[shard.cell_key(cell)];
            for (std::size_t n = 0; n < now.size(); ++n)
                sum[n] += now[n] - rows[cell][n];
            rows[cell] = now;
        }
    }
    std::vector<UsageEntry> out;
    for (const auto& [key, row] : sums) {
        UsageEntry& entry = out.emplace_back(book_.named(key));
        entry.row = row;
    }
    return out;
}

}  // namespace ccr::stats
