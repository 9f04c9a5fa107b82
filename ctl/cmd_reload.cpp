// SPDX-License-Identifier: MIT
// reload: asks for it and waits for what came of it.
#include "ctl/commands.hpp"
#include "ctl/print.hpp"
#include "ctl/service.hpp"

namespace ccr::ctl {
namespace {

constexpr Millis limit{60'000};
constexpr int unprocessable = 422;

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words)
        text += (text.empty() ? "" : ", ") + word;
    return text;
}

void tell_problems(const control::ReloadResult& result) {
    for (const config::Problem& problem : result.problems)
        std::fprintf(stderr, "%s\n", config::format(problem).c_str());
}

int tell(const control::ReloadResult& result) {
    tell_problems(result);
    if (!result.ok) {
        return complain(
            exit_config,
            "the old configuration is kept; " +
                (result.problems.empty() ? result.error : "mend what is above, then reload again"));
    }
    out(result.changed.empty() ? "reloaded; nothing has changed\n"
                               : "reloaded; changed: " + harmless(joined(result.changed)) + "\n");
    if (!result.needs_restart.empty())
        remark("takes effect with ccr restart only: " + joined(result.needs_restart));
    return exit_ok;
}

}  // namespace

int reload(const Arguments& arguments) {
    Client client(arguments);
    const auto unit = unit_for(arguments);
    // A connect would start a socket activated service just for being reloaded.
    if (unit && !unit->state.up() && unit->state.active != "reloading")
        return complain(exit_not_running, "ccrd is not running; ccr start starts it");
    const Ask ask{
        .method = "POST", .target = std::string(control::endpoint::reload), .limit = limit};
    auto answer = client.fetch<control::ReloadResult>(ask, unprocessable);
    if (!answer) return complain(answer.error());
    if (!arguments.json()) return tell(*answer);
    out(control::to_json(*answer) + "\n");
    return answer->ok ? exit_ok : exit_config;
}

}  // namespace ccr::ctl
