// SPDX-License-Identifier: MIT
#include "daemon/dialect/responses_input.hpp"

#include <algorithm>
#include <utility>

#include "daemon/dialect/envelope.hpp"
#include "daemon/dialect/escaped_json.hpp"
#include "daemon/dialect/tool_ids.hpp"

namespace ccr::dialect::responses {
namespace {

using openai_chat::line_break;

constexpr char reasoning_mark = 'r';
constexpr char separator = ' ';  // in no id

constexpr std::string_view input_text = "input_text";
constexpr std::string_view output_text = "output_text";
constexpr std::string_view developer = "developer";

// One segment is either a link or the id of an uploaded file; several make up a data URL.
bool is_file_id(std::span<const std::string_view> segments) {
    return segments.size() == 1 && segments.front().starts_with("file-");
}

bool user_speaks_behind(std::span<const openai_chat::Item> items, std::size_t index) {
    const auto behind = items.subspan(index + 1);
    return std::any_of(behind.begin(), behind.end(), [](const openai_chat::Item& item) {
        return item.block != nullptr && item.as<chat::ToolResult>() == nullptr;
    });
}

}  // namespace

std::string pack(const ReasoningItem& item) {
    std::string out(1, reasoning_mark);
    out += item.id;
    out += separator;
    return out += item.encrypted_content;
}

std::optional<ReasoningItem> unpack(std::string_view payload) {
    const auto end = payload.find(separator);
    if (!payload.starts_with(reasoning_mark) || end == std::string_view::npos) return std::nullopt;
    return ReasoningItem{std::string(payload.substr(1, end - 1)),
                         std::string(payload.substr(end + 1))};
}

InputWriter::InputWriter(chat::Request& request, const EncodeOptions& options, ToolNames& names,
                         std::string_view instruction, json::Writer& out)
    : request_(request),
      profile_(*options.profile),
      marks_(openai_chat::cache_marks(*options.profile)),
      envelope_key_(options.envelope_key),
      names_(names),
      instruction_(instruction),
      overlay_(options.overlay),
      out_(out),
      renderer_(request, profile_, names),
      turns_(request, renderer_) {}

Result<void> InputWriter::write() {
    const auto& turns = turns_.turns();
    if (turns.empty()) {
        return Error(ErrorKind::invalid_request, "messages: all messages are empty");
    }
    out_.begin_array();
    system();
    for (const auto& turn : turns) {
        const auto items = turns_.items(turn);
        const bool last = &turn == &turns.back();
        // The last user turn takes what the overlay says to the model.
        tailed_ = overlay_ != nullptr && !turn.assistant && &turns.back() - &turn <= 1;
        if (turn.assistant) {
            assistant(items);
            if (!last) continue;
            if (answers_.calls().empty()) {
                prefill();
                continue;
            }
        }
        if (auto done = user(turn.assistant ? std::span<const Item>() : items); !done) return done;
    }
    out_.end_array();
    if (any_turn_) return {};
    return Error(ErrorKind::invalid_request,
                 "messages: nothing in them can be sent to this provider");
}

// As an item and not as "instructions": so the blocks stay apart.
void InputWriter::system() {
    content_.clear();
    openai_chat::add_system(request_, turns_, instruction_, content_);
    if (!content_.empty()) message(developer, input_text);
}

// --- what the model said

// In the order in which it came. Reasoning that leads to nothing is refused, so it is dropped.
void InputWriter::assistant(std::span<const Item> items) {
    content_.clear();
    thoughts_.clear();
    for (const Item& item : items) {
        if (const auto* text = item.as<chat::Text>()) {
            if (!text->text.empty()) content_.text(text->text.bytes);
        } else if (!item.text.empty()) {
            content_.text(item.text);
        } else if (const auto* thinking = item.as<chat::Thinking>()) {
            thought(thinking->signature, thinking->text.bytes);
        } else if (const auto* redacted = item.as<chat::RedactedThinking>()) {
            thought(redacted->data, {});
        } else if (const auto* use = item.as<chat::ToolUse>()) {
            call(*use);
        }
    }
    flush_assistant();
    thoughts_.clear();
}

void InputWriter::prefill() {
    request_.warn("prefill");
    content_.clear();
    content_.text("Continue exactly from the end of your previous message.");
    flush_user();
}

void InputWriter::thought(std::string_view sealed, std::string_view text) {
    if (profile_.reasoning_return == ReasoningReturn::never) return;
    auto envelope = unseal(envelope_key_, sealed);
    if (!envelope || envelope->family != profile_.family) return;
    auto item = unpack(envelope->payload);
    if (!item) return;
    flush_assistant();
    thoughts_.push_back({std::move(*item), text});
}

void InputWriter::flush_thoughts() {
    for (const Thought& thought : thoughts_) {
        out_.begin_object().key("type").escaped("reasoning");
        if (!thought.item.id.empty()) out_.key("id").string(thought.item.id);
        out_.key("summary").begin_array();
        if (!thought.text.empty()) {
            out_.begin_object().key("type").escaped("summary_text");
            out_.key("text").escaped(thought.text).end_object();
        }
        out_.end_array();
        out_.key("encrypted_content").string(thought.item.encrypted_content).end_object();
    }
    thoughts_.clear();
}

void InputWriter::flush_assistant() {
    if (content_.empty()) return;
    flush_thoughts();
    message("assistant", output_text);
    content_.clear();
    any_turn_ = true;
}

void InputWriter::call(const chat::ToolUse& use) {
    if (!answers_.call(use)) return request_.warn("tool_use.id given twice");
    flush_assistant();
    flush_thoughts();
    out_.begin_object().key("type").escaped("function_call");
    out_.key("call_id").string(provider_tool_id(use.id, profile_.tool_ids));
    out_.key("name").string(names_.sent(use.name)).key("arguments");
    write_as_string(out_, use.input);
    out_.end_object();
    any_turn_ = true;
}

// --- what the user said

Result<void> InputWriter::user(std::span<const Item> items) {
    answers_.find(items);
    media_.clear();
    auto done = outputs();
    content_.clear();
    content_.append(media_);
    if (done) done = rest(items);
    if (tailed_) add_tails(*overlay_, request_, content_);
    flush_user();
    answers_.clear();
    return done;
}

// One for each call, in the order of the calls.
Result<void> InputWriter::outputs() {
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
        out_.begin_object().key("type").escaped("function_call_output");
        out_.key("call_id").string(id).key("output");
        if (content_.has_media()) {
            parts(input_text);
        } else {
            content_.write(out_, line_break, openai_chat::CacheMarks::drop);
        }
        out_.end_object();
        any_turn_ = true;
    }
    return {};
}

