// SPDX-License-Identifier: MIT
#include "ctl/event_text.hpp"

#include <ctime>

#include "ctl/print.hpp"

namespace ccr::ctl {
namespace {

std::string request_text(const control::Event& event) {
    std::string text = event.method + " " + event.path;
    if (!event.route.empty()) text += " " + event.route;
    if (!event.provider.empty()) text += " " + event.provider + "," + event.model;
    if (!event.tier.empty()) text += " (" + event.tier + ")";
    if (event.attempts > 1) text += " " + std::to_string(event.attempts) + " attempts";
    if (event.ttft_ms) text += " ttft " + duration(static_cast<double>(*event.ttft_ms) / 1000);
    if (event.total_ms) text += " total " + duration(static_cast<double>(*event.total_ms) / 1000);
    if (event.input_tokens || event.output_tokens) {
        text += " tokens " + std::to_string(event.input_tokens.value_or(0)) + "/" +
                std::to_string(event.output_tokens.value_or(0));
    }
    if (!event.error.empty()) text += " " + event.error;
    if (!event.warn.empty()) text += " warn: " + event.warn;
    return text;
}

}  // namespace

std::string time_of_day(std::int64_t milliseconds) {
    const std::time_t seconds = milliseconds / 1000;
    std::tm local{};
    ::localtime_r(&seconds, &local);
    char text[16];
    return {text, std::strftime(text, sizeof text, "%T", &local)};
}

std::string event_line(const control::Event& event, bool colour) {
    const std::string when = painted(time_of_day(event.at), Colour::dim, colour) + " ";
    if (event.type == "request") {
        const Colour of = event.status < 400 ? Colour::green : Colour::red;
        return when + painted(std::to_string(event.status), of, colour) + " " +
               harmless(request_text(event));
    }
    if (event.type == "state")
        return when + painted(harmless(event.what), Colour::yellow, colour) + " " +
               harmless(event.message);
    if (event.type == "lagged")
        return when + painted(std::to_string(event.missed) + " events were missed", Colour::yellow,
                              colour);
    return {};
}

}  // namespace ccr::ctl
