// SPDX-License-Identifier: MIT
// GET /v1/presets: the presets there are. Requests under /preset/NAME are the usual ones, on the
// preset's configuration; see proxy::pin.
#include "common/json.hpp"
#include "daemon/api/endpoints.hpp"

namespace ccr::api {
namespace {

void write_text(json::Writer& writer, std::string_view key, std::string_view text) {
    if (!text.empty()) writer.key(key).string(text);
}

void write_route(json::Writer& writer, std::string_view key, const config::TargetRef& target) {
    if (!target.empty()) writer.key(key).string(target.text());
}

void write_preset(json::Writer& writer, const proxy::ServedPreset& preset) {
    const config::Preset& about = preset.about;
    const config::Router& router = preset.snapshot->config().router;
    writer.begin_object().key("id").string(about.id).key("name").string(about.name);
    write_text(writer, "version", about.version);
    write_text(writer, "description", about.description);
    write_text(writer, "author", about.author);
    write_text(writer, "homepage", about.homepage);
    write_text(writer, "repository", about.repository);
    write_text(writer, "license", about.license);
    writer.key("keywords").begin_array();
    for (const auto& word : about.keywords)
        writer.string(word);
    writer.end_array();
    writer.key("path").string("/preset/" + about.id);
    writer.key("routes").begin_object();
    write_route(writer, "default", router.default_target);
    write_route(writer, "background", router.background);
    write_route(writer, "think", router.think);
    write_route(writer, "longContext", router.long_context);
    write_route(writer, "webSearch", router.web_search);
    write_route(writer, "image", router.image);
    writer.end_object().end_object();
}

// The names to choose from, for who asked for another.
Error no_such_preset(const proxy::Worker& worker, std::string_view wanted) {
    std::string known;
    for (const auto& preset : worker.snapshot->presets)
        known += (known.empty() ? "" : ", ") + preset.about.id;
    return {ErrorKind::not_found, "preset: " + std::string(wanted) + " does not exist; there is " +
                                      (known.empty() ? "none" : known) +
                                      " (a preset is a folder presets/NAME with a manifest.json "
                                      "beside the configuration file)"};
}

}  // namespace

asio::awaitable<void> get_presets(proxy::Worker& worker, http::Request&, http::Reply& reply) {
    const auto snapshot = worker.snapshot;
    std::string body;
    json::Writer writer(body);
    writer.begin_object().key("presets").begin_array();
    for (const auto& preset : snapshot->presets)
        write_preset(writer, preset);
    writer.end_array().end_object();
    const http::Headers headers{{"content-type", "application/json"}};
    auto sent = co_await reply.send(200, headers, body);
    if (!sent) reply.abort();
}

asio::awaitable<void> in_preset(Handler handler, proxy::Worker& worker, http::Request& request,
                                http::Reply& reply) {
    if (proxy::pin(worker, request) != nullptr) {
        co_await handler(worker, request, reply);
        co_return;
    }
    const Error error = no_such_preset(worker, request.param("preset"));
    auto sent = co_await reply.send_error(error);
    if (!sent) reply.abort();
}

}  // namespace ccr::api
