// SPDX-License-Identifier: MIT
#include "common/config/dispatch.hpp"

#include <array>

#include "common/config/build_dispatch.hpp"
#include "common/result.hpp"
#include "common/text.hpp"

namespace ccr::config {
namespace {

using json5::Value;

template <typename T>
void read_number(const Value& object, std::string_view key, T& out) {
    if (const auto number = get_number(object, key)) out = static_cast<T>(*number);
}

void read_time(const Value& object, std::string_view key, Millis& out) {
    if (const auto number = get_number(object, key))
        out = Millis(static_cast<Millis::rep>(*number));
}

// The object of that name, or an empty one.
const Value& section(const Value& root, std::string_view key) {
    static const Value none{.type = json5::Type::object};
    const auto* member = get(root, key);
    return member != nullptr ? member->value : none;
}

template <typename T, std::size_t N>
void read_word(const Value& object, std::string_view key, const std::string& path,
               const std::array<std::pair<std::string_view, T>, N>& words, T& out,
               Problems& problems) {
    const std::string text = get_string(object, key);
    if (trim(text).empty()) return;
    std::string all;
    std::vector<std::string_view> names;
    for (const auto& [word, value] : words) {
        if (iequals(word, trim(text))) {
            out = value;
            return;
        }
        all += (all.empty() ? "" : ", ") + std::string(word);
        names.push_back(word);
    }
    problems.error(object.find(key)->at, path, "unknown value; use one of " + all,
                   nearest(text, names));
}

// A status, or the name of a kind of failure that is the caller's own.
bool is_fallback_word(std::string_view word) {
    const auto status = to_number<int>(word);
    if (status) return *status >= 400 && *status < 500;
    for (const ErrorKind kind : {ErrorKind::rejected, ErrorKind::policy, ErrorKind::not_found,
                                 ErrorKind::invalid_request, ErrorKind::context_overflow}) {
        if (iequals(word, traits(kind).name)) return true;
    }
    return false;
}

void read_retry(const Value& retry, Retry& out, Problems& problems) {
    read_number(retry, "maxRetries", out.max_retries);
    read_time(retry, "baseDelayMs", out.base_delay);
    read_time(retry, "maxDelayMs", out.max_delay);
    const auto* list = get(retry, "fallbackOn");
    if (list == nullptr) return;
    for (const Value& item : list->value.items) {
        const auto status = number_of(item);
        std::string word =
            status ? std::to_string(static_cast<int>(*status)) : std::string(trim(item.text));
        if (is_fallback_word(word)) {
            out.fallback_on.push_back(std::move(word));
            continue;
        }
        problems.error(item.at, "Retry.fallbackOn",
                       "\"" + word +
                           "\" is neither a status from 400 to 499 nor one of rejected, "
                           "policy");
    }
}

void read_breaker(const Value& breaker, Breaker& out) {
    read_number(breaker, "failures", out.failures);
    read_number(breaker, "window", out.window);
    read_time(breaker, "windowMs", out.window_time);
    read_number(breaker, "ratio", out.ratio);
    read_time(breaker, "openMs", out.open);
    read_time(breaker, "maxOpenMs", out.max_open);
}

// What a provider may say for itself as well.
void read_limit_policy(const Value& object, const std::string& path, RateLimit& out,
                       Problems& problems) {
    constexpr std::array<std::pair<std::string_view, OnRateLimit>, 3> words{
        {{"cascade", OnRateLimit::cascade},
         {"wait", OnRateLimit::wait},
         {"return", OnRateLimit::give_back}}};
    read_word(object, "onRateLimit", path + ".onRateLimit", words, out.policy, problems);
    read_time(object, "maxWaitMs", out.max_wait);
    if (const auto honor = get_boolean(object, "honorRateLimitHeaders")) out.honor_headers = *honor;
}

void read_rate_limit(const Value& limit, RateLimit& out, Problems& problems) {
    read_time(limit, "baseDelayMs", out.base_delay);
    read_time(limit, "maxDelayMs", out.max_delay);
    read_time(limit, "quotaDelayMs", out.quota_delay);
    read_time(limit, "misconfiguredDelayMs", out.misconfigured_delay);
    read_time(limit, "missingModelDelayMs", out.missing_delay);
    read_limit_policy(limit, "RateLimit", out, problems);
}

void read_promotion(const Value& root, Promotion& out, Problems& problems) {
    constexpr std::array<std::pair<std::string_view, PromotionMode>, 3> words{
        {{"fallbacks", PromotionMode::fallbacks},
         {"all", PromotionMode::all},
         {"off", PromotionMode::off}}};
    read_word(section(root, "Router"), "promotion", "Router.promotion", words, out.mode, problems);
    if (get_boolean(section(root, "Router"), "strictTierOrder").value_or(false)) {
        out.mode = PromotionMode::off;
    }
    const Value& promotion = section(root, "Promotion");
    read_number(promotion, "alpha", out.alpha);
    read_number(promotion, "minSamples", out.min_samples);
    read_time(promotion, "halfLifeMs", out.half_life);
    read_number(promotion, "ratio", out.ratio);
    read_time(promotion, "dwellMs", out.dwell);
    read_number(promotion, "maxConversations", out.max_conversations);
    read_time(promotion, "conversationIdleMs", out.conversation_idle);
}

}  // namespace

void build_dispatch(const Value& root, Dispatch& out, Problems& problems) {
    read_retry(section(root, "Retry"), out.retry, problems);
    read_breaker(section(root, "Breaker"), out.breaker);
    read_rate_limit(section(root, "RateLimit"), out.rate_limit, problems);
    read_promotion(root, out.promotion, problems);
    const Value& queue = section(root, "Queue");
    read_number(queue, "limit", out.queue.limit);
    read_time(queue, "timeoutMs", out.queue.timeout);
    out.dedup.enabled = get_boolean(section(root, "Dedup"), "enabled").value_or(true);
}

void build_provider_limits(const Value& entry, const std::string& path, const Dispatch& common,
                           Provider& provider, Problems& problems) {
    provider.rate_limit = common.rate_limit;
    read_limit_policy(entry, path, provider.rate_limit, problems);
    read_number(entry, "maxConcurrent", provider.max_concurrent);
}

}  // namespace ccr::config
