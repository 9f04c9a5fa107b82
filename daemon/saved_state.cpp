// SPDX-License-Identifier: MIT
#include "daemon/saved_state.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <utility>

#include "common/json.hpp"
#include "common/log.hpp"
#include "daemon/proxy/health.hpp"
#include "daemon/store/state_file.hpp"

namespace ccr::saved_state {
namespace {

using proxy::TargetReport;
using State = route::Breaker::State;
using route::Closure;

constexpr std::int64_t version = 1;
constexpr std::array breaker_states{State::closed, State::open, State::half_open};
constexpr std::array closures{Closure::none, Closure::limited, Closure::exhausted, Closure::quota,
                              Closure::refused};
// Longer ago or ahead than any wait that means something; keeps sums of times from overflowing.
constexpr std::int64_t year_ms = 366LL * 24 * 3600 * 1000;

std::int64_t wall_now() {
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<Millis>(since).count();
}

// Hexadecimal: a number of 64 bits does not survive every JSON reader.
std::string fingerprint_text(std::uint64_t value) {
    std::array<char, 16> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value, 16).ptr;
    return {digits.data(), end};
}

std::uint64_t fingerprint_value(std::string_view text) {
    std::uint64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value, 16);
    return value;
}

void write_measure(json::Writer& writer, std::string_view key,
                   const TargetReport::Measure& measure) {
    writer.key(key).begin_object().key("value").number(measure.value);
    writer.key("samples").number(std::int64_t{measure.samples});
    writer.key("age_ms").number(std::int64_t{measure.age.count()}).end_object();
}

void write_target(json::Writer& writer, const TargetReport& target) {
    writer.begin_object().key("provider").string(target.provider);
    writer.key("model").string(target.model);
    writer.key("breaker").string(route::name(target.breaker));
    writer.key("breaker_left_ms").number(std::int64_t{target.breaker_left.count()});
    writer.key("breaker_period_ms").number(std::int64_t{target.breaker_period.count()});
    write_measure(writer, "first_content", target.first_content);
    write_measure(writer, "per_token", target.per_token);
    write_measure(writer, "total", target.total);
    writer.key("missing_left_ms").number(std::int64_t{target.missing_left.count()});
    writer.key("keys").begin_array();
    for (const auto& key : target.keys) {
        writer.begin_object().key("key").string(fingerprint_text(key.fingerprint));
        writer.key("closure").string(route::name(key.closure));
        writer.key("left_ms").number(std::int64_t{key.left.count()});
        writer.key("streak").number(std::int64_t{key.streak}).end_object();
    }
    writer.end_array().end_object();
}

// Reads times that were relative to the moment of saving.
struct Reader {
    std::int64_t elapsed = 0;  // since then, milliseconds

    static std::int64_t bounded(json::Value value) {
        return std::clamp<std::int64_t>(value.integer().value_or(0), 0, year_ms);
    }
    [[nodiscard]] Millis left(json::Value value) const {
        return Millis{std::max<std::int64_t>(bounded(value) - elapsed, 0)};
    }
    template <typename Names>
    static auto named(std::string_view text, const Names& values) {
        const auto at = std::find_if(values.begin(), values.end(),
                                     [text](auto value) { return route::name(value) == text; });
        return at == values.end() ? values.front() : *at;
    }
    static unsigned count(json::Value value) {
        return static_cast<unsigned>(
            std::clamp<std::int64_t>(value.integer().value_or(0), 0, 1'000'000));
    }
    [[nodiscard]] TargetReport::Measure measure(json::Value value) const {
        TargetReport::Measure out;
        out.value = std::max(value["value"].number().value_or(0), 0.0);
        out.samples = count(value["samples"]);
        out.age = Millis{bounded(value["age_ms"]) + elapsed};
        return out;
    }
    [[nodiscard]] TargetReport target(json::Value value) const {
        TargetReport out;
        out.provider = value["provider"].str();
        out.model = value["model"].str();
        out.breaker = named(value["breaker"].str(), breaker_states);
        out.breaker_left = left(value["breaker_left_ms"]);
        out.breaker_period = Millis{bounded(value["breaker_period_ms"])};
        out.first_content = measure(value["first_content"]);
        out.per_token = measure(value["per_token"]);
        out.total = measure(value["total"]);
        out.missing_left = left(value["missing_left_ms"]);
        for (const json::Value key : value["keys"].elements()) {
            out.keys.push_back({fingerprint_value(key["key"].str()),
                                named(key["closure"].str(), closures), left(key["left_ms"]),
                                count(key["streak"])});
        }
        return out;
    }
};

}  // namespace

std::string format(const proxy::Shared& shared, std::int64_t now, SteadyTime steady) {
    std::string text;
    json::Writer writer(text);
    writer.begin_object().key("version").number(version).key("saved_at_ms").number(now);
    writer.key("targets").begin_array();
    for (const auto& target : shared.health.report(steady))
        write_target(writer, target);
    writer.end_array().end_object();
    text += '\n';
    return text;
}

Result<void> parse(std::string_view text, proxy::Shared& shared, std::int64_t now,
                   SteadyTime steady) {
    json::Document document;
    const auto root = document.parse_view(text);
    if (!root) return root.error();
    if ((*root)["version"].integer() != version || !(*root)["targets"].is_array()) {
        return Error(ErrorKind::malformed, "not the state of this version");
    }
    // A clock that was set back in between makes no waits longer.
    const std::int64_t saved =
        std::clamp<std::int64_t>((*root)["saved_at_ms"].integer().value_or(now), 0, now);
    const Reader reader{std::min(now - saved, year_ms)};
    std::vector<TargetReport> targets;
    for (const json::Value value : (*root)["targets"].elements()) {
        TargetReport target = reader.target(value);
        if (!target.provider.empty()) targets.push_back(std::move(target));
    }
    shared.health.restore(targets, steady);
    return {};
}

void save(const std::string& file, const proxy::Shared& shared) {
    const auto written =
        store::replace_file(file, format(shared, wall_now(), std::chrono::steady_clock::now()));
    if (!written) log::warn("the state is not saved: " + written.error().chain());
}

std::optional<std::string> restore(const std::string& file, proxy::Shared& shared) {
    auto content = store::read_file(file);
    Error trouble;
    if (content) {
        if (!*content) return std::nullopt;
        auto parsed = parse(**content, shared, wall_now(), std::chrono::steady_clock::now());
        if (parsed) return std::nullopt;
        trouble = std::move(parsed).error();
    } else {
        trouble = std::move(content).error();
    }
    const auto aside = store::set_aside(file, wall_now() / 1000);
    log::warn("the saved state cannot be used (" + trouble.chain() +
              "): " + (aside ? "it is now " + *aside : aside.error().chain()) +
              "; limits and latencies begin anew");
    return aside ? std::optional(*aside) : std::nullopt;
}

}  // namespace ccr::saved_state
