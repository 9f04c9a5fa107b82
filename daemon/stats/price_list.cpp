// SPDX-License-Identifier: MIT
#include "daemon/stats/price_list.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "common/json.hpp"
#include "common/text.hpp"

namespace ccr::stats {
namespace {

using config::Rates;

// A bill beyond this (USD for one request) is a mistake of whoever reports it.
constexpr double max_cost = 1e6;

Error malformed(const std::string& what) {
    return {ErrorKind::malformed, what};
}

// Nothing where it is missing or no price.
std::optional<double> rate(json::Value object, std::string_view key) {
    const auto number = object[key].number();
    if (!number || !std::isfinite(*number) || *number < 0) return std::nullopt;
    return number;
}

std::optional<Rates> read_rates(json::Value object) {
    const auto input = rate(object, "input");
    const auto output = rate(object, "output");
    if (!input || !output) return std::nullopt;
    return Rates{*input, *output, rate(object, "cacheRead"), rate(object, "cacheWrite"),
                 rate(object, "reasoning")};
}

std::optional<Price> read_price(json::Value object) {
    const auto rates = read_rates(object);
    if (!rates) return std::nullopt;
    Price price{*rates};
    for (const json::Value entry : object["steps"].elements()) {
        const auto step = read_rates(entry);
        const std::int64_t over = entry["over"].integer().value_or(0);
        const std::int64_t before = price.steps.empty() ? 0 : price.steps.back().over;
        if (!step || over <= before) return std::nullopt;
        price.steps.push_back({over, *step});
    }
    return price;
}

std::vector<std::string> words(json::Value list) {
    std::vector<std::string> out;
    for (const json::Value word : list.elements())
        out.push_back(lower(word.str()));
    return out;
}

bool is_digits(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// "claude-sonnet-4-5-20250929", "gpt-5-2025-08-07", "gpt-5-chat-latest" without their ends.
std::string_view without_date(std::string_view model) {
    constexpr std::string_view latest = "-latest";
    if (model.ends_with(latest)) return model.substr(0, model.size() - latest.size());
    const auto tail = [model](std::size_t size) { return model.substr(model.size() - size); };
    if (model.size() > 9) {
        const auto end = tail(9);
        if (end[0] == '-' && end.substr(1, 2) == "20" && is_digits(end.substr(1))) {
            return model.substr(0, model.size() - 9);
        }
    }
    if (model.size() > 11) {
        const auto end = tail(11);
        const bool dashes = end[0] == '-' && end[5] == '-' && end[8] == '-';
        if (dashes && is_digits(end.substr(1, 4)) && is_digits(end.substr(6, 2)) &&
            is_digits(end.substr(9))) {
            return model.substr(0, model.size() - 11);
        }
    }
    return model;
}

double positive(std::int64_t tokens) {
    return static_cast<double>(std::max<std::int64_t>(tokens, 0));
}

double calculated(const chat::Usage& usage, const Price& price) {
    const double input = positive(usage.input_tokens);
    const double read = positive(usage.cache_read_tokens.value_or(0));
    const double written = positive(usage.cache_creation_tokens.value_or(0));
    const double output = positive(usage.output_tokens);
    const double thought = std::min(positive(usage.thinking_tokens.value_or(0)), output);
    const Rates& rates = price.at(static_cast<std::int64_t>(input + read + written));
    return (input * rates.input + read * rates.cache_read.value_or(rates.input) +
            written * rates.cache_write.value_or(rates.input) + (output - thought) * rates.output +
            thought * rates.reasoning.value_or(rates.output)) /
           1e6;
}

std::uint64_t nano(double usd) {
    return static_cast<std::uint64_t>(std::llround(std::clamp(usd, 0.0, max_cost) * nano_per_usd));
}

bool used(const chat::Usage& usage) {
    return usage.input_tokens > 0 || usage.output_tokens > 0 ||
           usage.cache_read_tokens.value_or(0) > 0 || usage.cache_creation_tokens.value_or(0) > 0;
}

}  // namespace

Result<PriceList> PriceList::parse(std::string_view text) {
    json::Document document;
    const auto root = document.parse_view(text);
    if (!root) return root.error();
    PriceList out;
    out.date_ = (*root)["date"].str();
    if (out.date_.empty() || !(*root)["vendors"].is_array()) {
        return malformed("no price list: date or vendors is missing");
    }
    for (const json::Value entry : (*root)["vendors"].elements()) {
        Vendor vendor{words(entry["names"]), words(entry["hosts"]), {}};
        for (const json::Member model : entry["models"].members()) {
            const std::string name = lower(model.key.str());
            auto price = read_price(model.value);
            if (!price) return malformed("the price of " + name + " cannot be read");
            vendor.models.emplace_back(name, std::move(*price));
        }
        out.vendors_.push_back(std::move(vendor));
    }
    return out;
}

void PriceList::add(PriceList other) {
    for (Vendor& vendor : other.vendors_)
        vendors_.push_back(std::move(vendor));
}

const Price* PriceList::find(std::string_view provider, std::string_view host,
                             std::string_view model) const {
    const std::string_view undated = without_date(model);
    for (const Vendor& vendor : vendors_) {
        const auto same = [](std::string_view text) {
            return [text](const std::string& word) { return iequals(word, text); };
        };
        const bool theirs = std::any_of(vendor.names.begin(), vendor.names.end(), same(provider)) ||
                            std::any_of(vendor.hosts.begin(), vendor.hosts.end(), same(host));
        if (!theirs) continue;
        for (const std::string_view wanted : {model, undated}) {
            for (const auto& [listed, price] : vendor.models) {
                if (iequals(listed, wanted)) return &price;
            }
        }
    }
    return nullptr;
}

Cost cost_of(const chat::Usage& usage, const Price* price, bool served) {
    if (usage.cost_usd && std::isfinite(*usage.cost_usd) && *usage.cost_usd >= 0) {
        return {nano(*usage.cost_usd), true, false};
    }
    // Nobody is billed for a refusal; an answer without a count has cost nobody knows what.
    if (!used(usage)) return {0, !served, false};
    if (price == nullptr) return {0, false, false};
    return {nano(calculated(usage, *price)), true, true};
}

}  // namespace ccr::stats
