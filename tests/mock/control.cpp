// SPDX-License-Identifier: MIT
// The test's side door, under /_mock/:
//   GET  requests[?raw=1]   the last requests, oldest first
//   GET  stats              running totals and gauges
//   GET  wait?requests=N&aborted=N&finished=N&streams_open=N&timeout_ms=N
//                           answers when every named total has reached its number (streams_open:
//                           has fallen to it), 408 if that takes longer than timeout_ms (5000)
//   POST scripts/NAME       steps, {"steps": [...]} or {"sequence": [steps or model...], "loop":
//   bool} POST gates/NAME         lets every script pass that waits at that gate POST reset forgets
//   requests, totals, scripts and gates
#include <charconv>

#include "tests/mock/service.hpp"

namespace ccr::mock {
namespace {

bool parse_turn(const Json& value, ScriptTurn& out) {
    if (value.IsString()) {
        out.model = string_of(&value);
        return !out.model.empty();
    }
    if (!value.IsArray()) return false;
    out.steps = to_json(value);
    return true;
}

bool parse_script(std::string_view text, Script& out) {
    rapidjson::Document document;
    if (!parse_json(text, document)) return false;
    const auto* sequence = find(document, "sequence");
    if (sequence == nullptr) {
        const auto* steps = find(document, "steps");
        return parse_turn(steps == nullptr ? document : *steps, out.turns.emplace_back());
    }
    out.loop = bool_of(find(document, "loop"), false);
    if (const auto* seed = find(document, "random")) {
        out.random = true;
        out.dice.seed(static_cast<std::uint32_t>(int_of(seed, 1)));
    }
    if (!sequence->IsArray() || sequence->Empty()) return false;
    for (const auto& turn : sequence->GetArray())
        if (!parse_turn(turn, out.turns.emplace_back())) return false;
    return true;
}

std::int64_t number_of(const std::string& text, std::int64_t otherwise) {
    std::int64_t value = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
    return result.ec == std::errc() ? value : otherwise;
}

}  // namespace

PlanPtr Service::answer_control(const Request& request) {
    const std::string_view name = std::string_view(request.path).substr(7);
    const auto below = [&name](std::string_view prefix) { return name.rfind(prefix, 0) == 0; };
    if (request.method == "GET") {
        if (name == "requests")
            return json_plan(200, journal_.requests_json(!request.query_value("raw", "").empty()));
        if (name == "stats") return json_plan(200, journal_.stats_json());
        if (name == "wait") return wait_for(request);
    }
    if (request.method == "POST") {
        if (below("scripts/")) return put_script(std::string(name.substr(8)), request.body);
        if (below("gates/")) {
            open_gate(std::string(name.substr(6)));
            return json_plan(200, R"({"ok":true})");
        }
        if (name == "reset") {
            reset();
            return json_plan(200, R"({"ok":true})");
        }
    }
    return json_plan(404, R"({"error":"no such control path"})");
}

PlanPtr Service::put_script(const std::string& name, std::string_view body) {
    Script script;
    if (name.empty() || !parse_script(body, script))
        return json_plan(400, R"({"error":"not a script"})");
    const std::lock_guard lock(mutex_);
    scripts_[name] = std::move(script);
    return json_plan(200, R"({"ok":true})");
}

PlanPtr Service::wait_for(const Request& request) {
    const auto want = [&request](const char* key, std::int64_t otherwise) {
        return number_of(request.query_value(key, ""), otherwise);
    };
    const auto requests = static_cast<std::uint64_t>(want("requests", 0));
    const auto aborted = static_cast<std::uint64_t>(want("aborted", 0));
    const auto finished = static_cast<std::uint64_t>(want("finished", 0));
    const auto open = want("streams_open", -1);
    auto ready = [this, requests, aborted, finished, open] {
        // The waiting request is itself one of the open streams.
        return journal_.requests >= requests && journal_.aborted >= aborted &&
               journal_.finished >= finished && (open < 0 || journal_.streams_open - 1 <= open);
    };
    PlanBuilder builder;
    builder.wait(std::move(ready), static_cast<std::uint32_t>(want("timeout_ms", 5000)),
                 json_response(408, R"({"ok":false})"));
    builder.response(200, {{"content-type", "application/json"}}, R"({"ok":true})");
    return builder.finish();
}

}  // namespace ccr::mock
