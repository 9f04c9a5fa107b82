// SPDX-License-Identifier: MIT
#include "daemon/dialect/gemini_contents.hpp"

#include "daemon/dialect/envelope.hpp"
#include "daemon/dialect/gemini.hpp"
#include "daemon/dialect/tool_ids.hpp"

namespace ccr::dialect::gemini {
namespace {

using openai_chat::line_break;

// Gemini 3 refuses the first call of a turn without a signature; this one stands for "lost".
constexpr std::string_view no_signature = "skip_thought_signature_validator";

constexpr std::string_view continue_prompt =
    "Continue exactly from the end of your previous message.";

// The media type that a link's path tells; Gemini does not look for itself.
std::string_view type_of_link(std::string_view link) {
    struct Row {
        std::string_view ending;
        std::string_view type;
    };
    constexpr Row rows[] = {{".png", "image/png"},
                            {".webp", "image/webp"},
                            {".gif", "image/gif"},
                            {".heic", "image/heic"},
                            {".pdf", "application/pdf"}};
    link = link.substr(0, link.find_first_of("?#"));
    for (const Row& row : rows)
        if (link.ends_with(row.ending)) return row.type;
    return "image/jpeg";
}

}  // namespace

ContentsWriter::ContentsWriter(chat::Request& request, const EncodeOptions& options,
                               ToolNames& names, std::string_view instruction, json::Writer& out)
    : request_(request),
      options_(options),
      profile_(*options.profile),
      names_(names),
      instruction_(instruction),
      overlay_(options.overlay),
      out_(out),
      renderer_(request, profile_, names),
      turns_(request, renderer_) {}

Result<void> ContentsWriter::write() {
    const auto& turns = turns_.turns();
    if (turns.empty()) {
        return Error(ErrorKind::invalid_request, "messages: all messages are empty");
    }
    system_instruction();
    out_.key("contents").begin_array();
    for (const auto& turn : turns) {
        const auto items = turns_.items(turn);
        if (overlay_ != nullptr) begin_turn(static_cast<std::size_t>(&turn - turns.data()));
        const bool last = &turn == &turns.back();
        if (turn.assistant) {
            model(items);
            if (!last || answers_.calls().empty()) continue;
        }
        if (auto done = user(turn.assistant ? std::span<const Item>() : items); !done) return done;
    }
    if (any_turn_ && !user_spoke_last_) lead_out();
    out_.end_array();
    if (any_turn_) return {};
    return Error(ErrorKind::invalid_request,
                 "messages: nothing in them can be sent to this provider");
}

// The last user turn takes what the overlay says to the model.
void ContentsWriter::begin_turn(std::size_t index) {
    const auto& turns = turns_.turns();
    tailed_ = !turns[index].assistant && turns.size() - index <= 2;
}

bool ContentsWriter::sends_ids() const {
    return profile_.thinking == ThinkingStyle::gemini_level;
}

// --- the system instruction

void ContentsWriter::system_instruction() {
    content_.clear();
    openai_chat::add_system(request_, turns_, instruction_, content_);
    if (content_.empty()) return;
    out_.key("systemInstruction").begin_object().key("parts").begin_array();
    parts(content_);
    out_.end_array().end_object();
}

// A conversation has to begin with the user, and to end there.
void ContentsWriter::lead_in() {
    request_.warn("messages begin with the assistant");
    open("user");
    out_.begin_object().key("text").escaped("(The conversation goes on.)").end_object();
    close();
}

void ContentsWriter::lead_out() {
    request_.warn("prefill");
    open("user");
    out_.begin_object().key("text").escaped(continue_prompt).end_object();
    close();
}

// --- model turns

void ContentsWriter::model(std::span<const Item> items) {
    signature_.clear();
    called_ = false;
    for (std::size_t i = 0; i < items.size(); ++i) {
        const Item& item = items[i];
        if (const auto* text = item.as<chat::Text>()) {
            model_text(text->text.bytes, signature_behind(items.subspan(i + 1)));
        } else if (!item.text.empty()) {
            model_text(item.text, {});
        } else if (const auto* thought = item.as<chat::Thinking>()) {
            thinking(thought->signature);
        } else if (const auto* redacted = item.as<chat::RedactedThinking>()) {
            thinking(redacted->data);
        } else if (const auto* use = item.as<chat::ToolUse>()) {
            call(*use);
        }
    }
    if (!open_) return;
    close();
    any_turn_ = true;
}

void ContentsWriter::model_text(std::string_view escaped, std::string_view signature) {
    if (escaped.empty()) return;
    open("model");
    out_.begin_object().key("text").escaped(escaped);
    const std::string own = std::exchange(signature_, {});
    const std::string_view sent = own.empty() ? signature : std::string_view(own);
    if (!sent.empty()) out_.key("thoughtSignature").string(sent);
    out_.end_object();
}

// Only what Gemini signed goes back to it, and of that the signature only: the text is a summary.
void ContentsWriter::thinking(std::string_view sealed) {
    if (profile_.reasoning_return == ReasoningReturn::never) return;
    auto envelope = unseal(options_.envelope_key, sealed);
    if (!envelope || envelope->family != profile_.family) return;
    if (envelope->payload.starts_with(signature_of_next)) signature_ = envelope->payload.substr(1);
}

// The signature that was sealed behind a text because it came after it.
std::string_view ContentsWriter::signature_behind(std::span<const Item> items) const {
    if (profile_.reasoning_return == ReasoningReturn::never) return {};
    for (const Item& item : items) {
        const auto* thought = item.as<chat::Thinking>();
        if (thought == nullptr) return {};
        auto envelope = unseal(options_.envelope_key, thought->signature);
        if (!envelope || envelope->family != profile_.family) continue;
        if (envelope->payload.starts_with(signature_of_text_before)) {
            return request_.keep(envelope->payload.substr(1));
        }
    }
    return {};
}

void ContentsWriter::call(const chat::ToolUse& use) {
    if (!answers_.call(use)) return request_.warn("tool_use.id given twice");
    open("model");
    out_.begin_object().key("functionCall").begin_object();
    if (sends_ids()) out_.key("id").string(provider_tool_id(use.id, profile_.tool_ids));
    out_.key("name").string(names_.sent(use.name)).key("args");
    out_.raw(use.input.starts_with('{') ? use.input : std::string_view("{}"));
    out_.end_object();
    std::string signature = std::exchange(signature_, {});
    const bool needed = !called_ && profile_.thinking == ThinkingStyle::gemini_level;
    if (signature.empty() && needed) signature = no_signature;
    if (!signature.empty()) out_.key("thoughtSignature").string(signature);
    out_.end_object();
    called_ = true;
}

// --- user turns

Result<void> ContentsWriter::user(std::span<const Item> items) {
    answers_.find(items);
    rest_.clear();
    media_.clear();
    auto done = responses();
    if (done) {
        rest_.append(media_);
        done = rest(items);
    }
    if (tailed_) add_tails(*overlay_, request_, rest_);
    if (done && !rest_.empty()) {
        open("user");
        parts(rest_);
    }
    if (open_) any_turn_ = true;
    close();
    answers_.clear();
    return done;
}

// As many as there were calls, in their order, in front of everything else.
Result<void> ContentsWriter::responses() {
    for (const chat::ToolUse* use : answers_.calls())
        if (auto done = response(*use); !done) return done;
    return {};
}

Result<void> ContentsWriter::response(const chat::ToolUse& use) {
    const chat::ToolResult* result = answers_.of(use.id);
    const bool failed = result == nullptr || result->is_error;
    content_.clear();
    if (result == nullptr) {
        request_.warn("tool_use without tool_result");
        content_.text("the result of this call is missing");
    } else {
        const std::string id = provider_tool_id(use.id, profile_.tool_ids);
        // That it failed is said by the member's name.
        const bool say_so = false;
        auto done = renderer_.tool_result(*result, id, content_, media_, say_so);
        if (!done) return done;
    }
    open("user");
    out_.begin_object().key("functionResponse").begin_object();
    if (sends_ids()) out_.key("id").string(provider_tool_id(use.id, profile_.tool_ids));
    out_.key("name").string(names_.sent(use.name));
    out_.key("response").begin_object().key(failed ? "error" : "output").begin_string();
    bool first = true;
    for (std::size_t i = 0; i < content_.size(); ++i) {
        const auto view = content_.at(i);
        if (view.kind != Content::Kind::text) continue;
        if (!first) out_.append_escaped_text(line_break);
        first = false;
        for (const std::string_view segment : view.segments)
            out_.append_escaped_text(segment);
    }
    out_.end_string().end_object();
    if (content_.has_media()) {
        out_.key("parts").begin_array();
        for (std::size_t i = 0; i < content_.size(); ++i)
            if (content_.at(i).kind != Content::Kind::text) part(content_.at(i));
        out_.end_array();
    }
    out_.end_object().end_object();
    return {};
}

// What a user turn holds beside answers, to rest_.
Result<void> ContentsWriter::rest(std::span<const Item> items) {
    for (const Item& item : items) {
        if (item.system != nullptr) {
            renderer_.reminder(*item.system, rest_);
            continue;
        }
        if (auto done = answers_.beside(item, request_, renderer_, rest_); !done) return done;
    }
    return {};
}

// --- parts

void ContentsWriter::parts(const Content& content) {
    for (std::size_t i = 0; i < content.size(); ++i)
        part(content.at(i));
}

void ContentsWriter::part(const Content::View& view) {
    auto segments = view.segments;
    out_.begin_object();
    if (view.kind == Content::Kind::text) {
        out_.key("text");
        openai_chat::write_text(out_, segments);
        out_.end_object();
        return;
    }
    if (view.kind == Content::Kind::file) segments = segments.subspan(1);
    // Either "data:", type, ";base64,", data, or a link.
    if (segments.size() == 4) {
        const std::string_view type = segments[1].empty() ? "image/png" : segments[1];
        out_.key("inlineData").begin_object().key("mimeType").escaped(type);
        out_.key("data").escaped(segments[3]).end_object();
    } else {
        const std::string_view link = segments.front();
        out_.key("fileData").begin_object().key("mimeType").escaped(type_of_link(link));
        out_.key("fileUri").escaped(link).end_object();
    }
    out_.end_object();
}

void ContentsWriter::open(std::string_view role) {
    if (open_) return;
    const bool user = role == "user";
    if (!user && !begun_) lead_in();
    open_ = true;
    begun_ = true;
    user_spoke_last_ = user;
    out_.begin_object().key("role").escaped(role).key("parts").begin_array();
}

void ContentsWriter::close() {
    if (!open_) return;
    open_ = false;
    out_.end_array().end_object();
}

}  // namespace ccr::dialect::gemini
