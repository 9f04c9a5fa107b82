// SPDX-License-Identifier: MIT
#include "daemon/api/endpoints.hpp"

#include <array>

#include "daemon/dialect/chat_door.hpp"

namespace ccr::api {
namespace {

constexpr bool open_to_all = false;
constexpr bool with_key = true;

constexpr std::array<Endpoint, 35> table{{
    {"POST", "/v1/messages", post_messages},
    {"POST", "/v1/messages/count_tokens", post_count_tokens},
    {"POST", "/v1/chat/completions", post_chat_completions, with_key, &dialect::openai_errors},
    {"POST", "/v1/responses", post_responses, with_key, &dialect::openai_errors},
    {"GET", "/v1/responses", response_socket, with_key, &dialect::openai_errors},
    {"POST", "/v1/responses/compact", compact_responses, with_key, &dialect::openai_errors},
    {"GET", "/v1/responses/{id}", stored_response, with_key, &dialect::openai_errors},
    {"DELETE", "/v1/responses/{id}", stored_response, with_key, &dialect::openai_errors},
    {"GET", "/v1/models", get_models},
    {"GET", "/v1/models/{id*}", get_model},
    {"GET", "/v1/presets", get_presets},
    {"POST", "/preset/{preset}/v1/messages", preset<post_messages>},
    {"POST", "/preset/{preset}/v1/messages/count_tokens", preset<post_count_tokens>},
    {"POST", "/preset/{preset}/v1/chat/completions", preset<post_chat_completions>, with_key,
     &dialect::openai_errors},
    {"POST", "/preset/{preset}/v1/responses", preset<post_responses>, with_key,
     &dialect::openai_errors},
    {"GET", "/preset/{preset}/v1/responses", preset<response_socket>, with_key,
     &dialect::openai_errors},
    {"POST", "/preset/{preset}/v1/responses/compact", preset<compact_responses>, with_key,
     &dialect::openai_errors},
    {"GET", "/preset/{preset}/v1/responses/{id}", preset<stored_response>, with_key,
     &dialect::openai_errors},
    {"DELETE", "/preset/{preset}/v1/responses/{id}", preset<stored_response>, with_key,
     &dialect::openai_errors},
    {"GET", "/preset/{preset}/v1/models", preset<get_models>},
    {"GET", "/preset/{preset}/v1/models/{id*}", preset<get_model>},
    // probes of clients whose base URL is the preset
    {"GET", "/preset/{preset}", preset<get_hello>},
    {"GET", "/v1/usage", get_usage},
    {"GET", "/v1/latencies", get_latencies},
    {"GET", "/metrics", get_metrics},
    {"GET", "/health", get_health, open_to_all},
    {"GET", "/ui", get_ui, open_to_all},
    {"GET", "/", get_hello, open_to_all},
    {"GET", "/api/hello", get_hello, open_to_all},
    {"POST", "/v1/messages/batches", not_offered},
    {"GET", "/v1/messages/batches", not_offered},
    {"GET", "/v1/messages/batches/{id*}", not_offered},
    {"POST", "/v1/files", not_offered},
    {"GET", "/v1/files", not_offered},
    {"POST", "/v1/complete", not_offered},
}};

}  // namespace

std::span<const Endpoint> endpoints() {
    return table;
}

}  // namespace ccr::api
