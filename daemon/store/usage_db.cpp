// SPDX-License-Identifier: MIT
#include "daemon/store/usage_db.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace ccr::store {
namespace {

using stats::GroupBy;
namespace field = stats::field;

constexpr std::int64_t version = 1;
constexpr std::int64_t hour_seconds = 3600;

constexpr std::string_view count_tables = "SELECT COUNT(*) FROM sqlite_schema";

// By the places of stats::field.
constexpr std::array<std::string_view, field::usage_count> columns{
    "requests",         "failures",        "retries",           "fallbacks_from",
    "input_tokens",     "output_tokens",   "cache_read_tokens", "cache_creation_tokens",
    "reasoning_tokens", "estimated",       "duration_ns",       "cost_nano_usd",
    "unpriced",         "cost_calculated",
};

// Every column's name put into `before` and `after`, with commas.
std::string for_columns(std::string_view before, std::string_view after) {
    std::string out;
    for (const std::string_view column : columns) {
        if (!out.empty()) out += ", ";
        out.append(before).append(column).append(after);
    }
    return out;
}

std::string table_sql() {
    return "CREATE TABLE usage (hour INTEGER NOT NULL, provider TEXT NOT NULL, model TEXT NOT "
           "NULL, "
           "route TEXT NOT NULL, preset TEXT NOT NULL, " +
           for_columns("", " INTEGER NOT NULL") +
           ", PRIMARY KEY (hour, provider, model, route, preset)) WITHOUT ROWID;"
           "CREATE TABLE about (began INTEGER NOT NULL);";
}

std::string insert_sql() {
    std::string values = "?, ?, ?, ?, ?";
    std::string sums;
    for (const std::string_view column : columns) {
        values += ", ?";
        if (!sums.empty()) sums += ", ";
        sums.append(column).append(" = ").append(column).append(" + excluded.").append(column);
    }
    return "INSERT INTO usage (hour, provider, model, route, preset, " + for_columns("", "") +
           ") VALUES (" + values +
           ") ON CONFLICT (hour, provider, model, route, preset) DO UPDATE SET " + sums;
}

std::string query_sql(GroupBy by) {
    std::string key = "provider, model, ''";
    if (by == GroupBy::route) key = "'', '', route";
    if (by == GroupBy::preset) key = "'', '', preset";
    if (by == GroupBy::day) key = "'', '', strftime('%Y-%m-%d', hour * 3600, 'unixepoch')";
    return "SELECT " + key + ", " + for_columns("SUM(", ")") +
           " FROM usage WHERE hour >= ? GROUP BY 1, 2, 3 ORDER BY 1, 2, 3";
}

Error other_file() {
    return {ErrorKind::malformed, "it is not the usage of this version"};
}

}  // namespace

Result<UsageDb> UsageDb::open(const std::string& path, std::int64_t now) {
    auto database = Database::open(path);
    if (!database) return std::move(database).error();
    UsageDb out(std::move(*database));
    auto prepared = out.prepare(now);
    if (!prepared) return std::move(prepared).error();
    return out;
}

Result<void> UsageDb::prepare(std::int64_t now) {
    // A write-ahead log without a sync for each batch: the end of the process loses nothing, that
    // of the machine some seconds, and neither damages the file.
    auto done = database_.run(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA temp_store = MEMORY; "
        "PRAGMA journal_size_limit = 4194304;");
    if (!done) return done;
    const auto tables = database_.number(count_tables);
    if (!tables) return tables.error();
    if (*tables == 0) done = make_tables(now);
    if (!done) return done;
    return check();
}

// Another process may make them at this moment: whether they are there is asked again, alone.
Result<void> UsageDb::make_tables(std::int64_t now) {
    auto done = database_.run("BEGIN IMMEDIATE");
    if (!done) return done;
    const auto tables = database_.number(count_tables);
    if (!tables) return tables.error();
    std::string sql;
    if (*tables == 0) {
        sql = table_sql() + "INSERT INTO about VALUES (" + std::to_string(now) +
              "); PRAGMA user_version = " + std::to_string(version) + ";";
    }
    return database_.run((sql + "COMMIT").c_str());
}

Result<void> UsageDb::check() {
    const auto found = database_.number("PRAGMA user_version");
    if (!found) return found.error();
    if (*found != version) return other_file();
    auto verdict = database_.prepare("PRAGMA quick_check(1)");
    if (!verdict) return std::move(verdict).error();
    const auto row = verdict->step();
    if (!row) return row.error();
    if (*row && verdict->text(0) != "ok") return Error(ErrorKind::malformed, verdict->text(0));
    // Whether the columns are there.
    auto usual = database_.prepare(query_sql(GroupBy::tier));
    if (!usual) return other_file();
    return {};
}

Result<void> UsageDb::insert(const std::vector<stats::UsageEntry>& entries, std::int64_t hour) {
    auto statement = database_.prepare(insert_sql());
    if (!statement) return std::move(statement).error();
    for (const auto& entry : entries) {
        statement->bind(1, hour).bind(2, entry.target.provider).bind(3, entry.target.model);
        statement->bind(4, entry.route).bind(5, entry.preset);
        int position = 6;
        for (const std::uint64_t number : entry.row)
            statement->bind(position++, static_cast<std::int64_t>(number));
        const auto stepped = statement->step();
        if (!stepped) return stepped.error();
    }
    return {};
}

Result<void> UsageDb::add(const std::vector<stats::UsageEntry>& entries, std::int64_t now) {
    auto begun = database_.run("BEGIN IMMEDIATE");
    if (!begun) return begun;
    auto done = insert(entries, now / hour_seconds);
    if (done) done = database_.run("COMMIT");
    // Fails where SQLite has rolled back already, which is as good.
    if (!done) static_cast<void>(database_.run("ROLLBACK").has_value());
    return done;
}

Result<stats::UsageHistory> UsageDb::read(const stats::UsageQuestion& question) {
    stats::UsageHistory out;
    const auto began = database_.number("SELECT began FROM about");
    if (!began) return began.error();
    const std::int64_t hour = question.since.value_or(0) / hour_seconds;
    out.since = std::max(*began, hour * hour_seconds);
    auto statement = database_.prepare(query_sql(question.by));
    if (!statement) return std::move(statement).error();
    statement->bind(1, hour);
    for (;;) {
        const auto row = statement->step();
        if (!row) return row.error();
        if (!*row) return out;
        auto& line = out.lines.emplace_back();
        line.target = {statement->text(0), statement->text(1)};
        line.group = statement->text(2);
        int column = 3;
        for (std::uint64_t& number : line.row)
            number = static_cast<std::uint64_t>(statement->number(column++));
    }
}

Result<void> UsageDb::drop_before(std::int64_t time) {
    const std::string hour = std::to_string(time / hour_seconds);
    const std::string sql =
        "BEGIN IMMEDIATE; DELETE FROM usage WHERE hour < " + hour +
        "; UPDATE about SET began = " + std::to_string(time / hour_seconds * hour_seconds) +
        " WHERE began < " + std::to_string(time / hour_seconds * hour_seconds) + "; COMMIT;";
    auto done = database_.run(sql.c_str());
    if (!done) static_cast<void>(database_.run("ROLLBACK").has_value());
    return done;
}

}  // namespace ccr::store
