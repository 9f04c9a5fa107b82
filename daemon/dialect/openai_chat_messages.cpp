// SPDX-License-Identifier: MIT
#include "daemon/dialect/openai_chat_messages.hpp"

#include <algorithm>
#include <ranges>

#include "daemon/dialect/escaped_json.hpp"
#include "daemon/dialect/tool_ids.hpp"

namespace ccr::dialect::openai_chat {
namespace {

bool has_content_behind(std::span<const Item> items, std::size_t index) {
    return std::any_of(
        items.begin() + static_cast<std::ptrdiff_t>(index) + 1, items.end(), [](const Item& item) {
            return item.as<chat::Text>() != nullptr || item.as<chat::Image>() != nullptr ||
                   item.as<chat::Document>() != nullptr || item.as<chat::SearchResult>() != nullptr;
        });
}

}  // namespace

MessageWriter::MessageWriter(chat::Request& request, const EncodeOptions& options, ToolNames& names,
                             std::string_view instruction, json::Writer& out)
    : request_(request),
      profile_(*options.profile),
      marks_(cache_marks(*options.profile)),
      names_(names),
      instruction_(instruction),
      overlay_(options.overlay),
      out_(out),
      renderer_(request, profile_, names),
      reasoning_reader_(request, profile_, options.envelope_key),
      turns_(request, renderer_) {}

Result<void> MessageWriter::write() {
    const auto& turns = turns_.turns();
    if (turns.empty()) {
        return Error(ErrorKind::invalid_request, "messages: all messages are empty");
    }
    out_.begin_array();
    system();
    for (const Turns::Turn& turn : turns) {
        const auto items = turns_.items(turn);
        if (overlay_ != nullptr) begin_turn(static_cast<std::size_t>(&turn - turns.data()));
        const bool last = &turn == &turns.back();
        if (turn.assistant) {
            assistant(items, last);
        } else if (auto done = user(items); !done) {
            return done;
        }
        if (turn.assistant && last && !answers_.calls().empty()) {
            if (auto done = user({}); !done) return done;
        }
    }
    out_.end_array();
    if (!any_turn_) {
        return Error(ErrorKind::invalid_request,
                     "messages: nothing in them can be sent to this provider");
    }
    return {};
}

// What the overlay has for this turn. Turns alternate, so every second one is the assistant's.
void MessageWriter::begin_turn(std::size_t index) {
    const auto& turns = turns_.turns();
    const std::size_t behind = turns.size() - index - 1;
    tagged_ = !overlay_->thinking_tag.empty() && behind / 2 < tagged_turns;
    tailed_ = !turns[index].assistant && behind <= 1;
}

std::string_view MessageWriter::system_role() const {
    return profile_.developer_role ? "developer" : "system";
}

void MessageWriter::system() {
    content_.clear();
    add_system(request_, turns_, instruction_, content_);
    if (content_.empty()) return;
    out_.begin_object().key("role").escaped(system_role()).key("content");
    if (profile_.system_parts) {
        content_.write_parts(out_, marks_);
    } else {
        content_.write(out_, paragraph, marks_);
    }
    out_.end_object();
}

void MessageWriter::assistant(std::span<const Item> items, bool last) {
    collect_assistant(items);
    reasoning_reader_.read(items, reasoning_);
    any_turn_ = true;
    out_.begin_object().key("role").escaped("assistant").key("content");
    assistant_content();
    write_reasoning(out_, reasoning_, profile_, !answers_.calls().empty());
    if (!answers_.calls().empty()) tool_calls();
    prefill(last);
}

// The turn's texts to content_, its calls to answers_. Neighbouring texts are one text; what stood
// between others (tools, reasoning) becomes a paragraph.
void MessageWriter::collect_assistant(std::span<const Item> items) {
    content_.clear();
    bool adjoining = false;
    for (const Item& item : items) {
        if (const auto* text = item.as<chat::Text>()) {
            if (!adjoining) content_.open_text();
            content_.add(text->text.bytes);
            adjoining = true;
            continue;
        }
        adjoining = false;
        if (!item.text.empty()) content_.text(item.text);
        const auto* use = item.as<chat::ToolUse>();
        if (use == nullptr) continue;
        if (!answers_.call(*use)) request_.warn("tool_use.id given twice");
    }
}

void MessageWriter::assistant_content() {
    const bool back =
        profile_.reasoning_return != ReasoningReturn::tool_turns || !answers_.calls().empty();
    const bool tags_only = overlay_ != nullptr && !overlay_->thinking_tag.empty();
    if (tags_only) {
        if (tagged_ && !reasoning_.texts.empty()) tag_reasoning();
    } else if (back && !reasoning_.texts.empty()) {
        if (profile_.reasoning_field == ReasoningField::content_parts) return thinking_part();
        if (profile_.reasoning_field == ReasoningField::think_tags) {
            Content tagged;
            think_tags(tagged);
            tagged.append(content_);
            return tagged.write(out_, paragraph, CacheMarks::drop);
        }
    }
    if (!content_.empty()) {
        content_.write(out_, paragraph, CacheMarks::drop);
    } else if (profile_.null_content) {
        out_.null();
    } else {
        out_.escaped("");
    }
}

void MessageWriter::think_tags(Content& content) const {
    content.text("<think>");
    for (const std::string_view text : reasoning_.texts)
        content.add(text);
    content.add("</think>");
}

void MessageWriter::tag_reasoning() {
    const std::string tag = json::escape(overlay_->thinking_tag);
    content_.prefix(request_.keep("</" + tag + R"(>\n)"));
    for (const auto& text : std::views::reverse(reasoning_.texts))
        content_.prefix(text);
    content_.prefix(request_.keep("<" + tag + ">"));
}

void MessageWriter::thinking_part() {
    out_.begin_array().begin_object().key("type").escaped("thinking");
    out_.key("thinking").begin_array();
    out_.begin_object().key("type").escaped("text").key("text").begin_string();
    for (const std::string_view text : reasoning_.texts)
        out_.append_escaped_text(text);
    out_.end_string().end_object().end_array().end_object();
    content_.write_part_elements(out_, CacheMarks::drop);
    out_.end_array();
}

void MessageWriter::tool_calls() {
    const bool signatures = profile_.reasoning_field == ReasoningField::thought_signature;
    out_.key("tool_calls").begin_array();
    for (std::size_t i = 0; i < answers_.calls().size(); ++i) {
        const chat::ToolUse& use = *answers_.calls()[i];
        out_.begin_object();
        out_.key("id").string(provider_tool_id(use.id, profile_.tool_ids));
        out_.key("type").escaped("function").key("function").begin_object();
        out_.key("name").string(names_.sent(use.name)).key("arguments");
        write_as_string(out_, use.input);
        out_.end_object();
        if (signatures) {
            // Gemini refuses the first call of a turn without one; this value stands for "lost".
            std::string_view signature =
                i < reasoning_.signatures.size() ? reasoning_.signatures[i] : std::string_view();
            if (signature.empty() && i == 0) signature = "skip_thought_signature_validator";
            if (!signature.empty()) {
                out_.key("extra_content").begin_object().key("google").begin_object();
                out_.key("thought_signature").string(signature).end_object().end_object();
            }
        }
        out_.end_object();
    }
    out_.end_array();
}

// Ends an assistant message. If it is the last, the client wants it continued.
void MessageWriter::prefill(bool last) {
    const bool wanted = last && answers_.calls().empty();
    if (wanted && profile_.prefill == Prefill::prefix) out_.key("prefix").boolean(true);
    if (wanted && profile_.prefill == Prefill::partial) out_.key("partial").boolean(true);
    out_.end_object();
    if (!wanted || profile_.prefill != Prefill::none) return;
    request_.warn("prefill");
    out_.begin_object().key("role").escaped("user").key("content");
    out_.escaped("Continue exactly from the end of your previous message.").end_object();
}

// A user turn: first the answers to the calls of the turn before, then all else.
Result<void> MessageWriter::user(std::span<const Item> items) {
    answers_.find(items);
    rest_.clear();
    media_.clear();
    Result<void> done;
    if (profile_.user_after_tool || answers_.calls().empty()) {
        done = tool_messages(nullptr);
        rest_.append(media_);
        if (done) done = rest(items, true);
        if (tailed_) add_tails(*overlay_, request_, rest_);
        flush_user();
    } else {
        done = rest(items, false);
        if (tailed_) add_tails(*overlay_, request_, rest_);
        if (done) done = tool_messages(&rest_);
    }
    answers_.clear();
    return done;
}

// One message per call, in the order of the calls, with nothing in between. `behind_last` is what
// has to follow for a provider that takes no user message after these.
Result<void> MessageWriter::tool_messages(const Content* behind_last) {
    for (const chat::ToolUse* use : answers_.calls()) {
        const std::string id = provider_tool_id(use->id, profile_.tool_ids);
        const chat::ToolResult* result = answers_.of(use->id);
        content_.clear();
        if (result == nullptr) {
            request_.warn("tool_use without tool_result");
            content_.text("Error: the result of this call is missing.");
        } else if (auto done = renderer_.tool_result(*result, id, content_, media_); !done) {
            return done;
        }
        if (behind_last != nullptr && use == answers_.calls().back()) {
            content_.append(media_);
            content_.append(*behind_last);
        }
        out_.begin_object().key("role").escaped("tool").key("tool_call_id").string(id);
        out_.key("content");
        content_.write(out_, line_break, CacheMarks::drop);
        out_.end_object();
    }
    return {};
}

// What a user turn holds beside answers, to rest_.
Result<void> MessageWriter::rest(std::span<const Item> items, bool may_split) {
    for (std::size_t i = 0; i < items.size(); ++i) {
        const Item& item = items[i];
        if (item.system != nullptr) {
            // A system message that nothing of the user's follows would come last, where some
            // models answer nothing; inside the user's turn it is safe.
            const bool native = may_split && profile_.mid_system == MidSystem::native &&
                                has_content_behind(items, i);
            native ? native_system(*item.system) : renderer_.reminder(*item.system, rest_);
            continue;
        }
        if (auto done = answers_.beside(item, request_, renderer_, rest_); !done) return done;
    }
    return {};
}

void MessageWriter::flush_user() {
    if (rest_.empty()) return;
    any_turn_ = true;
    out_.begin_object().key("role").escaped("user").key("content");
    rest_.write(out_, paragraph, marks_);
    out_.end_object();
    rest_.clear();
}

void MessageWriter::native_system(const chat::Message& message) {
    flush_user();
    for (const chat::Block& block : message.content) {
        const auto* text = std::get_if<chat::Text>(&block);
        if (text == nullptr) continue;
        rest_.open_text(text->cache_control);
        rest_.add(text->text.bytes);
    }
    out_.begin_object().key("role").escaped(system_role()).key("content");
    rest_.write(out_, paragraph, marks_);
    out_.end_object();
    rest_.clear();
}

}  // namespace ccr::dialect::openai_chat
