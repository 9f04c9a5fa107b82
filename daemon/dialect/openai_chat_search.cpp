// SPDX-License-Identifier: MIT
#include "daemon/dialect/openai_chat_search.hpp"

#include <algorithm>
#include <iterator>

namespace ccr::dialect {
namespace {

// How each provider calls its list and what an entry says.
struct ListRow {
    std::string_view key;
    std::string_view inside;  // member of it that is the list; empty: it is the list itself
    std::string_view url;
    std::string_view age;
};
constexpr ListRow rows[] = {
    {"search_results", {}, "url", "date"},             // Perplexity
    {"web_search", {}, "link", "publish_date"},        // GLM
    {"search_info", "search_results", "url", "date"},  // Qwen
};

void note_list(json::Value list, const ListRow& row, SearchNotes& notes) {
    for (const json::Value entry : list.elements()) {
        notes.page({entry[row.url].escaped()}, {entry["title"].escaped()},
                   {entry[row.age].escaped()});
    }
}

}  // namespace

bool note_results(std::string_view key, json::Value value, SearchNotes& notes) {
    if (key == "citations") {  // Perplexity's older list: bare URLs
        for (const json::Value url : value.elements())
            notes.page({url.escaped()}, {});
        return true;
    }
    const auto* row = std::find_if(std::begin(rows), std::end(rows),
                                   [key](const ListRow& known) { return known.key == key; });
    if (row == std::end(rows)) return false;
    note_list(row->inside.empty() ? value : value[row->inside], *row, notes);
    return true;
}

void tell_executed_tools(json::Value tools, SearchNotes& notes, chat::EventSink& sink) {
    for (const json::Value tool : tools.elements()) {
        const json::Value results = tool["search_results"]["results"];
        if (results.size() == 0) continue;  // another tool, or it is still running
        json::Document document;
        const auto arguments = document.parse_view(tool["arguments"].str());
        if (arguments) notes.query({(*arguments)["query"].escaped()});
        note_list(results, {{}, {}, "url", "published_date"}, notes);
        notes.tell(sink);
    }
}

}  // namespace ccr::dialect
