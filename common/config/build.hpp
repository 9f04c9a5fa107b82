// SPDX-License-Identifier: MIT
// From a prepared tree to the typed model, with the checks that concern more than one value.
// Internal to common/config.
#pragma once

#include <string>
#include <vector>

#include "common/config/tree.hpp"

namespace ccr::config {

// The parts that no other part depends on: server, log, timers, proxy.
void build_general(const json5::Value& root, const Lookup& lookup, Config& out, Problems& problems);
// What a preset may have of its own besides providers and routes: custom router, system prompt.
// Takes the place of the main config's; what only JavaScript could do is refused.
void build_own(const json5::Value& root, const Lookup& lookup, Config& out, Problems& problems);
// Providers in file order; of two with the same name the last one stays, as users of such files
// are used to.
void build_providers(const json5::Value& root, Config& out, Problems& problems);
// After the providers, whose names the routes are checked against: Router, fallback, Presets.
void build_router(const json5::Value& root, Config& out, Problems& problems);
// Router alone, as override files have it.
void build_routes(const json5::Value& root, const Config& config, Router& out, Problems& problems);
// Who is asked before the routes; the search path comes from `lookup`.
void build_custom_router(const json5::Value& root, const Lookup& lookup, const std::string& file,
                         CustomRouter& out, Problems& problems);
// The search engine that the router asks itself.
void build_web_search(const json5::Value& root, WebSearch& out, Problems& problems);
// `provider.tokenizer`, which other parts then read as it stands.
void build_tokenizer(const json5::Value& entry, const std::string& path, Provider& provider,
                     Problems& problems);

// `pricing` wherever it stands. What is read goes in front of what `out` has already.
void build_pricing(const json5::Value& root, Config& out, Problems& problems);

// `provider.transformers` and what follows from them for the limits.
void build_transformers(const json5::Value& entry, const std::string& path, Provider& provider,
                        Problems& problems);

// Which protocol the provider speaks and the complete URL for it; needs transformers.
void build_endpoint(const json5::Value& entry, const std::string& path, Provider& provider,
                    Problems& problems);

}  // namespace ccr::config
