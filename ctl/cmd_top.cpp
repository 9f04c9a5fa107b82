// SPDX-License-Identifier: MIT
// top: the feed of events keeps the recent requests, status and usage are asked for now and then.
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "common/json.hpp"
#include "common/text.hpp"
#include "ctl/commands.hpp"
#include "ctl/interrupt.hpp"
#include "ctl/print.hpp"
#include "ctl/screen.hpp"
#include "ctl/service.hpp"
#include "ctl/top_view.hpp"

namespace ccr::ctl {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr Millis ask_limit{2000};
constexpr Millis feed_silence{24 * 3600 * 1000};
constexpr int reconnect_pause = 100;  // ms, between two looks at the keys
constexpr long page = 10;

struct Sample {
    SteadyTime at;
    std::uint64_t requests = 0;
};

class Watcher {
  public:
    explicit Watcher(const Arguments& arguments) : asking_(arguments) {}

    [[nodiscard]] const Top& top() const { return top_; }
    Top& top() { return top_; }
    [[nodiscard]] const std::string& usage() const { return usage_; }

    Result<void> refresh() {
        auto status = asking_.fetch<control::Status>(
            {.target = std::string(control::endpoint::status), .limit = ask_limit});
        if (!status) {
            top_.trouble = status.error().detail;
            return std::move(status).error();
        }
        top_.status = std::move(*status);
        top_.trouble.clear();
        auto usage =
            asking_.exchange({.target = std::string(control::endpoint::usage), .limit = ask_limit});
        if (usage && usage->status == 200) read_usage(std::move(usage->body));
        return {};
    }

  private:
    void read_usage(std::string body) {
        json::Document document;
        const auto root = document.parse_view(body);
        if (!root) return;
        const auto total = (*root)["total_requests"].integer().value_or(0);
        top_.total_requests = static_cast<std::uint64_t>(std::max<std::int64_t>(total, 0));
        top_.total_cost = (*root)["total_cost_usd"].number();
        usage_ = std::move(body);
        const SteadyTime now = SteadyClock::now();
        samples_.push_back({now, top_.total_requests});
        while (now - samples_.front().at > std::chrono::minutes(1))
            samples_.pop_front();
        const std::chrono::duration<double> span = now - samples_.front().at;
        if (span.count() < 0.5 || top_.total_requests < samples_.front().requests) return;
        const auto more = static_cast<double>(top_.total_requests - samples_.front().requests);
        top_.requests_per_minute = more * 60 / span.count();
    }

    Client asking_;
    Top top_;
    std::string usage_;
    std::deque<Sample> samples_;
};

int once(const Arguments& arguments) {
    Watcher watcher(arguments);
    if (auto asked = watcher.refresh(); !asked) return complain(asked.error());
    if (!arguments.json()) {
        Terminal where = terminal();
        where.rows = 0;
        for (const std::string& line : view(watcher.top(), where))
            out(line + "\n");
        return exit_ok;
    }
    std::string text;
    json::Writer writer(text);
    writer.begin_object();
    writer.key("status").raw(control::to_json(watcher.top().status));
    writer.key("usage").raw(watcher.usage().empty() ? "null" : watcher.usage());
    writer.end_object();
    out(text + "\n");
    return exit_ok;
}

// The live view: everything is done in look(), which runs ten times a second.
class Live {
  public:
    Live(const Arguments& arguments, Millis interval)
        : watcher_(arguments), feed_(arguments), interval_(interval) {}

    int run() {
        if (auto asked = watcher_.refresh(); !asked) return complain(asked.error());
        next_ = SteadyClock::now() + interval_;
        const Interrupts interrupts;
        {
            Screen screen;
            screen_ = &screen;
            draw();
            while (!over_) {
                follow();
                if (!over_) ::poll(nullptr, 0, reconnect_pause);
                look();
            }
        }
        const int signal = Interrupts::last();
        return signal == 0 || signal == SIGINT ? exit_ok : 128 + signal;
    }

  private:
    void follow() {
        const Ask ask{.target = std::string(control::endpoint::events),
                      .accept = "text/event-stream",
                      .limit = feed_silence};
        // However it ends: the next refresh tells what is wrong, and it is tried again.
        const auto ended = feed_.stream(
            ask,
            [this](std::string_view, std::string_view data) {
                if (auto event = control::from_json<control::Event>(data))
                    watcher_.top().add(std::move(*event));
                look();
                return !over_ && watcher_.top().trouble.empty();
            },
            [this] {
                look();
                return !over_ && watcher_.top().trouble.empty();
            });
        if (!ended && watcher_.top().trouble.empty()) next_ = SteadyClock::now();
    }

    void look() {
        if (over_) return;
        if (Interrupts::count() > 0) over_ = true;
        bool changed = Interrupts::resized();
        for (Key key = screen_->key(); key != Key::none; key = screen_->key()) {
            press(key);
            changed = true;
        }
        if (SteadyClock::now() >= next_) {
            // Its error is shown in the view.
            static_cast<void>(watcher_.refresh().has_value());
            next_ = SteadyClock::now() + interval_;
            changed = true;
        }
        if (changed && !over_) draw();
    }

    void press(Key key) {
        Top& top = watcher_.top();
        switch (key) {
            case Key::quit:
                over_ = true;
                break;
            case Key::up:
                top.scroll(-1);
                break;
            case Key::down:
                top.scroll(1);
                break;
            case Key::page_up:
                top.scroll(-page);
                break;
            case Key::page_down:
                top.scroll(page);
                break;
            case Key::home:
                top.scrolled = 0;
                break;
            case Key::none:
                break;
        }
    }

    void draw() { screen_->draw(view(watcher_.top(), terminal())); }

    Watcher watcher_;
    Client feed_;
    Millis interval_;
    Screen* screen_ = nullptr;
    SteadyTime next_;
    bool over_ = false;
};

}  // namespace

int top(const Arguments& arguments) {
    const auto seconds = to_number<double>(arguments.value("interval").value_or("1"));
    if (!seconds || !(*seconds >= 0.1 && *seconds <= 3600))
        return complain(exit_usage, "top: --interval takes seconds, 0.1 to 3600");
    const bool live = !arguments.has("once") && !arguments.json() && terminal(1).interactive &&
                      ::isatty(STDIN_FILENO) == 1;
    if (!live) return once(arguments);
    return Live(arguments, Millis(static_cast<std::int64_t>(*seconds * 1000))).run();
}

}  // namespace ccr::ctl
