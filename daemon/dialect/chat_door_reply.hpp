// SPDX-License-Identifier: MIT
// Pieces of Chat Completions replies that streams and bodies share. Private to the door.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/json.hpp"
#include "daemon/chat/usage.hpp"
#include "daemon/dialect/block_machine.hpp"
#include "daemon/dialect/door_search.hpp"

namespace ccr::dialect::chat_door {

// "chatcmpl-…" for "msg_…".
[[nodiscard]] std::string completion_id(std::string_view message_id);
[[nodiscard]] std::string_view finish_word(chat::Stop stop);
// The counts as a whole object.
void write_usage(json::Writer& writer, const chat::Usage& usage);
// A thinking block as an element of reasoning_details: clients give the list back as it is, and the
// decoder makes the block of it again. `text` is escaped.
void write_detail(json::Writer& writer, std::string_view text, std::string_view sealed,
                  std::int64_t index);
// Whether the client declared the tool of that name as a custom one.
[[nodiscard]] bool is_freeform(const chat::Request* request, std::string_view name);

// The annotations of a reply's text. The format has no other place for pages that were found, so
// they stand there if the provider does not say which of them it cites.
class Annotations {
  public:
    void text(chat::Escaped piece) { places_.text(piece); }
    void found(const chat::Searched& search);
    // As an element of `annotations`; empty if there is nothing to point to.
    [[nodiscard]] std::string of(const chat::Cited& cited);
    // The elements for pages that none was cited of, with commas between.
    [[nodiscard]] std::string of_pages() const;

  private:
    struct Page {
        std::string url;
        std::string title;
    };
    TextPlaces places_;
    std::vector<Page> pages_;
    bool cited_ = false;
};

}  // namespace ccr::dialect::chat_door
