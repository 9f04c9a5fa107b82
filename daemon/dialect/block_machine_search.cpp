// SPDX-License-Identifier: MIT
// Searches and citations among the blocks.
#include <algorithm>
#include <memory>
#include <utility>

#include "daemon/dialect/block_machine.hpp"

namespace ccr::dialect {

void BlockMachine::on_search(const chat::Searched& search) {
    if (searches_ == max_searches) return;
    ++searches_;
    if (search.failure.empty()) ++counted_searches_;
    if (!blocked()) return put_search(search);
    Waiting item;
    item.kind = Waiting::Kind::search;
    item.search = std::make_unique<const KeptSearch>(search);
    wait(std::move(item));
}

void BlockMachine::on_citation(const chat::Cited& cited) {
    if ((cited.url.empty() && cited.json.empty()) || citations_ == max_citations) return;
    ++citations_;
    if (!blocked()) return put_citation(cited);
    Waiting item;
    item.kind = Waiting::Kind::citation;
    item.citation = std::make_unique<const KeptCitation>(cited);
    wait(std::move(item));
}

void BlockMachine::put_search(const chat::Searched& search) {
    lead_.clear();
    put_state_alone();
    close();
    begin();
    const std::string id = search_ids_.assign(search.id);
    chat::Searched shown = search;
    shown.id = id;
    shown.hits = search.hits.first(std::min(search.hits.size(), max_search_hits));
    sink_.searched(shown);
}

// A text that is over takes no more, and another one would be credited with what it did not say.
void BlockMachine::put_citation(const chat::Cited& cited) {
    if (open_ == BlockKind::text) sink_.cited(cited);
}

}  // namespace ccr::dialect
