// SPDX-License-Identifier: MIT
#include "common/config/pricing.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "common/config/build.hpp"
#include "common/text.hpp"

namespace ccr::config {
namespace {

using json5::Member;
using json5::Value;

constexpr std::string_view classes =
    "input, output, cacheRead, cacheWrite and reasoning, in USD per million tokens";
// No list has a price near it; a price per token or per thousand that is taken for one per million
// is found the other way round only by its owner.
constexpr double max_rate = 1e6;

enum class Class : std::uint8_t { input, output, cache_read, cache_write, reasoning };

constexpr std::array<std::pair<std::string_view, Class>, 13> class_names{{
    {"input", Class::input},
    {"prompt", Class::input},
    {"output", Class::output},
    {"completion", Class::output},
    {"cacheread", Class::cache_read},
    {"cachedinput", Class::cache_read},
    {"inputcacheread", Class::cache_read},
    {"cachehit", Class::cache_read},
    {"cachewrite", Class::cache_write},
    {"cachecreation", Class::cache_write},
    {"inputcachewrite", Class::cache_write},
    {"reasoning", Class::reasoning},
    {"thinking", Class::reasoning},
}};

// "cache_read_per_million_tokens" and "cacheReadPerMillion" are "cacheread".
std::optional<Class> class_of(std::string_view key) {
    std::string word;
    for (const char c : lower(key)) {
        if (c != '_' && c != '-') word += c;
    }
    for (const std::string_view unit : {"usd", "tokens", "permillion", "permtok", "per1m"}) {
        if (word.ends_with(unit)) word.resize(word.size() - unit.size());
    }
    for (const auto& [name, which] : class_names) {
        if (word == name) return which;
    }
    return std::nullopt;
}

class PriceReader {
  public:
    PriceReader(const std::string& path, Problems& problems) : path_(path), problems_(problems) {}

    std::optional<Price> read(const Value& value) {
        if (!value.is_object()) {
            problems_.error(value.at, path_,
                            "expected an object with " + std::string(classes) + ", found " +
                                std::string(json5::type_name(value.type)));
            return std::nullopt;
        }
        for (const Member& member : value.members)
            read_member(member);
        if (!ok_) return std::nullopt;
        if (!input_ || !output_) {
            problems_.error(value.at, path_,
                            std::string(input_ ? "output" : "input") + " is missing; give " +
                                std::string(classes));
            return std::nullopt;
        }
        price_.rates.input = *input_;
        price_.rates.output = *output_;
        return price_;
    }

  private:
    void read_member(const Member& member) {
        const std::string place = path_ + "." + member.key;
        const auto which = class_of(member.key);
        if (!which) return complain(member.key_at, place, "unknown; use " + std::string(classes));
        const bool number = member.value.is(json5::Type::number);
        const double rate = member.value.number;
        if (!number || !std::isfinite(rate) || rate < 0 || rate > max_rate) {
            return complain(member.value.at, place,
                            "expected USD per million tokens, a number from 0 to 1000000");
        }
        take(*which, rate);
    }
    void take(Class which, double rate) {
        if (which == Class::input) input_ = rate;
        if (which == Class::output) output_ = rate;
        if (which == Class::cache_read) price_.rates.cache_read = rate;
        if (which == Class::cache_write) price_.rates.cache_write = rate;
        if (which == Class::reasoning) price_.rates.reasoning = rate;
    }
    void complain(json5::Position at, const std::string& place, std::string message) {
        problems_.error(at, place, std::move(message));
        ok_ = false;
    }

    const std::string& path_;
    Problems& problems_;
    Price price_;
    std::optional<double> input_;
    std::optional<double> output_;
    bool ok_ = true;
};

bool holds_objects(const Value& value) {
    return std::any_of(value.members.begin(), value.members.end(),
                       [](const Member& member) { return member.value.is_object(); });
}

class Rules {
  public:
    explicit Rules(Problems& problems) : problems_(problems) {}

    [[nodiscard]] std::vector<PriceRule> take() { return std::move(list_); }

