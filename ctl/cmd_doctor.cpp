// SPDX-License-Identifier: MIT
// `ccr doctor`: what stands in the way, and what to do about it.
#include <algorithm>
#include <array>

#include "common/json.hpp"
#include "ctl/commands.hpp"
#include "ctl/doctor.hpp"
#include "ctl/print.hpp"

namespace ccr::ctl {
namespace {

using State = Finding::State;

std::string_view word(State state) {
    constexpr std::array<std::string_view, 4> words{"ok", "warn", "fail", "skipped"};
    return words[static_cast<std::size_t>(state)];
}

Colour colour_of(State state) {
    constexpr std::array<Colour, 4> colours{Colour::green, Colour::yellow, Colour::red,
                                            Colour::dim};
    return colours[static_cast<std::size_t>(state)];
}

std::string as_json(const Findings& findings, bool good) {
    std::string text;
    json::Writer writer(text);
    writer.begin_object();
    writer.key("ok").boolean(good);
    writer.key("findings").begin_array();
    for (const Finding& finding : findings) {
        writer.begin_object();
        writer.key("state").string(word(finding.state));
        writer.key("name").string(finding.name);
        writer.key("text").string(finding.text);
        writer.key("todo").string(finding.todo);
        writer.end_object();
    }
    writer.end_array();
    writer.end_object();
    return text + "\n";
}

std::string as_text(const Findings& findings) {
    const bool colour = terminal().colour;
    std::string text;
    for (const Finding& finding : findings) {
        std::string state(word(finding.state));
        state.resize(7, ' ');
        text += painted(state, colour_of(finding.state), colour) + "  " + finding.name + ": " +
                finding.text + "\n";
        if (!finding.todo.empty()) text += "         -> " + finding.todo + "\n";
    }
    return text;
}

}  // namespace

int doctor(const Arguments& arguments) {
    const Settings settings = load_settings(config_file(arguments));
    Findings findings;
    look_at_config(settings, findings);
    look_at_router(arguments, settings, findings);
    look_at_clock(findings);
    look_at_unit(arguments, findings);
    look_at_client(settings, findings);
    if (arguments.has("offline")) {
        findings.push_back({State::skipped, "providers", "not asked, because of --offline", ""});
    } else if (settings.ok()) {
        look_at_providers(*settings.config, findings);
        look_at_search_engine(*settings.config, findings);
    }
    const bool good = std::none_of(findings.begin(), findings.end(), [](const Finding& finding) {
        return finding.state == State::fail;
    });
    out(arguments.json() ? as_json(findings, good) : as_text(findings));
    return good ? exit_ok : exit_failure;
}

}  // namespace ccr::ctl
