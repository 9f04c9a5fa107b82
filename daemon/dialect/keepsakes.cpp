// SPDX-License-Identifier: MIT
#include "daemon/dialect/keepsakes.hpp"

#include <iterator>
#include <utility>
#include <variant>

namespace ccr::dialect {
namespace {

std::string key_of(std::string_view id, std::string_view tool) {
    std::string key(id);
    return key.append(1, '\0').append(tool);
}

bool is_reasoning(const chat::Block& block) {
    return std::holds_alternative<chat::Thinking>(block) ||
           std::holds_alternative<chat::RedactedThinking>(block);
}

// Reasoning belongs to the next call behind it.
void restore_message(chat::Request& request, chat::Blocks& blocks, Keepsakes& keepsakes) {
    bool reasoned = false;
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        const auto* use = std::get_if<chat::ToolUse>(&blocks[i]);
        if (use == nullptr) {
            reasoned = reasoned || is_reasoning(blocks[i]);
            continue;
        }
        std::string sealed = reasoned ? std::string() : keepsakes.find(use->id, use->name);
        reasoned = false;
        if (sealed.empty()) continue;
        const chat::Thinking thinking{{}, request.keep(std::move(sealed))};
        blocks.insert(blocks.begin() + static_cast<std::ptrdiff_t>(i), thinking);
        ++i;
    }
}

}  // namespace

bool Keepsakes::wanted_by(const Profile& profile) {
    return profile.reasoning_field == ReasoningField::thought_signature ||
           profile.reasoning_field == ReasoningField::reasoning_item;
}

void Keepsakes::keep(std::string_view id, std::string_view tool, std::string_view sealed) {
    Entry entry{key_of(id, tool), std::string(sealed)};
    const std::lock_guard lock(mutex_);
    if (const auto found = index_.find(entry.call); found != index_.end()) drop(found->second);
    if (entry.size() > max_bytes_ || capacity_ == 0) return;
    while (entries_.size() >= capacity_ || bytes_ + entry.size() > max_bytes_)
        drop(std::prev(entries_.end()));
    bytes_ += entry.size();
    entries_.push_front(std::move(entry));
    index_.emplace(entries_.front().call, entries_.begin());
}

std::string Keepsakes::find(std::string_view id, std::string_view tool) {
    const std::string call = key_of(id, tool);
    const std::lock_guard lock(mutex_);
    const auto found = index_.find(call);
    if (found == index_.end()) return {};
    entries_.splice(entries_.begin(), entries_, found->second);
    return found->second->sealed;
}

void Keepsakes::drop(Entries::iterator entry) {
    bytes_ -= entry->size();
    index_.erase(entry->call);
    entries_.erase(entry);
}

void restore_reasoning(chat::Request& request, Keepsakes& keepsakes) {
    for (chat::Message& message : request.messages) {
        if (message.role == chat::Role::assistant) {
            restore_message(request, message.content, keepsakes);
        }
    }
}

}  // namespace ccr::dialect
