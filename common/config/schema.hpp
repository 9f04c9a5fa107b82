// SPDX-License-Identifier: MIT
// Every configuration key there is: one row each. Loader, checks, manual page and --print-schema
// all read this table.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "common/config/json5.hpp"

namespace ccr::config {

// What a key's value looks like. Numbers and booleans may also be given as strings, since that is
// what ${NAME} yields.
enum class Kind : std::uint8_t {
    boolean,
    integer,
    milliseconds,
    bytes,
    real,
    string,
    secret,            // a string that is never shown
    url,               // may hold a password: never shown either
    target,            // "provider,model"
    list,              // array of strings, or one string with commas
    secret_list,       // array of secrets
    secret_map,        // object of strings that are never shown
    object,            // with keys of its own in this table, or free ones (".*")
    array,             // its elements are the row "path[]"
    string_or_object,  // short form, or object with keys of its own in this table
    target_or_object,  // the same with "provider,model" as the short form
    any,
};

enum class Use : std::uint8_t {
    active,
    kept,  // accepted and kept in the file, without effect in this version: a warning says so
};

struct Key {
    std::string_view path;   // "Providers[].api_base_url"; [] = any element, * = any name
    std::string_view alias;  // other spellings, separated by spaces
    Kind kind = Kind::any;
    Use use = Use::active;
    std::string_view fallback;  // default, as it would be written; empty: none
    double min = 0;             // numbers only; min == max: no limits
    double max = 0;
    std::string_view doc;        // one sentence
    std::string_view note = {};  // kept keys: what to use instead, or why nothing is lost

    [[nodiscard]] std::string_view name() const;  // last part of the path
};

[[nodiscard]] std::span<const Key> schema();
// By generic path; a part that matches no name of its own matches a "*".
[[nodiscard]] const Key* find_key(std::string_view generic_path);
// The row below `parent` that a file's key means, by name, alias or "*".
[[nodiscard]] const Key* find_child(std::string_view parent, std::string_view name);
[[nodiscard]] std::vector<std::string_view> child_names(std::string_view parent);

[[nodiscard]] std::string_view kind_name(Kind kind);  // with article: "a number"
[[nodiscard]] bool is_secret(Kind kind);
[[nodiscard]] bool is_number(Kind kind);

}  // namespace ccr::config