// What a user turn holds beside answers.
Result<void> InputWriter::rest(std::span<const Item> items) {
    for (std::size_t i = 0; i < items.size(); ++i) {
        const Item& item = items[i];
        const auto* text = item.as<chat::Text>();
        if (text != nullptr && text->text.empty()) continue;
        if (item.system == nullptr) {
            auto done = answers_.beside(item, request_, renderer_, content_);
            if (!done) return done;
            continue;
        }
        // What comes last should be the user's, or some models have nothing to answer.
        const bool native =
            profile_.mid_system == MidSystem::native && user_speaks_behind(items, i);
        native ? native_system(*item.system) : renderer_.reminder(*item.system, content_);
    }
    return {};
}

void InputWriter::flush_user() {
    if (content_.empty()) return;
    message("user", input_text);
    content_.clear();
    any_turn_ = true;
}

void InputWriter::native_system(const chat::Message& said) {
    flush_user();
    for (const chat::Block& block : said.content) {
        const auto* text = std::get_if<chat::Text>(&block);
        if (text == nullptr) continue;
        content_.open_text(text->cache_control);
        content_.add(text->text.bytes);
    }
    message(developer, input_text);
    content_.clear();
}

// --- items

void InputWriter::message(std::string_view role, std::string_view text_type) {
    out_.begin_object().key("type").escaped("message").key("role").escaped(role);
    out_.key("content");
    parts(text_type);
    out_.end_object();
}

void InputWriter::parts(std::string_view text_type) {
    out_.begin_array();
    for (std::size_t i = 0; i < content_.size(); ++i)
        part(content_.at(i), text_type);
    out_.end_array();
}

void InputWriter::part(const Content::View& view, std::string_view text_type) {
    auto segments = view.segments;
    out_.begin_object().key("type");
    switch (view.kind) {
        case Content::Kind::text:
            out_.escaped(text_type).key("text");
            break;
        case Content::Kind::image:
            out_.escaped("input_image").key("detail").escaped("auto");
            out_.key(is_file_id(segments) ? "file_id" : "image_url");
            break;
        case Content::Kind::file: {
            const std::string_view name = segments.front();
            segments = segments.subspan(1);
            out_.escaped("input_file");
            if (is_file_id(segments)) {
                out_.key("file_id");
            } else if (segments.size() == 1) {
                out_.key("file_url");
            } else {
                out_.key("filename").escaped(name).key("file_data");
            }
            break;
        }
    }
    openai_chat::write_text(out_, segments);
    openai_chat::write_cache_mark(out_, view.cache_control, marks_);
    out_.end_object();
}

}  // namespace ccr::dialect::responses
