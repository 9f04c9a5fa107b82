// SPDX-License-Identifier: MIT
#include "daemon/proxy/tally.hpp"

#include <algorithm>
#include <utility>

#include "daemon/proxy/attempt.hpp"
#include "daemon/proxy/turn.hpp"
#include "daemon/route/tier_table.hpp"

namespace ccr::proxy {

TargetSlots::Models& TargetSlots::models_of(const route::Provider& provider) {
    return providers_[static_cast<std::size_t>(&provider - first_)];
}

TargetSlots TargetSlots::build(const route::Directory& directory, stats::Book& book,
                               std::shared_ptr<const stats::PriceList> prices,
                               std::string_view preset) {
    TargetSlots out;
    out.config_ = &directory.config();
    out.prices_ = std::move(prices);
    if (!preset.empty()) out.preset_ = book.preset(preset);
    out.first_ = directory.providers().data();
    out.providers_.resize(directory.providers().size());
    for (const auto& provider : directory.providers()) {
        const std::string& name = provider.config->name;
        Models& models = out.models_of(provider);
        for (const auto& model : provider.config->models) {
            models.known.push_back(
                {model.name, {book.slot({name, model.name}), out.price(provider, model.name)}});
        }
        models.others = book.slot({name, std::string(stats::any_model)});
    }
    const auto table = route::TierTable::build(directory);
    for (std::size_t i = 0; i < table.targets().size(); ++i) {
        const auto& target = table.targets()[i];
        const stats::TargetName name{target.provider->config->name, target.model};
        const stats::Slot slot = book.slot(name);
        // A tier's model need not be in its provider's list.
        out.models_of(*target.provider)
            .known.push_back({target.model, {slot, out.price(*target.provider, target.model)}});
        out.tiers_.push_back({std::string(table.label(i)), slot, name});
    }
    return out;
}

const stats::Price* TargetSlots::price(const route::Provider& provider,
                                       std::string_view model) const {
    const auto* stated = config::find_price(*config_, *provider.config, model);
    if (stated != nullptr || prices_ == nullptr) return stated;
    return prices_->find(provider.config->name, provider.config->endpoint.host, model);
}

TargetSlots::Account TargetSlots::of(const route::Target& target) const {
    const Models& models = providers_[static_cast<std::size_t>(target.provider - first_)];
    for (const auto& entry : models.known) {
        if (entry.model == target.model) return entry.account;
    }
    return {models.others, price(*target.provider, target.model)};
}

namespace {

// x-ccr-warn's list: "top_k, image".
void tally_warnings(stats::Shard& stats, std::string_view list) {
    while (!list.empty()) {
        const std::size_t end = std::min(list.find(", "), list.size());
        stats.warning(list.substr(0, end));
        list.remove_prefix(std::min(end + 2, list.size()));
    }
}

}  // namespace

void tally_start(Turn& turn, const route::Target& target) {
    if (turn.worker.stats == nullptr) return;
    const TargetSlots& slots = turn.snapshot->slots;
    const auto account = slots.of(target);
    turn.tally.where = {account.slot, slots.preset(), stats::route_index(turn.plan.route)};
    turn.tally.price = account.price;
    turn.worker.stats->attempt_started(account.slot);
}

void tally_attempt(Turn& turn, const Outcome& outcome) {
    if (turn.worker.stats == nullptr) return;
    TallyState& state = turn.tally;
    stats::AttemptEnd end;
    end.where = state.where;
    end.price = state.price;
    end.usage = turn.usage;
    end.upstream_status = turn.upstream_status;
    if (outcome.failure) {
        const bool ours = turn.reply.client_lost() || turn.reply.interrupted();
        end.failure = ours ? stats::Reason::cancelled : stats::reason_of(outcome.failure->kind);
    }
    if (state.slot == end.where.slot) {
        end.retry = true;
    } else if (state.slot) {
        end.fallback_from = state.slot;
        end.fallback_reason = state.reason;
    }
    turn.worker.stats->attempt(end);
    state.slot = end.where.slot;
    state.reason = end.failure.value_or(stats::Reason::timeout);
    state.served = !outcome.failure;
    if (outcome.settled) return;
    turn.usage = {};  // counted; the next attempt has its own
    turn.upstream_status = 0;
}

void tally_turn(const Turn& turn) {
    if (!turn.tally.served) return;
    stats::TurnEnd end;
    end.where = turn.tally.where;
    end.total = Clock::now() - turn.started;
    end.overhead = end.total - turn.tally.upstream_wait;
    if (turn.first_content != Clock::time_point{}) {
        end.first_content = turn.first_content - turn.started;
    }
    turn.worker.stats->turn(end);
    if (!turn.warnings.empty()) tally_warnings(*turn.worker.stats, turn.warnings);
}

}  // namespace ccr::proxy