    // One price for all of `about`, or an object of prices by model.
    void add(const PriceRule& about, const Value& value, const std::string& path) {
        if (!holds_objects(value)) return add_one(about, value, path);
        for (const Member& model : value.members) {
            PriceRule rule = about;
            rule.model = trim(model.key);
            add_one(std::move(rule), model.value, path + "." + model.key);
        }
    }

    // `pricing` of the whole file: by model, by "provider,model", or by provider and model.
    void add_common(const Value& value) {
        for (const Member& member : value.members) {
            const std::string path = "pricing." + member.key;
            const std::string key(trim(member.key));
            if (holds_objects(member.value)) {
                add({key, "", {}}, member.value, path);
                continue;
            }
            const auto target = parse_target(key);
            add_one(
                target ? PriceRule{target->provider, target->model, {}} : PriceRule{"", key, {}},
                member.value, path);
        }
    }

  private:
    void add_one(PriceRule rule, const Value& value, const std::string& path) {
        auto price = read_price(value, path, problems_);
        if (!price) return;
        rule.price = std::move(*price);
        list_.push_back(std::move(rule));
    }

    Problems& problems_;
    std::vector<PriceRule> list_;
};

std::string name_of(const Value& entry) {
    return entry.is_string() ? entry.text : std::string(trim(get_string(entry, "name")));
}

void read_models(const Value& provider, const std::string& path, Rules& rules) {
    const Member* models = get(provider, "models");
    if (models == nullptr) return;
    for (std::size_t i = 0; i < models->value.items.size(); ++i) {
        const Value& model = models->value.items[i];
        const Member* price = get(model, "pricing");
        if (price == nullptr) continue;
        rules.add({name_of(provider), name_of(model), {}}, price->value,
                  path + ".models[" + std::to_string(i) + "].pricing");
    }
}

bool applies(const PriceRule& rule, const Provider& provider, std::string_view model) {
    return (rule.provider.empty() || iequals(rule.provider, provider.name)) &&
           (rule.model.empty() || iequals(rule.model, model));
}

}  // namespace

const Rates& Price::at(std::int64_t input_tokens) const {
    const Rates* found = &rates;
    for (const Step& step : steps) {
        if (input_tokens > step.over) found = &step.rates;
    }
    return *found;
}

std::optional<Price> read_price(const Value& value, const std::string& path, Problems& problems) {
    return PriceReader(path, problems).read(value);
}

void build_pricing(const Value& root, Config& out, Problems& problems) {
    Rules rules(problems);
    if (const Member* providers = get(root, "Providers")) {
        for (std::size_t i = 0; i < providers->value.items.size(); ++i) {
            const Value& provider = providers->value.items[i];
            const std::string path = "Providers[" + std::to_string(i) + "]";
            read_models(provider, path, rules);
            for (const std::string_view key : {"model_pricing", "pricing"}) {
                const Member* prices = get(provider, key);
                if (prices == nullptr) continue;
                rules.add({name_of(provider), "", {}}, prices->value,
                          path + "." + std::string(key));
            }
        }
    }
    if (const Member* common = get(root, "pricing")) rules.add_common(common->value);
    if (const Member* usage = get(root, "Usage")) {
        if (const auto days = get_number(usage->value, "retentionDays")) {
            out.usage_retention_days = static_cast<unsigned>(*days);
        }
    }
    const auto list = rules.take();
    out.prices.insert(out.prices.begin(), list.begin(), list.end());
}

const Price* find_price(const Config& config, const Provider& provider, std::string_view model) {
    const PriceRule* best = nullptr;
    const auto rank = [](const PriceRule& rule) {
        return (rule.model.empty() ? 0 : 2) + (rule.provider.empty() ? 0 : 1);
    };
    for (const PriceRule& rule : config.prices) {
        if (!applies(rule, provider, model)) continue;
        if (best == nullptr || rank(rule) > rank(*best)) best = &rule;
    }
    return best == nullptr ? nullptr : &best->price;
}

}  // namespace ccr::config
