// SPDX-License-Identifier: MIT
#include "tests/mock/service.hpp"

#include "tests/mock/behaviours.hpp"

namespace ccr::mock {
namespace {

constexpr std::size_t max_cached = 64;

bool is_openai(const std::string& path) {
    return path == "/v1/chat/completions" || path == "/chat/completions";
}

// Also at Azure.
bool is_responses(const std::string& path) {
    return path == "/v1/responses" || path == "/responses" || path == "/openai/v1/responses";
}

bool is_anthropic(const std::string& path) {
    return path == "/v1/messages" || path == "/messages";
}

// "/v1beta/models/NAME:generateContent", also below a project and a location.
bool is_gemini(const std::string& path) {
    return path.find("/models/") != std::string::npos &&
           (path.ends_with(":generateContent") || path.ends_with(":streamGenerateContent"));
}

std::string models_json() {
    std::string out = R"({"object":"list","data":[)";
    bool first = true;
    for (const auto name : builtin_models()) {
        if (!first) out += ',';
        first = false;
        out += R"({"id":)" + quote(name) +
               R"(,"object":"model","created":1700000000,"owned_by":"mock"})";
    }
    return out + "]}";
}

// Model and streaming stand in the path.
void read_gemini_path(const std::string& path, Ask& ask) {
    constexpr std::string_view models = "/models/";
    const auto begin = path.rfind(models) + models.size();
    const auto method = path.rfind(':');
    ask.spec = ModelSpec(percent_decode(std::string_view(path).substr(begin, method - begin)));
    ask.stream = path.ends_with(":streamGenerateContent");
}

}  // namespace

const ScriptTurn& Script::next() {
    const auto call = calls++;
    const auto count = turns.size();
    if (random) return turns[dice() % count];
    return turns[loop ? call % count : std::min(call, count - 1)];
}

PlanPtr json_plan(int status, std::string_view body) {
    PlanBuilder builder;
    builder.response(status, {{"content-type", "application/json"}}, body);
    return builder.finish();
}

PlanPtr error_plan(Api api, int status, std::string_view type, std::string_view message) {
    return json_plan(status, error_json(api, status, type, message));
}

PlanPtr Service::answer(const Request& request) {
    const auto& path = request.path;
    if (path.rfind("/_mock/", 0) == 0) return answer_control(request);
    if (request.method == "GET" && (path == "/v1/models" || path == "/models"))
        return json_plan(200, models_json());
    if (request.method == "POST" && is_openai(path)) return answer_model(request, Api::openai);
    if (request.method == "POST" && is_responses(path))
        return answer_model(request, Api::responses);
    if (request.method == "POST" && is_gemini(path)) return answer_model(request, Api::gemini);
    if (request.method == "POST" && is_anthropic(path))
        return answer_model(request, Api::anthropic);
    if (request.method == "POST" && path == "/v1/messages/count_tokens")
        return json_plan(200,
                         "{\"input_tokens\":" + std::to_string(request.body.size() / 4 + 1) + "}");
    return error_plan(Api::openai, 404, "not_found", "no such path: " + path);
}

PlanPtr Service::answer_model(const Request& request, Api api) {
    rapidjson::Document body;
    if (!parse_json(request.body, body) || !body.IsObject())
        return error_plan(api, 400, "invalid_request_error", "the body is not a JSON object");
    Ask ask;
    ask.api = api;
    ask.body = &body;
    ask.spec = ModelSpec(string_of(find(body, "model"), "mock-echo"));
    ask.stream = bool_of(find(body, "stream"), false);
    if (const auto* options = find(body, "stream_options"))
        ask.include_usage = bool_of(find(*options, "include_usage"), false);
    if (api == Api::gemini) read_gemini_path(request.path, ask);
    ask.body_bytes = request.body.size();
    return answer_ask(ask);
}

PlanPtr Service::answer_ask(Ask& ask) {
    if (ask.spec.name == "mock-script") return answer_script(ask);
    if (ask.spec.name == "mock") return answer_cached(ask);
    if (auto plan = fault_plan(ask, *this)) return plan;
    if (auto plan = behaviour_plan(ask, *this)) return plan;
    // Any other model exists too, so that a provider's real model names can be used in a config.
    ask.spec.name = "mock-echo";
    return behaviour_plan(ask, *this);
}

// The plain text model answers everyone alike, so its plan is made once: a load of thousands of
// streams then costs the mock no more than their writes.
PlanPtr Service::answer_cached(const Ask& ask) {
    std::string key(ask.spec.full);
    key += static_cast<char>('0' + static_cast<int>(ask.api));
    key += ask.stream ? 's' : '-';
    key += ask.include_usage ? 'u' : '-';
    {
        const std::lock_guard lock(mutex_);
        if (const auto found = cache_.find(key); found != cache_.end()) return found->second;
    }
    auto plan = behaviour_plan(ask, *this);
    const std::lock_guard lock(mutex_);
    if (cache_.size() >= max_cached) cache_.clear();
    cache_.emplace(std::move(key), plan);
    return plan;
}

PlanPtr Service::answer_script(Ask& ask) {
    const auto& full = ask.spec.full;
    const auto name = full.substr(full.find(':') + 1);
    ScriptTurn turn;
    {
        const std::lock_guard lock(mutex_);
        const auto found = scripts_.find(name);
        if (found == scripts_.end())
            return error_plan(ask.api, 404, "not_found_error", "no script named " + name);
        turn = found->second.next();
    }
    if (turn.model.empty()) return script_plan(turn.steps, ask, *this);
    ask.spec = ModelSpec(turn.model);
    if (ask.spec.name == "mock-script")
        return error_plan(ask.api, 500, "mock_error", "a script cannot name a script");
    return answer_ask(ask);
}

void Service::open_gate(const std::string& name) {
    const std::lock_guard lock(mutex_);
    gates_.insert(name);
}

bool Service::gate_is_open(const std::string& name) {
    const std::lock_guard lock(mutex_);
    return gates_.count(name) > 0;
}

void Service::reset() {
    journal_.reset();
    const std::lock_guard lock(mutex_);
    scripts_.clear();
    gates_.clear();
    cache_.clear();
}

}  // namespace ccr::mock
