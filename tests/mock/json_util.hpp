// SPDX-License-Identifier: MIT
// The little JSON that the mock needs: parse without recursion, look up without asserting, quote.
#pragma once

#include <rapidjson/document.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ccr::mock {

using Json = rapidjson::Value;

// False if `text` is not one JSON value. Comments and trailing commas are refused.
bool parse_json(std::string_view text, rapidjson::Document& out);

// Member of an object, or nullptr when there is none (or `value` is no object).
const Json* find(const Json& value, const char* name);
std::string_view string_of(const Json* value, std::string_view otherwise = {});
std::int64_t int_of(const Json* value, std::int64_t otherwise);
bool bool_of(const Json* value, bool otherwise);

std::string quote(std::string_view text);  // a JSON string literal
std::string to_json(const Json& value);    // compact text

// Cuts `text` into `count` pieces of about equal size, never inside a UTF-8 sequence; empty pieces
// are left out.
std::vector<std::string_view> split_even(std::string_view text, std::size_t count);

}  // namespace ccr::mock
