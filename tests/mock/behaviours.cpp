// SPDX-License-Identifier: MIT
#include "tests/mock/behaviours.hpp"

#include <algorithm>

namespace ccr::mock {
namespace {

constexpr std::size_t echo_limit = 200;

std::vector<std::string> pieces_of(std::string_view text, std::size_t count) {
    const auto parts = split_even(text, count);
    return {parts.begin(), parts.end()};
}

// One piece per word, the way models stream.
std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> out;
    while (!text.empty()) {
        const auto space = text.find(' ', 1);
        out.emplace_back(text.substr(0, space));
        text.remove_prefix(std::min(space, text.size()));
    }
    return out;
}

std::vector<std::string> text_pieces(const ModelSpec& spec, std::string_view otherwise) {
    const auto chunks =
        static_cast<std::size_t>(std::max<std::int64_t>(spec.number("chunks", 0), 0));
    if (spec.has("text") || chunks == 0) {
        const auto text = spec.text("text", otherwise);
        return chunks == 0 ? words_of(text) : pieces_of(text, chunks);
    }
    // Filler of a given size per event, for loads.
    const auto size =
        static_cast<std::size_t>(std::clamp<std::int64_t>(spec.number("size", 20), 1, 1 << 20));
    std::string word(size, 'x');
    word.back() = ' ';
    return {chunks, word};
}

void fill_tools(const Ask& ask, Service& service, Reply& reply, bool parallel) {
    std::string result;
    if (ends_with_tool_result(*ask.body, result)) {
        result.resize(std::min(result.size(), echo_limit));
        reply.text = text_pieces(ask.spec, "The tool answered: " + result);
        return;
    }
    auto offered = offered_tools(*ask.body);
    const auto wanted = ask.spec.text("tool");
    if (!wanted.empty()) {
        const auto other = [&wanted](const OfferedTool& tool) { return tool.name != wanted; };
        offered.erase(std::remove_if(offered.begin(), offered.end(), other), offered.end());
    }
    if (offered.empty()) {
        reply.text = text_pieces(ask.spec, "No tool was offered.");
        return;
    }
    if (ask.spec.has("text")) reply.text = text_pieces(ask.spec, {});
    const auto count = static_cast<std::size_t>(
        std::clamp<std::int64_t>(ask.spec.number("calls", parallel ? 2 : 1), 1, 64));
    for (std::size_t i = 0; i < count; ++i) {
        const auto& tool = offered[i % offered.size()];
        const auto prefix = ask.api == Api::anthropic ? "toolu_mock_" : "call_mock_";
        reply.tools.push_back({prefix + std::to_string(service.next_id()), tool.name,
                               ask.spec.text("args", plausible_arguments(tool))});
    }
    reply.interleave = parallel;
}

void fill_echo(const Ask& ask, Reply& reply) {
    auto text = last_user_text(*ask.body);
    if (text.size() > echo_limit && !ask.spec.has("full")) {
        std::size_t end = echo_limit;
        while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
            --end;
        text.resize(end);
    }
    reply.text = text_pieces(ask.spec, "Mock reply to: " + text);
}

}  // namespace

const std::vector<std::string_view>& builtin_models() {
    static const std::vector<std::string_view> names{"mock-echo",       "mock",
                                                     "mock-tools",      "mock-parallel-tools",
                                                     "mock-reasoning",  "mock-think-tags",
                                                     "mock-gzip",       "mock-non-sse-json",
                                                     "mock-no-done",    "mock-empty-stream",
                                                     "mock-reset",      "mock-half-close",
                                                     "mock-slow-drip",  "mock-bad-chunk",
                                                     "mock-200-error",  "mock-html-error",
                                                     "mock-hang",       "mock-truncated",
                                                     "mock-429",        "mock-500",
                                                     "mock-503",        "mock-529",
                                                     "mock-401",        "mock-overflow",
                                                     "mock-bad-json",   "mock-empty-200",
                                                     "mock-max-tokens", "mock-status"};
    return names;
}

