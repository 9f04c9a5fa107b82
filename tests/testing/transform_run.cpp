// SPDX-License-Identifier: MIT
#include "tests/testing/transform_run.hpp"

#include "common/config/load.hpp"
#include "daemon/dialect/anthropic_splice.hpp"
#include "daemon/dialect/anthropic_writer.hpp"
#include "daemon/dialect/openai_chat.hpp"

namespace ccr::testing {
namespace {

std::string config_text(const std::string& transformer, const std::string& more) {
    return R"({Providers: [{name: "p", api_base_url: "https://host.test/v1/chat/completions",
        api_key: "k", models: ["m", "claude-m"], transformer: )" +
           transformer + (more.empty() ? "" : ", ") + more + R"(}], Router: {default: "p,m"}})";
}

// Content blocks of a message as ReadReply::shape() tells them.
std::string shape_of_body(std::string_view body) {
    json::Document document;
    const auto root = document.parse_view(body);
    if (!root) return "no JSON";
    std::string out;
    for (const json::Value block : (*root)["content"].elements()) {
        if (!out.empty()) out += ' ';
        const std::string_view type = block["type"].str();
        out += type;
        if (type == "tool_use") {
            out.append(":").append(block["name"].str()).append(block["input"].raw());
        } else {
            out.append("[").append(block[type].str()).append("]");
        }
    }
    return out;
}

}  // namespace

TransformRun::TransformRun(const std::string& transformer, const std::string& more) {
    const auto nothing = [](std::string_view) -> std::optional<std::string> {
        return std::nullopt;
    };
    auto loaded = config::load_text(config_text(transformer, more), "c.json", nothing);
    for (const config::Problem& problem : loaded.problems)
        problem_ += format(problem) + "\n";
    if (!loaded.config) return;
    auto built = route::Directory::build(loaded.config);
    if (!built) {
        problem_ += built.error().chain();
        return;
    }
    directory_ = std::move(*built);
    provider_ = directory_->find("p");
}

const transform::Chain* TransformRun::chain(std::string_view model) const {
    return provider_->transforms.find(model);
}

dialect::Profile TransformRun::prepare(const chat::Request& request, std::string_view model,
                                       dialect::Overlay& overlay) {
    auto profile = dialect::for_model(provider_->profile_for(model), model);
    const bool capped = provider_->config->output_limit(model).has_value();
    if (const auto* steps = chain(model)) steps->apply({request, model, capped, profile, overlay});
    return profile;
}

std::string TransformRun::chat(const std::string& client_body, std::string_view model) {
    RequestRun run(client_body);
    if (!run.decoded()) return "error: " + run.decoded().error().detail;
    dialect::Overlay overlay;
    const auto profile = prepare(run.request(), model, overlay);
    dialect::EncodeOptions options;
    options.model = model;
    options.profile = &profile;
    options.max_output_tokens =
        static_cast<std::int64_t>(provider_->config->output_limit(model).value_or(0));
    options.envelope_key = test_envelope_key;
    options.overlay = &overlay;
    auto encoded = dialect::openai_chat::encode_request(run.request(), options);
    return encoded ? std::move(encoded->body) : "error: " + encoded.error().detail;
}

std::string TransformRun::spliced(const std::string& client_body, std::string_view model) {
    RequestRun run(client_body);
    if (!run.decoded()) return "error: " + run.decoded().error().detail;
    dialect::Overlay overlay;
    prepare(run.request(), model, overlay);
    dialect::SpliceOptions options;
    options.model = model;
    options.max_output_tokens =
        static_cast<std::int64_t>(provider_->config->output_limit(model).value_or(0));
    options.envelope_key = test_envelope_key;
    options.overlay = &overlay;
    return dialect::splice(run.request(), options);
}

std::string TransformRun::chat_member(std::string_view key, std::string_view more,
                                      std::string_view model) {
    const std::string body = chat(simple_body(more), model);
    return body.starts_with("error: ") ? body : compact(member(body, key));
}

std::string TransformRun::streamed(const std::string& sse, std::size_t cut,
                                   std::string_view model) {
    ReplyRun run;
    dialect::Overlay overlay;
    run.profile = prepare(run.request, model, overlay);
    run.anthropic_provider = anthropic;
    const auto out = run.writer();
    transform::Filters filters(*out);
    if (const auto* steps = chain(model)) steps->extend(filters, {run.profile});
    const auto in = run.decoder();
    feed_stream(*in, sse, cut, filters.front());
    in->end(true, filters.front());
    const auto reply = read_anthropic_stream(out->output());
    return reply.problem.empty() ? reply.shape() : "problem: " + reply.problem;
}

std::string TransformRun::whole(const std::string& body, std::string_view model) {
    ReplyRun run;
    dialect::Overlay overlay;
    run.profile = prepare(run.request, model, overlay);
    run.anthropic_provider = anthropic;
    run.context.encoded = &run.encoded;
    run.context.request = &run.request;
    run.context.bad_arguments_as_text = true;
    const auto out = dialect::anthropic_body_writer(run.context);
    transform::Filters filters(*out);
    if (const auto* steps = chain(model)) steps->extend(filters, {run.profile});
    const auto in = run.decoder();
    in->body(body, filters.front());
    in->end(true, filters.front());
    auto folded = out->finish();
    return folded ? shape_of_body(*folded) : "error: " + folded.error().detail;
}

std::string completion(std::string_view message, std::string_view finish) {
    std::string out = R"({"id":"up-1","model":"m","choices":[{"index":0,"message":)";
    return out.append(message).append(R"(,"finish_reason":")").append(finish).append("\"}]}");
}

std::string call_message(std::string_view name, std::string_view arguments) {
    std::string out = R"({"content":null,"tool_calls":[{"index":0,"id":"c","function":{"name":")";
    return out.append(name).append(R"(","arguments":")") + json::escape(arguments) + "\"}}]}";
}

std::vector<std::string> call_deltas(std::string_view name, std::string_view arguments,
                                     std::size_t size) {
    std::vector<std::string> deltas{R"({"tool_calls":[{"index":0,"id":"c","function":{"name":")" +
                                    std::string(name) + R"(","arguments":""}}]})"};
    for (std::size_t at = 0; at < arguments.size(); at += size) {
        deltas.push_back(R"({"tool_calls":[{"index":0,"function":{"arguments":")" +
                         json::escape(arguments.substr(at, size)) + "\"}}]}");
    }
    return deltas;
}

}  // namespace ccr::testing
