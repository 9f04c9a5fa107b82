// SPDX-License-Identifier: MIT
// Gemini's groundingMetadata: what was searched, which pages were found, and which parts of the
// text rest on them. Private to the dialect.
#pragma once

#include <string>

#include "common/json.hpp"
#include "daemon/dialect/search_notes.hpp"

namespace ccr::dialect::gemini {

class Grounding {
  public:
    // The reply's text as it comes: the metadata counts its bytes.
    void text(chat::Escaped piece);
    void read(json::Value metadata);
    // What is new, to be told while the text is what was said last.
    void tell(chat::EventSink& sink) { notes_.tell(sink); }

  private:
    void read_support(json::Value support, json::Value chunks, std::string_view whole);

    std::string text_;  // escaped
    SearchNotes notes_;
};

}  // namespace ccr::dialect::gemini
