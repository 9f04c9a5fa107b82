// SPDX-License-Identifier: MIT
// Replies of the Responses API. Private to the dialect.
//
// Everything is said several times: in pieces, whole when a part is done, whole again when its item
// is done, and once more with the reply. Servers leave some of these out, so each is taken for what
// has not been said before.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/dialect/dialect.hpp"
#include "daemon/dialect/search_notes.hpp"

namespace ccr::dialect::responses {

class Reply final : public ReplyDecoder {
  public:
    explicit Reply(const DecodeOptions& options) : options_(options) {}

    void event(std::string_view name, std::string_view data, chat::EventSink& sink) override;
    void body(std::string_view json, chat::EventSink& sink) override;
    void end(bool clean, chat::EventSink& sink) override;

    // The members of an event that matter, found in one walk.
    struct Event;

  private:
    enum class Said : std::uint8_t { nothing, text, refusal, summary, thoughts };
    struct Row {
        std::string_view type;  // of the event
        void (Reply::*read)(const Event& event, chat::EventSink& sink);
        Said said = Said::nothing;
    };

    // An output item. Servers leave out the index, or give an item another id when it is done.
    struct Item {
        std::int64_t index = -1;
        std::string id;
        std::uint32_t key = 0;           // of a call
        std::uint64_t from = 0;          // characters of the reply in front of its last text
        std::int64_t part = -1;          // of content or summary: the one that is being said
        std::string held;                // arguments that came before the call's name
        Said reasoning = Said::nothing;  // which form of it is told
        bool opened = false;             // a call
        bool arguments = false;          // some were passed on
        bool part_said = false;          // something of `part` was
        bool said = false;               // something of any part was
        bool done = false;               // nothing of it is still to come
    };

    static Event fields_of(json::Value root);
    static const Row* row_of(std::string_view type);

    void read(std::string_view name, json::Value root, chat::EventSink& sink);
    void read_started(const Event& event, chat::EventSink& sink);
    void read_added(const Event& event, chat::EventSink& sink);
    void read_piece(const Event& event, chat::EventSink& sink);
    void read_part(const Event& event, chat::EventSink& sink);
    void read_annotation(const Event& event, chat::EventSink& sink);
    void read_arguments(const Event& event, chat::EventSink& sink);
    void read_all_arguments(const Event& event, chat::EventSink& sink);
    void read_item(const Event& event, chat::EventSink& sink);
    void read_over(const Event& event, chat::EventSink& sink);
    void read_failed(const Event& event, chat::EventSink& sink);

    void whole_reply(json::Value response, chat::EventSink& sink);
    void end_calls(chat::EventSink& sink);
    void whole_item(Item& item, json::Value source, chat::EventSink& sink);
    void whole_message(Item& item, json::Value source, chat::EventSink& sink);
    void whole_reasoning(Item& item, json::Value source, chat::EventSink& sink);
    void whole_search(json::Value source, chat::EventSink& sink);
    void whole_call(Item& item, json::Value source, chat::EventSink& sink);

    Item& item_of(json::Value index, std::string_view id);
    Item& part_of(const Event& event);
    void say(Item& item, Said kind, json::Value piece, chat::EventSink& sink);
    static bool takes_reasoning(Item& item, Said kind);
    void open_call(Item& item, json::Value source, chat::EventSink& sink);
    void arguments(Item& item, json::Value piece, chat::EventSink& sink);
    void start(json::Value response, chat::EventSink& sink);
    void stop(json::Value response, chat::EventSink& sink);
    void fail(Error error, chat::EventSink& sink);
    [[nodiscard]] bool silent() const { return failed_ || ended_; }

    DecodeOptions options_;
    std::vector<Item> items_;
    SearchNotes searches_;
    std::uint64_t characters_ = 0;  // of text, said so far
    std::uint32_t calls_ = 0;
    bool started_ = false;
    bool refused_ = false;
    bool thought_last_ = false;  // what was told last is reasoning
    bool finished_ = false;
    bool failed_ = false;
    bool ended_ = false;
};

}  // namespace ccr::dialect::responses
