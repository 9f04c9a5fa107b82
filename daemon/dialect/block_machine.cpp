// SPDX-License-Identifier: MIT
#include "daemon/dialect/block_machine.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "common/text.hpp"
#include "daemon/dialect/envelope.hpp"
#include "daemon/dialect/keepsakes.hpp"
#include "daemon/dialect/tool_names.hpp"

namespace ccr::dialect {

BlockMachine::BlockMachine(const ReplyContext& context, BlockSink& sink)
    : context_(context),
      sink_(sink),
      ids_(context.request, context.message_id),
      search_ids_(context.message_id),
      stops_(context.encoded ? context.encoded->emulated_stops : std::vector<std::string>()) {}

void BlockMachine::on(const chat::Event& event) {
    if (ended_) return;
    if (const auto* text = std::get_if<chat::TextDelta>(&event)) return on_text(text->text);
    if (const auto* thought = std::get_if<chat::ReasoningDelta>(&event))
        return on_reasoning(thought->text);
    if (const auto* piece = std::get_if<chat::ToolArguments>(&event))
        return on_tool_arguments(*piece);
    if (const auto* tool = std::get_if<chat::ToolOpened>(&event)) return on_tool_opened(*tool);
    if (const auto* closed = std::get_if<chat::ToolClosed>(&event))
        return on_tool_closed(closed->key);
    if (const auto* state = std::get_if<chat::ReasoningState>(&event)) return on_state(state->blob);
    if (const auto* failed = std::get_if<chat::Failed>(&event)) return fail(failed->error);
    if (const auto* end = std::get_if<chat::Ended>(&event)) return on_ended(end->complete);
    if (const auto* block = std::get_if<chat::ForeignBlock>(&event)) return on_foreign(*block);
    if (const auto* search = std::get_if<chat::Searched>(&event)) return on_search(*search);
    if (const auto* cited = std::get_if<chat::Cited>(&event)) return on_citation(*cited);
    if (const auto* refusal = std::get_if<chat::RefusalDelta>(&event)) {
        explanation_ += refusal->text.bytes;
        hold(refusal->text.bytes.size());
    }
    if (const auto* usage = std::get_if<chat::UsageReported>(&event)) {
        usage_ = usage->usage;
        reported_searches_ = usage_.web_searches;
        usage_known_ = true;
    }
    if (const auto* finished = std::get_if<chat::Finished>(&event)) {
        stop_ = finished->reason;
        stop_known_ = true;
        if (!finished->matched.empty()) matched_ = finished->matched;
    }
}

void BlockMachine::fail(const Error& error) {
    if (ended_) return;
    ended_ = true;
    waiting_.clear();
    sink_.failed(error);
}

void BlockMachine::keep_alive() {
    if (ended_) return;
    if (open_ == BlockKind::none) switch_to(BlockKind::thinking);
    sink_.delta(open_, {});
}

bool BlockMachine::all_said() const {
    return stop_known_ && waiting_.empty() && !tool_running();
}

const chat::Usage& BlockMachine::usage() const {
    usage_.web_searches = reported_searches_ > 0 ? reported_searches_ : counted_searches_;
    if (usage_known_) return usage_;
    constexpr std::size_t bytes_per_token = 4;
    usage_.estimated = true;
    usage_.input_tokens = context_.estimated_input_tokens;
    usage_.output_tokens =
        static_cast<std::int64_t>((shown_ + bytes_per_token - 1) / bytes_per_token);
    return usage_;
}

// --- events in, in the provider's order

void BlockMachine::on_text(chat::Escaped text) {
    if (text.empty()) return;
    if (stops_.active()) return scan_for_stops(text);
    if (blocked()) return wait(Waiting::Kind::text, text.bytes);
    put_text(text);
}

void BlockMachine::scan_for_stops(chat::Escaped text) {
    const std::string shown = json::escape(stops_.feed(json::unescape(text.bytes)));
    if (!shown.empty()) {
        if (blocked()) {
            wait(Waiting::Kind::text, shown);
        } else {
            put_text({shown});
        }
    }
    if (!stops_.matched().empty() && !ended_) finish();
}

void BlockMachine::on_reasoning(chat::Escaped text) {
    if (text.empty()) return;
    if (blocked()) return wait(Waiting::Kind::reasoning, text.bytes);
    put_reasoning(text);
}

void BlockMachine::on_state(std::string_view blob) {
    if (blob.empty()) return;
    if (blocked()) return wait(Waiting::Kind::state, blob);
    put_state(blob);
}

void BlockMachine::on_tool_opened(const chat::ToolOpened& tool) {
    const bool single = context_.encoded != nullptr && context_.encoded->single_tool_call;
    if (single && tools_ > 0) return;
    ++tools_;
    Waiting item;
    item.kind = Waiting::Kind::tool;
    item.key = tool.key;
    item.id = ids_.assign(tool.id);
    item.name = client_tool_name(tool.name, context_);
    if (!blocked()) return put_tool(item);
    wait(std::move(item));
}

void BlockMachine::on_tool_arguments(const chat::ToolArguments& piece) {
    if (piece.fragment.empty()) return;
    if (open_ == BlockKind::tool && active_.key == piece.key) {
        put_arguments(piece.fragment);
        if (!tool_running() && !waiting_.empty()) advance();
        return;
    }
    const auto owner = std::find_if(waiting_.begin(), waiting_.end(), [&](const Waiting& item) {
        return item.kind == Waiting::Kind::tool && item.key == piece.key;
    });
    if (owner == waiting_.end()) return;  // not wanted, or its block is closed already
    owner->content += piece.fragment.bytes;
    hold(piece.fragment.bytes.size());
}

void BlockMachine::on_tool_closed(std::uint32_t key) {
    if (open_ == BlockKind::tool && active_.key == key) {
        active_.closed = true;
        close();
        advance();
        return;
    }
    for (Waiting& item : waiting_) {
        if (item.kind == Waiting::Kind::tool && item.key == key) item.closed = true;
    }
}

void BlockMachine::on_ended(bool complete) {
    if (complete) {
        finish();
    } else {
        fail(Error(ErrorKind::eof, "the provider's reply broke off"));
    }
}

void BlockMachine::on_foreign(const chat::ForeignBlock& block) {
    if (!blocked()) return put_foreign(block);
    Waiting item;
    item.kind = Waiting::Kind::foreign;
    item.content = block.json;
    item.input = block.input.bytes;
    wait(std::move(item));
}

// --- content out, in the client's order

void BlockMachine::put_text(chat::Escaped text) {
    if (open_ != BlockKind::text || !blob_.empty()) {
        // White space in front of reasoning or of a tool call is an artefact of chat templates.
        if (blank(text)) {
            lead_ += text.bytes;
            hold(text.bytes.size());
            return;
        }
        put_state_alone();
        switch_to(BlockKind::text);
        const std::string lead = std::exchange(lead_, {});
        if (!lead.empty()) sink_.delta(open_, {lead});
        shown_ += lead.size();
    }
    shown_ += text.bytes.size();
    sink_.delta(open_, text);
}

void BlockMachine::put_reasoning(chat::Escaped text) {
    lead_.clear();
    // A block's signature comes last: what follows it is another's.
    if (open_ == BlockKind::thinking && !blob_.empty()) close();
    switch_to(BlockKind::thinking);
    shown_ += text.bytes.size();
    if (!context_.omit_thinking_text) {
        sink_.delta(open_, text);
    } else if (context_.return_hidden_thinking) {
        hidden_ += json::unescape(text.bytes);
        hold(text.bytes.size());
    }
}

void BlockMachine::put_state(std::string_view blob) {
    // A thinking block takes one signature, so a second state needs a block of its own.
    if (!blob_.empty()) {
        switch_to(BlockKind::thinking);
        close();
    }
    blob_ = blob;
}

// State without a text of its own belongs to what follows it, and stands in front of that.
void BlockMachine::put_state_alone() {
    if (!blob_.empty()) switch_to(BlockKind::thinking);
}

void BlockMachine::put_tool(const Waiting& tool) {
    lead_.clear();
    put_state_alone();
    close();
    open(BlockKind::tool, tool.id, tool.name);
    if (context_.keepsakes != nullptr && !sealed_.empty()) {
        context_.keepsakes->keep(tool.id, tool.name, sealed_);
    }
    sealed_.clear();
    active_ = {tool.key, {}, tool.closed};
    put_arguments({tool.content});
}

void BlockMachine::put_foreign(const chat::ForeignBlock& block) {
    lead_.clear();
    put_state_alone();
    close();
    begin();
    shown_ += block.json.size() + block.input.bytes.size();
    sink_.foreign(block);
}

void BlockMachine::put_arguments(chat::Escaped fragment) {
    if (fragment.empty()) return;
    active_.arguments.read(fragment);
    shown_ += fragment.bytes.size();
    sink_.delta(open_, fragment);
}

void BlockMachine::wait(Waiting::Kind kind, std::string_view content) {
    const bool append =
        !waiting_.empty() && waiting_.back().kind == kind && kind != Waiting::Kind::state;
    if (!append) {
        waiting_.emplace_back();
        waiting_.back().kind = kind;
    }
    waiting_.back().content += content;
    hold(content.size());
    if (!tool_running()) advance();
}

void BlockMachine::wait(Waiting item) {
    hold(item.size());
    waiting_.push_back(std::move(item));
    if (!tool_running()) advance();
}

void BlockMachine::hold(std::size_t bytes) {
    held_ += bytes;
    if (held_ > max_held_back) {
        fail(Error(ErrorKind::malformed, "the provider's reply is too disordered to be passed on"));
    }
}

// Passes on what waits, up to a tool call whose arguments are still coming.
void BlockMachine::advance() {
    while (!waiting_.empty() && !tool_running() && !ended_) {
        const Waiting item = std::move(waiting_.front());
        waiting_.pop_front();
        held_ -= std::min(held_, item.size());
        put(item);
    }
}

void BlockMachine::put(const Waiting& item) {
    switch (item.kind) {
        case Waiting::Kind::text:
            return put_text({item.content});
        case Waiting::Kind::reasoning:
            return put_reasoning({item.content});
        case Waiting::Kind::state:
            return put_state(item.content);
        case Waiting::Kind::tool:
            return put_tool(item);
        case Waiting::Kind::foreign:
            return put_foreign({item.content, {item.input}});
        case Waiting::Kind::search:
            return item.search->visit([this](const chat::Searched& search) { put_search(search); });
        case Waiting::Kind::citation:
            return put_citation(item.citation->view());
    }
}

void BlockMachine::switch_to(BlockKind kind) {
    if (open_ == kind) return;
    close();
    open(kind, {}, {});
}

void BlockMachine::open(BlockKind kind, std::string_view id, std::string_view name) {
    begin();
    open_ = kind;
    if (kind != BlockKind::tool) sealed_.clear();
    sink_.open(kind, id, name);
}

void BlockMachine::close() {
    if (open_ == BlockKind::none) return;
    if (open_ == BlockKind::thinking) {
        const bool state = !blob_.empty();
        std::string sealed = sealed_signature();
        sink_.signature(sealed);
        sealed_ = state ? std::move(sealed) : std::string();
    }
    // Strict clients want to see the arguments even of a call that takes none.
    if (open_ == BlockKind::tool && active_.arguments.empty()) sink_.delta(open_, {"{}"});
    sink_.close(std::exchange(open_, BlockKind::none));
}

void BlockMachine::begin() {
    if (begun_) return;
    begun_ = true;
    sink_.begin();
}

void BlockMachine::finish() {
    if (const std::string rest = json::escape(stops_.flush()); !rest.empty()) {
        wait(Waiting::Kind::text, rest);
    }
    while (!waiting_.empty() && !ended_) {
        close();
        advance();
    }
    if (ended_) return;
    put_state_alone();
    close();
    begin();
    ended_ = true;
    sink_.end(ending());
}

// --- what it takes

bool BlockMachine::tool_running() const {
    return open_ == BlockKind::tool && !active_.closed && !active_.arguments.complete();
}

Ending BlockMachine::ending() const {
    using chat::Stop;
    if (!stops_.matched().empty()) return {Stop::stop_sequence, stops_.matched()};
    const bool cut = stop_ == Stop::max_tokens || stop_ == Stop::context_window;
    if (cut) return {stop_};
    if (stop_ == Stop::refusal) return {stop_, {}, {explanation_}};
    if (tools_ > 0) return {Stop::tool_use};
    if (!explanation_.empty()) return {Stop::refusal, {}, {explanation_}};
    if (stop_ == Stop::pause_turn) return {stop_};
    if (stop_ != Stop::stop_sequence || context_.request == nullptr) return {Stop::end_turn};
    // A provider may also name an end token of its own; only the client's sequences mean something.
    for (const chat::Escaped& wanted : context_.request->stop_sequences) {
        if (json::unescape(wanted.bytes) == matched_) return {stop_, matched_};
    }
    return {Stop::end_turn};
}

std::string BlockMachine::sealed_signature() {
    std::string payload = std::exchange(blob_, {});
    if (context_.native_reasoning && payload.starts_with('x')) return payload.substr(1);
    if (payload.empty() && !hidden_.empty()) payload = 't' + hidden_;
    hidden_.clear();
    return seal(context_.envelope_key, context_.reasoning_family, payload);
}

}  // namespace ccr::dialect
