// SPDX-License-Identifier: MIT
#include "daemon/route/scenario.hpp"

#include <algorithm>
#include <array>

#include "common/text.hpp"
#include "daemon/route/capability.hpp"
#include "daemon/route/search.hpp"
#include "daemon/search/tool.hpp"

namespace ccr::route {
namespace {

// A session whose last request was long is taken for long again, but not when it was compacted.
constexpr std::int64_t min_continued_tokens = 20'000;

constexpr std::array<std::string_view, 5> efforts{"low", "medium", "high", "xhigh", "max"};

// Place in `efforts`; their number for a word that is none of them.
std::size_t effort_rank(std::string_view effort) {
    const auto* found = std::find(efforts.begin(), efforts.end(), effort);
    return static_cast<std::size_t>(found - efforts.begin());
}

std::string number(std::int64_t value) {
    std::string text;
    append_number(text, value);
    return text;
}

std::string words(std::initializer_list<std::string_view> parts) {
    std::string text;
    for (const std::string_view part : parts)
        text += part;
    return text;
}

class Decider {
  public:
    Decider(const Directory& directory, const Inquiry& inquiry, std::vector<Step>* steps)
        : directory_(directory),
          in_(inquiry),
          router_(inquiry.router != nullptr ? *inquiry.router : directory.config().router),
          steps_(steps) {}

    Result<Plan> run() {
        constexpr std::pair<std::string_view, bool (Decider::*)()> rules[] = {
            {"custom", &Decider::custom},
            {"explicit", &Decider::explicit_target},
            {"longContext", &Decider::long_context},
            {"subagent", &Decider::subagent},
            {"background", &Decider::background},
            {"webSearch", &Decider::web_search},
            {"think", &Decider::think},
            {"default", &Decider::fallback},
        };
        for (const auto& [name, applies] : rules) {
            rule_ = name;
            if ((this->*applies)()) break;
        }
        if (!error_) look_at_search();
        if (!error_) look_at_images();
        if (error_) return std::move(*error_);
        return std::move(plan_);
    }

  private:
    // The rule does not apply.
    template <typename... Parts>
    bool pass(const Parts&... why) {
        if (steps_ != nullptr) steps_->push_back({rule_, false, words({why...})});
        return false;
    }

    bool fail(Error error) {
        if (steps_ != nullptr) steps_->push_back({rule_, true, error.detail});
        error_ = std::move(error);
        return true;
    }

    bool choose(Target target, std::string reason) {
        if (steps_ != nullptr) steps_->push_back({rule_, true, reason});
        plan_.route = rule_;
        plan_.reason = std::move(reason);
        plan_.candidates.clear();
        plan_.candidates.push_back(std::move(target));
        return true;
    }

    bool choose(const config::TargetRef& ref, std::string reason) {
        auto target = target_of(directory_, ref);
        if (target) return choose(std::move(*target), std::move(reason));
        return fail(target.error().wrap("Router." + std::string(rule_) + " cannot be followed"));
    }

    bool custom() {
        if (in_.custom_answer.empty()) return pass("no custom router has named a target");
        auto named = named_target(directory_, in_.custom_answer);
        // Whoever asked the hook has complained of an answer that leads nowhere.
        if (!named || !*named) return pass("the custom router's answer names no target");
        return choose(std::move((*named)->target), "the custom router's answer");
    }

    bool explicit_target() {
        if (const auto* alias = aliased()) {
            if (router_.ignore_direct) return pass("Router.ignoreDirect is set");
            auto target = target_of(directory_, *alias);
            if (!target) return fail(target.error().wrap("Router.modelAliases"));
            return choose(std::move(*target), "the model is one of Router.modelAliases");
        }
        auto named = named_target(directory_, in_.requested);
        if (named && !*named) return pass("the model names no target");
        if (router_.ignore_direct) return pass("Router.ignoreDirect is set");
        if (!named) return fail(std::move(named).error());
        return choose(std::move((*named)->target), std::string((*named)->how));
    }

    [[nodiscard]] const config::TargetRef* aliased() const {
        for (const auto& [name, target] : router_.model_aliases) {
            if (iequals(name, trim(in_.requested))) return &target;
        }
        return nullptr;
    }

    bool long_context() {
        if (router_.long_context.empty()) return pass("Router.longContext is not set");
        if (!in_.tokens) return pass("the size is not known");
        const auto threshold = static_cast<std::int64_t>(router_.long_context_threshold);
        const std::int64_t tokens = in_.tokens(threshold);
        if (tokens > threshold) {
            return choose(router_.long_context,
                          number(tokens) + " tokens, over " + number(threshold));
        }
        if (in_.last_input_tokens > threshold && tokens > min_continued_tokens) {
            return choose(router_.long_context, "the session's last request had " +
                                                    number(in_.last_input_tokens) +
                                                    " tokens, over " + number(threshold));
        }
        return pass(number(tokens), " tokens, threshold ", number(threshold));
    }

    bool subagent() {
        if (in_.subagent_model.empty()) return pass("no <CCR-SUBAGENT-MODEL> tag");
        auto named = named_target(directory_, in_.subagent_model);
        if (!named) return fail(std::move(named).error());
        if (!*named) return fail(nothing_called(in_.subagent_model));
        return choose(std::move((*named)->target), "the tag in the agent's prompt");
    }

