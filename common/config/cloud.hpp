// SPDX-License-Identifier: MIT
// Providers whose URL names the model or the cloud project: Gemini, Google Vertex AI, Azure.
// Internal to common/config.
#pragma once

#include <string>
#include <string_view>

#include "common/config/build.hpp"

namespace ccr::config {

// One of the formats that Vertex AI offers.
struct VertexForm {
    std::string_view name;  // of the transformer and of the protocol
    Dialect dialect = Dialect::gemini;
    std::string_view version;       // of the API
    std::string_view location;      // where nothing says which
    std::string_view path;          // below the location, in front of the model if it names one
    std::string_view after;         // behind the model; empty: the path names none
    std::string_view after_stream;  // the same for streams
};

// nullptr: no such form.
[[nodiscard]] const VertexForm* vertex_form(std::string_view name);

// Endpoint, path and credentials; provider.endpoint holds the api_base_url unless that is missing.
// What cannot be made out is a warning, and the provider cannot be used.
void build_vertex(const json5::Value& entry, const std::string& path, const VertexForm& form,
                  Provider& provider, Problems& problems);

// By host, or because `profile` says so.
[[nodiscard]] bool is_azure(const json5::Value& entry, const Url& url);
// From the URL in provider.endpoint, a resource, a deployment or something complete.
void build_azure(Provider& provider);
// The same for the Responses format, which has no deployments in its URL.
void build_azure_responses(Provider& provider);

// From the URL in provider.endpoint, complete or a base. True if it held a key, which is left out.
bool build_gemini(Provider& provider);

}  // namespace ccr::config
