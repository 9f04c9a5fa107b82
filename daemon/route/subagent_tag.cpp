// SPDX-License-Identifier: MIT
#include "daemon/route/subagent_tag.hpp"

#include <cstring>
#include <vector>

#include "common/text.hpp"
#include "daemon/dialect/json_edit.hpp"

namespace ccr::route {
namespace {

constexpr std::string_view word = "CCR-SUBAGENT-MODEL";
constexpr std::string_view reminder = "<system-reminder>";

// How the tag's punctuation may be spelt inside a JSON string.
constexpr std::string_view less[] = {"<", "\\u003c", "\\u003C"};
constexpr std::string_view greater[] = {">", "\\u003e", "\\u003E"};
constexpr std::string_view slash[] = {"\\/", "/", "\\u002f", "\\u002F"};

struct Range {
    const char* begin;
    const char* end;
};

template <std::size_t N>
std::size_t suffix_of(std::string_view text, const std::string_view (&spellings)[N]) {
    for (const std::string_view spelling : spellings)
        if (text.ends_with(spelling)) return spelling.size();
    return 0;
}

template <std::size_t N>
std::size_t prefix_of(std::string_view text, const std::string_view (&spellings)[N]) {
    for (const std::string_view spelling : spellings)
        if (text.starts_with(spelling)) return spelling.size();
    return 0;
}

// memmem is several times as fast as find() on a text of 30 KB, and every request pays for it.
std::size_t find_word(std::string_view text, std::size_t from) {
    if (from >= text.size()) return std::string_view::npos;
    const void* at = ::memmem(text.data() + from, text.size() - from, word.data(), word.size());
    if (at == nullptr) return std::string_view::npos;
    return static_cast<std::size_t>(static_cast<const char*>(at) - text.data());
}

// The tag around the word at `at`: where its parts are, as offsets. end == 0: it is none.
struct Place {
    std::size_t begin = 0, value = 0, value_end = 0, end = 0;
};

Place opening(std::string_view text, std::size_t at) {
    const std::size_t left = suffix_of(text.substr(0, at), less);
    const std::size_t right = prefix_of(text.substr(at + word.size()), greater);
    if (left == 0 || right == 0) return {};
    return {at - left, at + word.size() + right, 0, 0};
}

Place whole_tag(std::string_view text, std::size_t at) {
    Place place = opening(text, at);
    if (place.value == 0) return {};
    for (std::size_t close = find_word(text, place.value); close != std::string_view::npos;
         close = find_word(text, close + word.size())) {
        const std::string_view before = text.substr(place.value, close - place.value);
        const std::size_t bar = suffix_of(before, slash);
        const std::size_t left = suffix_of(before.substr(0, before.size() - bar), less);
        const std::size_t right = prefix_of(text.substr(close + word.size()), greater);
        if (bar == 0 || left == 0 || right == 0) continue;
        place.value_end = close - bar - left;
        place.end = close + word.size() + right;
        return place;
    }
    return {};
}

class Finder {
  public:
    explicit Finder(const chat::Request& request)
        : request_(request), source_(request.document.source()) {}

    void look_through() {
        for (const chat::Text& text : request_.system)
            look(text.text.bytes);
        look(first_user_text());
    }

    [[nodiscard]] bool found() const { return !tags_.empty(); }

    SubagentTag take() {
        const json::Value system = request_.document.root()["system"];
        dialect::JsonEdit edit(source_);
        // Anthropic refuses a text block without text.
        edit.remove_elements(system, [this](json::Value block) { return left_blank(block); });
        for (const Range& tag : tags_)
            if (!in_removed_block(system, tag)) edit.cut(offset(tag.begin), offset(tag.end));
        return {std::move(model_), edit.apply()};
    }

  private:
    void look(std::string_view text) {
        // Texts that are not the client's own bytes hold no tag of its.
        if (text.data() < source_.data() || text.data() >= source_.data() + source_.size()) return;
        std::size_t at = find_word(text, 0);
        while (at != std::string_view::npos) {
            const Place place = whole_tag(text, at);
            if (place.end == 0) {
                at = find_word(text, at + word.size());
                continue;
            }
            tags_.push_back({text.data() + place.begin, text.data() + place.end});
            if (model_.empty()) {
                const auto value = text.substr(place.value, place.value_end - place.value);
                model_ = trim(json::unescape(value));
            }
            at = find_word(text, place.end);
        }
    }

    [[nodiscard]] std::string_view first_user_text() const {
        for (const chat::Message& message : request_.messages) {
            if (message.role != chat::Role::user) continue;
            std::string_view last;
            for (const chat::Block& block : message.content) {
                const auto* text = std::get_if<chat::Text>(&block);
                if (text == nullptr) continue;
                last = text->text.bytes;
                if (!last.starts_with(reminder)) return last;
            }
            return last;
        }
        return {};
    }

    // Whether nothing but tags stands in a block's text.
    [[nodiscard]] bool left_blank(json::Value block) const {
        const std::string_view text = block["text"].escaped();
        std::string rest;
        const char* from = text.data();
        for (const Range& tag : tags_) {
            if (tag.begin < from || tag.end > text.data() + text.size()) continue;
            rest.append(from, tag.begin);
            from = tag.end;
        }
        if (from == text.data()) return false;
        rest.append(from, text.data() + text.size());
        return trim(json::unescape(rest)).empty();
    }

    [[nodiscard]] bool in_removed_block(json::Value system, const Range& tag) const {
        for (const json::Value block : system.elements()) {
            const std::string_view raw = block.raw();
            const bool inside = tag.begin >= raw.data() && tag.end <= raw.data() + raw.size();
            if (inside) return left_blank(block);
        }
        return false;
    }

    [[nodiscard]] std::size_t offset(const char* at) const {
        return static_cast<std::size_t>(at - source_.data());
    }

    const chat::Request& request_;
    std::string_view source_;
    std::vector<Range> tags_;
    std::string model_;
};

}  // namespace

std::optional<SubagentTag> find_subagent_tag(const chat::Request& request) {
    Finder finder(request);
    finder.look_through();
    if (!finder.found()) return std::nullopt;
    return finder.take();
}

}  // namespace ccr::route
