// SPDX-License-Identifier: MIT
// GET /v1/models and /v1/models/{id}: the models that the config lists, as "provider,model", which
// is what a client may ask for, and again under an alias for clients that only take names of Claude
// models. One object carries the fields of the Anthropic list and of the OpenAI list, so that
// clients of both find what they look for; Codex, which names its version, gets a list of its own
// beside them.
#include <algorithm>

#include "common/json.hpp"
#include "common/text.hpp"
#include "daemon/api/endpoints.hpp"
#include "daemon/dialect/chat_door.hpp"
#include "daemon/route/plan.hpp"

namespace ccr::api {
namespace {

// Providers do not say when their models appeared; the field must be a date all the same.
constexpr std::string_view unknown_date = "1970-01-01T00:00:00Z";
constexpr std::int64_t max_limit = 1000;

struct Listed {
    const config::Provider* provider;
    const config::Model* model;
    bool alias;
    [[nodiscard]] std::string id() const {
        return alias ? route::claude_alias(provider->name, model->name)
                     : provider->name + "," + model->name;
    }
};

std::vector<Listed> all_models(const Config& config) {
    std::vector<Listed> models;
    for (const bool alias : {false, true}) {
        for (const auto& provider : config.providers) {
            for (const auto& model : provider.models)
                models.push_back({&provider, &model, alias});
        }
    }
    return models;
}

void write_limit(json::Writer& writer, std::string_view key, std::optional<std::uint64_t> limit) {
    writer.key(key);
    if (limit) {
        writer.number(static_cast<std::int64_t>(*limit));
    } else {
        writer.null();
    }
}

void write_model(json::Writer& writer, const Listed& listed) {
    writer.begin_object().key("type").string("model").key("id").string(listed.id());
    writer.key("display_name").string(listed.model->name + " (" + listed.provider->name + ")");
    writer.key("created_at").string(unknown_date);
    write_limit(writer, "max_input_tokens", listed.model->context_window);
    write_limit(writer, "max_tokens", listed.provider->output_limit(listed.model->name));
    writer.key("object").string("model").key("created").number(std::int64_t{0});
    writer.key("owned_by").string(listed.provider->name).end_object();
}

// The part of the list that limit, after_id and before_id ask for.
std::span<const Listed> page(const std::vector<Listed>& models, const http::Request& request) {
    std::span<const Listed> rest(models);
    const auto position = [&](const std::string& id) {
        std::size_t i = 0;
        while (i < models.size() && models[i].id() != id)
            ++i;
        return i;
    };
    if (const auto after = request.query_param("after_id")) {
        rest = rest.subspan(std::min(position(*after) + 1, rest.size()));
    } else if (const auto before = request.query_param("before_id")) {
        rest = rest.first(std::min(position(*before), rest.size()));
    }
    const auto text = request.query_param("limit");
    const auto limit = text ? to_number<std::int64_t>(*text).value_or(max_limit) : max_limit;
    const auto count = static_cast<std::size_t>(std::clamp<std::int64_t>(limit, 1, max_limit));
    const std::size_t shown = std::min(count, rest.size());
    return request.query_param("before_id") ? rest.last(shown) : rest.first(shown);
}

void write_slugs(json::Writer& writer, std::span<const Listed> models) {
    writer.key("models").begin_array();
    for (const auto& listed : models) {
        writer.begin_object().key("slug").string(listed.id());
        writer.key("display_name").string(listed.model->name + " (" + listed.provider->name + ")");
        write_limit(writer, "context_window", listed.model->context_window);
        writer.end_object();
    }
    writer.end_array();
}

// Clients of Anthropic name its version or send its header; all others are told as OpenAI's.
void use_callers_errors(const http::Request& request, http::Reply& reply) {
    const bool anthropic =
        request.headers.has("anthropic-version") || request.headers.has("x-api-key");
    if (!anthropic) reply.use_errors(dialect::openai_errors);
}

void write_id(json::Writer& writer, std::string_view key, const Listed* listed) {
    writer.key(key);
    if (listed != nullptr) {
        writer.string(listed->id());
    } else {
        writer.null();
    }
}

}  // namespace

asio::awaitable<void> get_models(proxy::Worker& worker, http::Request& request,
                                 http::Reply& reply) {
    const auto snapshot = proxy::pin(worker, request);
    const auto models = all_models(snapshot->config());
    const auto shown = page(models, request);
    std::string body;
    json::Writer writer(body);
    writer.begin_object().key("object").string("list").key("data").begin_array();
    for (const auto& listed : shown)
        write_model(writer, listed);
    writer.end_array();
    const bool backwards = request.query_param("before_id").has_value();
    const bool more = !shown.empty() && (backwards ? &shown.front() != &models.front()
                                                   : &shown.back() != &models.back());
    if (request.query_param("client_version")) write_slugs(writer, shown);
    writer.key("has_more").boolean(more);
    write_id(writer, "first_id", shown.empty() ? nullptr : &shown.front());
    write_id(writer, "last_id", shown.empty() ? nullptr : &shown.back());
    writer.end_object();
    const http::Headers headers{{"content-type", "application/json"}};
    auto sent = co_await reply.send(200, headers, body);
    if (!sent) reply.abort();
}

asio::awaitable<void> get_model(proxy::Worker& worker, http::Request& request, http::Reply& reply) {
    const auto snapshot = proxy::pin(worker, request);
    const std::string_view wanted = request.param("id");
    const auto models = all_models(snapshot->config());
    for (const auto& listed : models) {
        if (!iequals(listed.id(), wanted) && !iequals(listed.model->name, wanted)) continue;
        std::string body;
        json::Writer writer(body);
        write_model(writer, listed);
        const http::Headers headers{{"content-type", "application/json"}};
        auto sent = co_await reply.send(200, headers, body);
        if (!sent) reply.abort();
        co_return;
    }
    use_callers_errors(request, reply);
    const Error error(
        ErrorKind::model_missing,
        "model: " + std::string(wanted) + " is not configured; GET /v1/models lists what is");
    auto sent = co_await reply.send_error(error);
    if (!sent) reply.abort();
}

}  // namespace ccr::api
