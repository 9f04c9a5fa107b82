// SPDX-License-Identifier: MIT
#include "daemon/transform/think_tag_filter.hpp"

#include <utility>

#include "common/json.hpp"

namespace ccr::transform {
namespace {

using dialect::ThinkTags;

dialect::ThinkTagOptions with_tags(dialect::ThinkTagOptions options, const dialect::TagSet* tags) {
    options.tags = tags != nullptr ? tags : &dialect::TagSet::usual();
    return options;
}

class ThinkTagFilter final : public chat::EventSink {
  public:
    ThinkTagFilter(const dialect::ThinkTagOptions& options,
                   std::unique_ptr<const dialect::TagSet> tags, chat::EventSink& next)
        : next_(next), own_tags_(std::move(tags)), tags_(with_tags(options, own_tags_.get())) {}

    void on(const chat::Event& event) override {
        const auto* text = std::get_if<chat::TextDelta>(&event);
        if (text != nullptr && !tags_.settled()) return read(text->text);
        // Nothing of these can stand inside a pair of tags, nor between a tag and its rest.
        const bool cuts = std::holds_alternative<chat::ReasoningDelta>(event) ||
                          std::holds_alternative<chat::ToolOpened>(event) ||
                          std::holds_alternative<chat::RefusalDelta>(event) ||
                          std::holds_alternative<chat::Searched>(event) ||
                          std::holds_alternative<chat::Cited>(event) ||
                          std::holds_alternative<chat::Ended>(event);
        if (cuts && !tags_.settled()) give(tags_.settle());
        next_.on(event);
    }

  private:
    void read(chat::Escaped text) {
        if (text.empty()) return;
        if (tags_.settles_with(text.bytes.front())) return next_.on(chat::TextDelta{text});
        give(tags_.feed(json::unescape(text.bytes)));
    }

    void give(const std::vector<ThinkTags::Piece>& pieces) {
        for (const ThinkTags::Piece& piece : pieces) {
            const std::string escaped = json::escape(piece.text);
            if (piece.reasoning) {
                next_.on(chat::ReasoningDelta{{escaped}});
            } else {
                next_.on(chat::TextDelta{{escaped}});
            }
        }
    }

    chat::EventSink& next_;
    std::unique_ptr<const dialect::TagSet> own_tags_;
    ThinkTags tags_;
};

}  // namespace

Filter think_tag_filter(const dialect::ThinkTagOptions& options,
                        std::unique_ptr<const dialect::TagSet> tags, chat::EventSink& next) {
    return std::make_unique<ThinkTagFilter>(options, std::move(tags), next);
}

}  // namespace ccr::transform
