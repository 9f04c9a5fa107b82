// SPDX-License-Identifier: MIT
#include "daemon/dialect/extra_members.hpp"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "common/json.hpp"
#include "daemon/dialect/json_edit.hpp"

namespace ccr::dialect {
namespace {

// A key of the body's top level that members concern, and what becomes of it.
struct Slot {
    std::string_view key;
    json::Value present;  // in the body; missing if the body has no such key
    json5::Value value;
    bool known = false;  // the value was read or given
    bool changed = false;
};

void lay_over(json5::Value& base, const json5::Value& extra) {
    for (const json5::Member& member : extra.members) {
        const auto found =
            std::find_if(base.members.begin(), base.members.end(),
                         [&](const json5::Member& known) { return known.key == member.key; });
        if (found == base.members.end()) {
            base.members.push_back(member);
        } else if (found->value.is_object() && member.value.is_object()) {
            lay_over(found->value, member.value);
        } else {
            found->value = member.value;
        }
    }
}

void apply(Slot& slot, const ExtraMember& member) {
    if (member.rule == ExtraMember::Rule::replace || (!slot.known && !slot.present)) {
        slot.value = *member.value;
        slot.known = slot.changed = true;
        return;
    }
    if (!member.value->is_object()) return;
    if (!slot.known) {
        if (!slot.present.is_object()) return;
        auto parsed = json5::parse(slot.present.raw());
        if (!parsed.errors.empty()) return;  // deeper than a configuration may be
        slot.value = std::move(parsed.root);
        slot.known = true;
    }
    if (!slot.value.is_object()) return;
    lay_over(slot.value, *member.value);
    slot.changed = true;
}

}  // namespace

std::string with_members(std::string body, std::span<const ExtraMember> members) {
    json::Document document;
    const auto root = document.parse_view(body);
    if (!root || !root->is_object()) return body;
    std::vector<Slot> slots;
    for (const ExtraMember& member : members) {
        auto slot = std::find_if(slots.begin(), slots.end(),
                                 [&](const Slot& known) { return known.key == member.key; });
        if (slot == slots.end()) {
            slots.push_back({member.key, (*root)[member.key], {}});
            slot = std::prev(slots.end());
        }
        apply(*slot, member);
    }
    JsonEdit edit(document.source());
    std::string added;
    for (const Slot& slot : slots) {
        if (!slot.changed) continue;
        std::string text = json5::to_json(slot.value);
        if (slot.present) {
            edit.replace(slot.present, std::move(text));
            continue;
        }
        added += added.empty() ? "\"" : ",\"";
        json::append_escaped(added, slot.key);
        added.append("\":").append(text);
    }
    if (!added.empty()) edit.append_member(*root, std::move(added));
    return edit.empty() ? body : edit.apply();
}

}  // namespace ccr::dialect