    bool background() {
        if (!icontains(in_.requested, "haiku")) return pass("the model is not a small one");
        if (router_.background.empty()) return pass("Router.background is not set");
        return choose(router_.background, "the model is a small one");
    }

    bool web_search() {
        if (!searches()) return pass("no web search tool");
        if (router_.web_search.empty()) return pass("Router.webSearch is not set");
        return choose(router_.web_search, "the request has a web search tool");
    }

    [[nodiscard]] bool searches() const { return in_.chat != nullptr && search::wanted(*in_.chat); }

    // A search that is one tool among others is left out where nobody can make it.
    void look_at_search() {
        if (plan_.candidates.empty() || in_.door == nullptr || !searches()) return;
        rule_ = "search";
        const Target& target = plan_.candidates.front();
        const auto& engine = directory_.config().web_search;
        const Speech speech = speech_for(target, *in_.chat, *in_.door);
        switch (search_by(target, speech, engine)) {
            case SearchBy::provider:
            case SearchBy::echo:
                return void(pass(target.provider->config->name, " searches the web itself"));
            case SearchBy::router:
                return void(
                    pass("the router searches the web, with ", config::engine_name(engine.engine)));
            case SearchBy::nobody:
                break;
        }
        const std::string who = words({target.provider->config->name, " cannot search the web"});
        if (!search::is_the_point(*in_.chat)) {
            return void(pass(who, "; the request goes without that tool"));
        }
        if (router_.web_search.empty()) return void(pass(who, "; Router.webSearch is not set"));
        if (plan_.route == "webSearch") return void(pass(who));
        rule_ = "webSearch";
        choose(router_.web_search, who);
    }

    bool think() {
        using Kind = chat::ThinkingMode::Kind;
        if (router_.think.empty()) return pass("Router.think is not set");
        if (in_.chat == nullptr) return pass("the request does not ask for thinking");
        const auto& thinking = in_.chat->thinking;
        switch (thinking.kind) {
            case Kind::absent:
            case Kind::disabled:
                return pass("the request does not ask for thinking");
            case Kind::enabled:
                if (thinking.budget_tokens <= 0) return pass("the thinking budget is nothing");
                return choose(router_.think, "thinking is enabled");
            case Kind::adaptive:
            case Kind::between_tools:
                break;
        }
        const std::string_view effort = in_.chat->effort;
        const std::size_t rank = effort_rank(effort);
        if (rank == efforts.size()) return pass("adaptive thinking of no known effort");
        if (rank < effort_rank(router_.think_effort)) {
            return pass("effort ", effort, " is below ", router_.think_effort);
        }
        return choose(router_.think, words({"adaptive thinking at effort ", effort}));
    }

    bool fallback() {
        if (!router_.default_target.empty()) {
            return choose(router_.default_target, "no other rule applies");
        }
        if (leads_to_image_route()) return pass("Router.default is not set");
        return fail(nothing_called(in_.requested));
    }

    [[nodiscard]] Error nothing_called(std::string_view model) const {
        return {ErrorKind::not_found,
                words({"model: ", trim(model),
                       (": not listed by any provider alone and Router.default does not apply; "
                        "ask for \"provider,model\" (configured: "),
                       provider_names(directory_), ") or set Router.default"})};
    }

    [[nodiscard]] bool leads_to_image_route() const {
        if (router_.image.empty() || in_.chat == nullptr) return false;
        return forced() ? image_anywhere(*in_.chat) : image_in_last_turn(*in_.chat);
    }

    // Elsewhere an agent on the image route then describes every image to the other model.
    [[nodiscard]] bool forced() const { return directory_.config().force_image_agent; }

    void look_at_images() {
        rule_ = "image";
        if (router_.image.empty()) return void(pass("Router.image is not set"));
        if (plan_.route == "custom") return void(pass("the custom router has the last word"));
        if (!leads_to_image_route()) {
            return void(pass(forced() ? "no image" : "no image in the last user turn"));
        }
        if (forced()) {
            choose(router_.image, "an image, and forceUseImageAgent is set");
            return;
        }
        if (plan_.candidates.empty()) {
            choose(router_.image, "an image in the last user turn");
            return;
        }
        const Target& target = plan_.candidates.front();
        if (can_see(*target.provider, target.model) == Ability::yes) {
            return void(pass(target.model, " can see images"));
        }
        choose(router_.image, words({"an image in the last user turn, and ", target.model,
                                     " is not known to see"}));
    }

    const Directory& directory_;
    const Inquiry& in_;
    const config::Router& router_;
    std::vector<Step>* steps_;
    std::string_view rule_;
    Plan plan_;
    std::optional<Error> error_;
};

}  // namespace

Result<Plan> decide(const Directory& directory, const Inquiry& inquiry) {
    return Decider(directory, inquiry, nullptr).run();
}

Explanation explain(const Directory& directory, const Inquiry& inquiry) {
    std::vector<Step> steps;
    auto plan = Decider(directory, inquiry, &steps).run();
    return {std::move(steps), std::move(plan)};
}

}  // namespace ccr::route
