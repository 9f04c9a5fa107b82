// SPDX-License-Identifier: MIT
// The history of usage as a file: one row for each hour, target, route and preset. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/result.hpp"
#include "daemon/stats/book.hpp"
#include "daemon/stats/usage_history.hpp"
#include "daemon/store/sqlite.hpp"

namespace ccr::store {

class UsageDb {
  public:
    // `path`: made if it is not there; ":memory:" for one that lasts as long as this object. `now`:
    // Unix seconds. ErrorKind::malformed: the file is damaged, or of another program or version.
    [[nodiscard]] static Result<UsageDb> open(const std::string& path, std::int64_t now);

    // Adds to the hour of `now`: all or nothing, and once it has returned the end of the process
    // loses nothing of it.
    [[nodiscard]] Result<void> add(const std::vector<stats::UsageEntry>& entries, std::int64_t now);
    [[nodiscard]] Result<stats::UsageHistory> read(const stats::UsageQuestion& question);
    // Forgets what was before, Unix seconds.
    [[nodiscard]] Result<void> drop_before(std::int64_t time);

  private:
    explicit UsageDb(Database database) : database_(std::move(database)) {}
    [[nodiscard]] Result<void> prepare(std::int64_t now);
    [[nodiscard]] Result<void> make_tables(std::int64_t now);
    [[nodiscard]] Result<void> check();
    [[nodiscard]] Result<void> insert(const std::vector<stats::UsageEntry>& entries,
                                      std::int64_t hour);

    Database database_;
};

}  // namespace ccr::store