Reply make_reply(const Ask& ask, Service& service) {
    const auto& name = ask.spec.name;
    Reply reply;
    const std::string prefix = ask.api == Api::openai      ? "chatcmpl-mock-"
                               : ask.api == Api::responses ? "resp_mock_"
                                                           : "msg_mock_";
    reply.id = prefix + std::to_string(name == "mock" ? 0 : service.next_id());
    reply.model = ask.spec.full;
    reply.include_usage = ask.include_usage;
    reply.finish = ask.spec.text("finish");
    reply.reasoning = ask.spec.text("reasoning");

    if (name == "mock-tools" || name == "mock-parallel-tools")
        fill_tools(ask, service, reply, name == "mock-parallel-tools");
    else if (name == "mock-think-tags")
        reply.text = text_pieces(ask.spec, "<think>Let me consider this.</think>The answer is 42.");
    else if (name == "mock-echo")
        fill_echo(ask, reply);
    else if (name != "mock-empty-stream")
        reply.text = text_pieces(ask.spec, "Hello from the mock provider, word by word.");
    if (name == "mock-reasoning" && reply.reasoning.empty())
        reply.reasoning = "The user asks something. I shall think first, then answer.";

    const auto estimate = static_cast<std::int64_t>(ask.body_bytes / 4 + 1);
    const auto count = [&ask](const char* key, std::int64_t otherwise) {
        return static_cast<std::uint64_t>(
            std::max<std::int64_t>(ask.spec.number(key, otherwise), 0));
    };
    reply.input_tokens = count("input", estimate);
    reply.cached_tokens = std::min(count("cached", 0), reply.input_tokens);
    reply.output_tokens =
        count("output", static_cast<std::int64_t>(reply.text.size() + reply.reasoning.size() / 4 +
                                                  reply.tools.size() * 8));
    return reply;
}

HeaderList reply_headers(Api api, bool stream, std::string_view id) {
    HeaderList headers{{"content-type", stream ? "text/event-stream" : "application/json"}};
    if (stream) headers.emplace_back("cache-control", "no-cache");
    if (api == Api::gemini) return headers;
    if (api == Api::openai || api == Api::responses) {
        headers.emplace_back("x-request-id", "req-" + std::string(id));
        headers.emplace_back("x-ratelimit-remaining-requests", "999");
        return headers;
    }
    headers.emplace_back("request-id", "req_" + std::string(id));
    headers.emplace_back("anthropic-organization-id", "org-mock");
    headers.emplace_back("anthropic-ratelimit-requests-limit", "1000");
    headers.emplace_back("anthropic-ratelimit-requests-remaining", "999");
    headers.emplace_back("anthropic-ratelimit-requests-reset", "2030-01-01T00:00:00Z");
    headers.emplace_back("anthropic-ratelimit-input-tokens-remaining", "99000");
    return headers;
}

void play_frames(PlanBuilder& builder, const Ask& ask, const std::vector<std::string>& frames,
                 std::size_t count) {
    const auto interval = ask.spec.millis("interval_ms", 0);
    // The opening events come together with the first piece of content, as from real models.
    const std::size_t together = ask.api == Api::openai ? 2 : 4;
    if (ask.spec.has("first_ms")) builder.delay(ask.spec.millis("first_ms", 0));
    for (std::size_t i = 0; i < std::min(count, frames.size()); ++i) {
        if (i >= together && interval > 0) builder.delay(interval);
        builder.body(frames[i]);
    }
}

PlanPtr behaviour_plan(const Ask& ask, Service& service) {
    const auto& names = builtin_models();
    if (std::find(names.begin(), names.end(), std::string_view(ask.spec.name)) == names.end())
        return nullptr;
    const auto reply = make_reply(ask, service);
    PlanBuilder builder;
    if (ask.spec.name == "mock-gzip") builder.gzip();
    if (ask.spec.has("close")) builder.close_at_end();
    if (ask.spec.has("delay_ms")) builder.delay(ask.spec.millis("delay_ms", 0));
    const bool stream = ask.stream && ask.spec.name != "mock-non-sse-json";
    if (!stream) {
        builder.response(200, reply_headers(ask.api, false, reply.id), body_of(ask.api, reply));
        return builder.finish();
    }
    builder.head(200, reply_headers(ask.api, true, reply.id), Framing::chunked);
    const auto frames = frames_of(ask.api, reply);
    const std::size_t cut = ask.spec.name == "mock-no-done" && ask.api == Api::openai ? 1 : 0;
    play_frames(builder, ask, frames, frames.size() - cut);
    return builder.finish();
}

}  // namespace ccr::mock
