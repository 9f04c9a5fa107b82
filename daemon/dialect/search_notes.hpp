// SPDX-License-Identifier: MIT
// What providers say of their searches beside the text (lists of results, citations, queries),
// often over and over again: noted while a reply is read, and told once, where a decoder sees fit.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/json.hpp"
#include "daemon/chat/event.hpp"
#include "daemon/dialect/search_parts.hpp"

namespace ccr::dialect {

class SearchNotes {
  public:
    void query(chat::Escaped query);
    // A page that was found.
    void page(chat::Escaped url, chat::Escaped title, chat::Escaped age = {});
    // The text rests on a page.
    void cite(const chat::Cited& cited);
    // A url_citation in one of OpenAI's two spellings. Its positions are counted from `offset`.
    void cite_annotation(json::Value annotation, std::uint64_t offset = 0);

    // Tells what was noted since the last time: citations while the text that they belong to is
    // what was said last, then the searches. Where no pages were found, those that are cited were.
    void tell(chat::EventSink& sink);

  private:
    struct Page {
        std::string url;
        std::string title;
        std::string age;
    };
    struct Pages {
        std::vector<Page> list;
        std::size_t told = 0;
        void add(std::size_t most, chat::Escaped url, chat::Escaped title, chat::Escaped age);
        std::vector<chat::SearchHit> take();
    };
    void tell_searches(chat::EventSink& sink);

    std::vector<KeptCitation> citations_;
    std::size_t told_citations_ = 0;
    std::vector<std::string> queries_;
    std::size_t told_queries_ = 0;
    Pages found_;
    Pages cited_;
};

}  // namespace ccr::dialect
