// SPDX-License-Identifier: MIT
// `ccr explain`: where the running router would send a request, and why. Nothing is sent.
#include "common/config/json5.hpp"
#include "common/config/text_edit.hpp"
#include "ctl/client.hpp"
#include "ctl/commands.hpp"
#include "ctl/files.hpp"
#include "ctl/print.hpp"

namespace ccr::ctl {
namespace {

constexpr std::size_t longest_body = std::size_t{64} << 20U;

std::string quoted(std::string_view text) {
    return json5::to_json({.type = json5::Type::string, .text = std::string(text)});
}

std::string smallest_body(const std::string& model) {
    return "{\"model\":" + quoted(model) +
           ",\"max_tokens\":1,\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]}";
}

// The request's text with this model in it.
Result<std::string> with_model(const std::string& body, const std::string& model) {
    return config::set_in_text(body, {{"model", false}}, quoted(model));
}

std::string as_text(const control::ExplainResult& result, const Terminal& where) {
    std::string text = "model asked for  " + harmless(result.requested_model) + "\n";
    if (!result.ok) return text + "no route         " + harmless(result.error) + "\n";
    text += "route            " + harmless(result.route) + "  (" + harmless(result.reason) + ")\n";
    text += "input tokens     " +
            count(static_cast<std::uint64_t>(result.input_tokens > 0 ? result.input_tokens : 0)) +
            (result.tokens_exact ? "\n" : " (estimated)\n");
    Table steps({{"RULE"}, {"APPLIES"}, {"WHY"}});
    for (const control::ExplainStep& step : result.steps) {
        steps.row({{harmless(step.rule)},
                   {step.applies ? "yes" : "no", step.applies ? Colour::green : Colour::dim},
                   {harmless(step.why)}});
    }
    if (!steps.empty()) text += "\n" + steps.text(where);
    Table candidates({{"TIER"}, {"TARGET"}, {"ASKED"}, {"WHY"}});
    for (const control::Candidate& candidate : result.candidates) {
        std::string why = harmless(candidate.why);
        if (candidate.opens_in_ms > 0)
            why += " (for " + duration(static_cast<double>(candidate.opens_in_ms) / 1000) + ")";
        candidates.row({{harmless(candidate.tier)},
                        {harmless(candidate.provider + "," + candidate.model)},
                        {candidate.asked ? "in its turn" : "passed over",
                         candidate.asked ? Colour::green : Colour::yellow},
                        {std::move(why)}});
    }
    if (!candidates.empty()) text += "\n" + candidates.text(where);
    return text;
}

}  // namespace

int explain(const Arguments& arguments) {
    const std::string file = arguments.operand(0);
    const auto model = arguments.value("model");
    if (file.empty() && !model)
        return complain(exit_usage,
                        "explain: give a request body (a file, or -), or --model for one of that "
                        "model");
    std::string body = smallest_body(model.value_or(""));
    if (!file.empty()) {
        Result<std::string> text = read_file(file, longest_body);
        if (!text) return complain(exit_code_of(text.error()), text.error().detail);
        body = std::move(*text);
        if (model) {
            Result<std::string> changed = with_model(body, *model);
            if (!changed) return complain(exit_failure, file + ": " + changed.error().detail);
            body = std::move(*changed);
        }
    }
    Client client(arguments);
    const Ask ask{.method = "POST",
                  .target = std::string(control::endpoint::explain),
                  .body = std::move(body)};
    const auto answer = client.exchange(ask);
    if (!answer) {
        if (answer.error().kind != ErrorKind::connect) return complain(answer.error());
        return complain(exit_not_running,
                        "the router is not running, and only a running one knows which targets it "
                        "would ask; start it by: ccr start");
    }
    if (answer->status / 100 != 2) return complain(Client::refusal(ask, *answer));
    const auto result = control::from_json<control::ExplainResult>(answer->body);
    if (!result) return complain(result.error());
    out(arguments.json() ? control::to_json(*result) + "\n" : as_text(*result, terminal()));
    return result->ok ? exit_ok : exit_failure;
}

}  // namespace ccr::ctl
