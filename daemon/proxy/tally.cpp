// SPDX-License-Identifier: MIT
#include "daemon/proxy/tally.hpp"

#include "daemon/proxy/attempt.hpp"
#include "daemon/proxy/turn.hpp"
#include "daemon/route/tier_table.hpp"

namespace ccr::proxy {

TargetSlots::Models& TargetSlots::models_of(const route::Provider& provider) {
    return providers_[static_cast<std::size_t>(&provider - first_)];
}

TargetSlots TargetSlots::build(const route::Directory& directory, stats::Book& book) {
    TargetSlots out;
    out.first_ = directory.providers().data();
    out.providers_.resize(directory.providers().size());
    for (const auto& provider : directory.providers()) {
        const std::string& name = provider.config->name;
        Models& models = out.models_of(provider);
        for (const auto& model : provider.config->models)
            models.known.push_back({model.name, book.slot({name, model.name})});
        models.others = book.slot({name, std::string(stats::any_model)});
    }
    const auto table = route::TierTable::build(directory);
    for (std::size_t i = 0; i < table.targets().size(); ++i) {
        const auto& target = table.targets()[i];
        const stats::TargetName name{target.provider->config->name, target.model};
        const stats::Slot slot = book.slot(name);
        // A tier's model need not be in its provider's list.
        out.models_of(*target.provider).known.push_back({target.model, slot});
        out.tiers_.push_back({std::string(table.label(i)), slot, name});
    }
    return out;
}

stats::Slot TargetSlots::of(const route::Target& target) const {
    const Models& models = providers_[static_cast<std::size_t>(target.provider - first_)];
    for (const auto& entry : models.known) {
        if (entry.model == target.model) return entry.slot;
    }
    return models.others;
}

void tally_attempt(Turn& turn, const Outcome& outcome) {
    if (turn.worker.stats == nullptr || turn.target == nullptr) return;
    TallyState& state = turn.tally;
    stats::AttemptEnd end;
    end.slot = turn.snapshot->slots.of(*turn.target);
    end.usage = turn.usage;
    end.upstream_status = turn.upstream_status;
    if (outcome.failure) {
        const bool ours = turn.reply.client_lost() || turn.reply.interrupted();
        end.failure = ours ? stats::Reason::cancelled : stats::reason_of(outcome.failure->kind);
    }
    if (state.slot == end.slot) {
        end.retry = true;
    } else if (state.slot) {
        end.fallback_from = state.slot;
        end.fallback_reason = state.reason;
    }
    turn.worker.stats->attempt(end);
    state.slot = end.slot;
    state.reason = end.failure.value_or(stats::Reason::timeout);
    state.served = !outcome.failure;
    if (outcome.settled) return;
    turn.usage = {};  // counted; the next attempt has its own
    turn.upstream_status = 0;
}

void tally_turn(const Turn& turn) {
    if (!turn.tally.served) return;
    stats::TurnEnd end;
    end.slot = *turn.tally.slot;
    end.total = Clock::now() - turn.started;
    if (turn.first_content != Clock::time_point{}) {
        end.first_content = turn.first_content - turn.started;
    }
    turn.worker.stats->turn(end);
}

}  // namespace ccr::proxy
