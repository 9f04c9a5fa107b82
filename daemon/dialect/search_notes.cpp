// SPDX-License-Identifier: MIT
#include "daemon/dialect/search_notes.hpp"

#include <algorithm>
#include <utility>

namespace ccr::dialect {
namespace {

std::uint64_t position(json::Value value) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(0, value.integer().value_or(0)));
}

}  // namespace

void SearchNotes::Pages::add(std::size_t most, chat::Escaped url, chat::Escaped title,
                             chat::Escaped age) {
    const auto known = std::find_if(list.begin(), list.end(),
                                    [url](const Page& page) { return page.url == url.bytes; });
    if (known != list.end()) {  // one list may be of bare URLs, the next one says more
        if (known->title.empty()) known->title = title.bytes;
        if (known->age.empty()) known->age = age.bytes;
        return;
    }
    if (url.empty() || list.size() == most) return;
    list.push_back({std::string(url.bytes), std::string(title.bytes), std::string(age.bytes)});
}

// Those that are new.
std::vector<chat::SearchHit> SearchNotes::Pages::take() {
    std::vector<chat::SearchHit> hits;
    for (; told < list.size(); ++told)
        hits.push_back({{list[told].url}, {list[told].title}, {list[told].age}});
    return hits;
}

void SearchNotes::query(chat::Escaped query) {
    const bool known = std::find(queries_.begin(), queries_.end(), query.bytes) != queries_.end();
    if (!known && queries_.size() < max_searches) queries_.emplace_back(query.bytes);
}

void SearchNotes::page(chat::Escaped url, chat::Escaped title, chat::Escaped age) {
    found_.add(max_citations, url, title, age);
}

void SearchNotes::cite(const chat::Cited& cited) {
    if (cited.url.empty() || citations_.size() == max_citations) return;
    const bool known =
        std::any_of(citations_.begin(), citations_.end(), [&](const KeptCitation& kept) {
            const chat::Cited other = kept.view();
            return other.url.bytes == cited.url.bytes && other.from == cited.from &&
                   other.to == cited.to;
        });
    if (known) return;
    citations_.emplace_back(cited);
    cited_.add(max_search_hits, cited.url, cited.title, {});
}

void SearchNotes::cite_annotation(json::Value annotation, std::uint64_t offset) {
    const std::string_view type = annotation["type"].str();
    if (!type.empty() && type != "url_citation") return;
    const json::Value inner = annotation["url_citation"];
    const json::Value source = inner.is_object() ? inner : annotation;
    chat::Cited cited{{source["url"].escaped()}, {source["title"].escaped()}};
    cited.quote = {source["content"].escaped()};
    const std::uint64_t from = position(source["start_index"]);
    const std::uint64_t to = position(source["end_index"]);
    if (to > from) {
        cited.from = offset + from;
        cited.to = offset + to;
    }
    cite(cited);
}

void SearchNotes::tell(chat::EventSink& sink) {
    for (; told_citations_ < citations_.size(); ++told_citations_)
        sink.on(citations_[told_citations_].view());
    tell_searches(sink);
}

// Which query found which page is nowhere said: the first one has them all.
void SearchNotes::tell_searches(chat::EventSink& sink) {
    std::vector<chat::SearchHit> hits = found_.take();
    if (found_.list.empty()) hits = cited_.take();
    std::size_t next = std::exchange(told_queries_, queries_.size());
    if (hits.empty() && next == queries_.size()) return;
    chat::Searched first;
    if (next < queries_.size()) first.query = {queries_[next++]};
    first.hits = hits;
    sink.on(first);
    for (; next < queries_.size(); ++next)
        sink.on(chat::Searched{{}, {queries_[next]}});
}

}  // namespace ccr::dialect
