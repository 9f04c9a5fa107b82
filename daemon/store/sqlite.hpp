// SPDX-License-Identifier: MIT
// SQLite as the history needs it: one thread, values in place of exceptions.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "common/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace ccr::store {

class Statement;

// Errors are ErrorKind::malformed where the file itself is damaged, unavailable where another
// process holds it, io otherwise.
class Database {
  public:
    // Made if it is not there, mode 0600. ":memory:": nowhere. Not for use by two threads.
    [[nodiscard]] static Result<Database> open(const std::string& path);

    // Statements without values, one after the other.
    [[nodiscard]] Result<void> run(const char* sql);
    [[nodiscard]] Result<Statement> prepare(std::string_view sql);
    // The first column of the first row; 0 if there is none.
    [[nodiscard]] Result<std::int64_t> number(std::string_view sql);

  private:
    struct Close {
        void operator()(sqlite3* handle) const;
    };
    explicit Database(sqlite3* handle) : handle_(handle) {}

    std::unique_ptr<sqlite3, Close> handle_;
};

// Values are bound by position from 1, columns are read by position from 0. Must not outlive its
// database.
class Statement {
  public:
    Statement& bind(int position, std::int64_t value);
    Statement& bind(int position, std::string_view value);  // copied
    // True: there is a row. False: there is none (any more), and the statement can run again.
    [[nodiscard]] Result<bool> step();
    [[nodiscard]] std::int64_t number(int column) const;
    [[nodiscard]] std::string text(int column) const;

  private:
    friend class Database;
    struct Finalize {
        void operator()(sqlite3_stmt* handle) const;
    };
    explicit Statement(sqlite3_stmt* handle) : handle_(handle) {}

    std::unique_ptr<sqlite3_stmt, Finalize> handle_;
};

}  // namespace ccr::store
