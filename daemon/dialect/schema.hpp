// SPDX-License-Identifier: MIT
// JSON Schemas of tools and of structured output in the form that a provider takes.
#pragma once

#include "common/json.hpp"
#include "daemon/dialect/profile.hpp"

namespace ccr::dialect {

// Writes a tool's parameters as one JSON value. The root is always an object schema with
// properties; "$schema" and "$id" are left out everywhere. A missing schema takes no parameters.
// What needs no change is copied as it is spelt.
void write_parameters(json::Writer& out, json::Value schema, SchemaStyle style);

// The same for structured output, where the root need not be an object.
void write_schema(json::Writer& out, json::Value schema, SchemaStyle style);

// True if strict mode would not refuse it: every object closed and all its properties required.
[[nodiscard]] bool strict_ready(json::Value schema);

}  // namespace ccr::dialect
