// SPDX-License-Identifier: MIT
// The end of the table of keys: those of the same file that other parts or programs use. For
// schema_rows.cpp alone.
#pragma once

#include "common/config/schema.hpp"

namespace ccr::config {

// clang-format off
inline constexpr Key other_rows[] = {
    {"NON_INTERACTIVE_MODE", "", Kind::boolean, Use::active, "false", 0, 0,
     "ccr code runs the client without a terminal."},
    {"CLAUDE_PATH", "", Kind::string, Use::active, "", 0, 0,
     "The client's executable, for ccr code; otherwise claude is looked for in PATH."},
    {"ANTHROPIC_SMALL_FAST_MODEL", "", Kind::string, Use::active, "", 0, 0,
     "The client's small model; ccr code and ccr activate give it to the client."},
    {"forceUseImageAgent", "", Kind::boolean, Use::active, "false", 0, 0,
     "Every request with an image anywhere goes to Router.image, whoever could see it."},
    {"StatusLine", "", Kind::any, Use::active, "", 0, 0,
     "The client's status line, for ccr code and ccr statusline."},
    {"plugins", "Plugins", Kind::any, Use::kept, "", 0, 0, "Plugins of other programs.",
     "GET /v1/latencies has the speed of answers; CUSTOM_ROUTER chooses targets"},
    {"pricing", "", Kind::any, Use::active, "", 0, 0,
     "Prices by model, by \"provider,model\", or by provider and model."},
    {"SSE_BUFFER_SIZE", "", Kind::any, Use::kept, "", 0, 0, "Chunks buffered per stream.",
     "nothing is buffered: a slow client slows its provider down"},
    {"LOG_FILE", "", Kind::any, Use::kept, "", 0, 0, "Log file.",
     "the log goes to the journal or to standard error"},
    {"AUTH_PORT", "", Kind::any, Use::kept, "", 0, 0, "Second port.", "there is one port, PORT"},
    {"AUTH_HOST", "", Kind::any, Use::kept, "", 0, 0, "Second address.",
     "there is one address, HOST"},
    {"BROKER_SOCKET", "", Kind::any, Use::kept, "", 0, 0, "Local broker.",
     "providers are asked directly, or through PROXY_URL"},
    {"Persistence", "", Kind::any, Use::kept, "", 0, 0, "Storage of statistics.",
     "statistics are kept in the state directory without it"},
    {"DebugCapture", "", Kind::any, Use::kept, "", 0, 0, "Recording of requests.",
     "LOG_LEVEL debug logs decisions; contents are never recorded"},
    {"Frontend", "", Kind::any, Use::kept, "", 0, 0, "Settings by client.",
     "Router.modelAliases names targets for clients, Presets have paths of their own"},
    {"GOOGLE_CLOUD_PROJECT", "", Kind::string, Use::kept, "", 0, 0, "For Vertex AI.",
     "set it in the environment, or as google.project of the provider"},
    {"GOOGLE_CLOUD_LOCATION", "", Kind::string, Use::kept, "", 0, 0, "For Vertex AI.",
     "set it in the environment, or as google.location of the provider"},
    {"GOOGLE_APPLICATION_CREDENTIALS", "", Kind::string, Use::kept, "", 0, 0, "For Vertex AI.",
     "set it in the environment, or as google.credentials of the provider"},
};
// clang-format on

}  // namespace ccr::config
