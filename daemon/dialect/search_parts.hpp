// SPDX-License-Identifier: MIT
// Searches and citations that outlive the event which told of them, and how much of them one reply
// may hold.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/chat/event.hpp"

namespace ccr::dialect {

constexpr std::size_t max_searches = 64;     // of one reply
constexpr std::size_t max_search_hits = 64;  // of one search
constexpr std::size_t max_citations = 256;   // of one reply

class KeptSearch {
  public:
    // Keeps no more hits than one search may have.
    explicit KeptSearch(const chat::Searched& search);

    // Gives the search to `use`, which must not keep it.
    template <typename Use>
    void visit(const Use& use) const {
        std::vector<chat::SearchHit> hits;
        hits.reserve(hits_.size());
        for (const Hit& hit : hits_)
            hits.push_back({{hit.url}, {hit.title}, {hit.age}, hit.opaque});
        use(chat::Searched{id_, {query_}, hits, failure_});
    }
    [[nodiscard]] std::size_t size() const;

  private:
    struct Hit {
        std::string url;
        std::string title;
        std::string age;
        std::string opaque;
    };
    std::string id_;
    std::string query_;
    std::string failure_;
    std::vector<Hit> hits_;
};

class KeptCitation {
  public:
    explicit KeptCitation(const chat::Cited& cited);

    // Valid as long as this object.
    [[nodiscard]] chat::Cited view() const {
        return {{url_}, {title_}, {quote_}, opaque_, from_, to_, json_};
    }
    [[nodiscard]] std::size_t size() const {
        return url_.size() + title_.size() + quote_.size() + opaque_.size() + json_.size();
    }

  private:
    std::string url_;
    std::string title_;
    std::string quote_;
    std::string opaque_;
    std::string json_;
    std::uint64_t from_;
    std::uint64_t to_;
};

// How many characters (code points) a text has.
[[nodiscard]] std::uint64_t characters(chat::Escaped text);

}  // namespace ccr::dialect
