// SPDX-License-Identifier: MIT
#include "daemon/proxy/search_filter.hpp"

#include <algorithm>
#include <variant>

#include "daemon/dialect/tool_names.hpp"

namespace ccr::proxy {
namespace {

constexpr std::size_t max_calls = 16;                           // of one round
constexpr std::size_t max_dropped = 1024;                       // writers know what is not theirs
constexpr std::size_t max_arguments = std::size_t{64} * 1024;   // of one call
constexpr std::size_t max_kept = std::size_t{4} * 1024 * 1024;  // of what is given back

void add(std::optional<std::int64_t>& sum, const std::optional<std::int64_t>& more) {
    if (more) sum = sum.value_or(0) + *more;
}

chat::Usage sum_of(chat::Usage sum, const chat::Usage& more) {
    sum.input_tokens += more.input_tokens;
    sum.output_tokens += more.output_tokens;
    add(sum.cache_read_tokens, more.cache_read_tokens);
    add(sum.cache_creation_tokens, more.cache_creation_tokens);
    add(sum.thinking_tokens, more.thinking_tokens);
    if (more.cost_usd) sum.cost_usd = sum.cost_usd.value_or(0) + *more.cost_usd;
    sum.estimated = sum.estimated || more.estimated;
    return sum;
}

}  // namespace

void SearchFilter::on(const chat::Event& event) {
    if (std::holds_alternative<chat::Started>(event)) {
        if (!std::exchange(started_, true)) writer_.on(event);
        return;
    }
    if (const auto* tool = std::get_if<chat::ToolOpened>(&event)) {
        if (opened(*tool)) return;
    } else if (const auto* piece = std::get_if<chat::ToolArguments>(&event)) {
        if (Call* call = find(piece->key)) return take(*call, piece->fragment.bytes);
        if (dropped(piece->key)) return;
    } else if (const auto* closed = std::get_if<chat::ToolClosed>(&event)) {
        if (find(closed->key) != nullptr || dropped(closed->key)) return;
    } else if (const auto* usage = std::get_if<chat::UsageReported>(&event)) {
        return report(usage->usage);
    } else if (const auto* finished = std::get_if<chat::Finished>(&event)) {
        if (!calls_.empty()) {
            finished_ = Finish{finished->reason, std::string(finished->matched), finished->unknown};
            return;
        }
    } else if (const auto* ended = std::get_if<chat::Ended>(&event)) {
        ended_ = ended->complete;
        if (ended->complete && !calls_.empty()) return;
    } else {
        record(event);
    }
    writer_.on(event);
}

bool SearchFilter::opened(const chat::ToolOpened& tool) {
    if (!ours(tool.name)) {
        calls_client_ = true;
        return false;
    }
    if (calls_.size() < max_calls) {
        part(Part::Kind::call).call = calls_.size();
        calls_.push_back({tool.key, std::string(tool.id), {}});
    } else if (dropped_.size() < max_dropped) {
        // More than anybody answers at once: they are as if they had never been.
        dropped_.push_back(tool.key);
    }
    return true;
}

bool SearchFilter::dropped(std::uint32_t key) const {
    return std::find(dropped_.begin(), dropped_.end(), key) != dropped_.end();
}

void SearchFilter::take(Call& call, std::string_view fragment) {
    call.whole = call.whole && call.arguments.size() + fragment.size() <= max_arguments;
    if (call.whole) call.arguments += fragment;
}

bool SearchFilter::ours(std::string_view name) const {
    return dialect::client_tool_name(name, context_) == name_;
}

SearchFilter::Call* SearchFilter::find(std::uint32_t key) {
    const auto found = std::find_if(calls_.begin(), calls_.end(),
                                    [key](const Call& call) { return call.key == key; });
    return found == calls_.end() ? nullptr : &*found;
}

void SearchFilter::record(const chat::Event& event) {
    const auto room = [this](std::size_t bytes) {
        if (kept_ + bytes > max_kept) return false;
        kept_ += bytes;
        return true;
    };
    if (const auto* text = std::get_if<chat::TextDelta>(&event)) {
        if (room(text->text.bytes.size())) part(Part::Kind::text).content += text->text.bytes;
    } else if (const auto* thought = std::get_if<chat::ReasoningDelta>(&event)) {
        if (!room(thought->text.bytes.size())) return;
        // What follows a state is another block's.
        const bool closed = !parts_.empty() && !parts_.back().state.empty();
        if (closed) parts_.push_back({.kind = Part::Kind::thinking});
        part(Part::Kind::thinking).content += thought->text.bytes;
    } else if (const auto* state = std::get_if<chat::ReasoningState>(&event)) {
        if (!room(state->blob.size())) return;
        const bool closed = !parts_.empty() && !parts_.back().state.empty();
        if (closed) parts_.push_back({.kind = Part::Kind::thinking});
        part(Part::Kind::thinking).state = state->blob;
    }
}

// The last part if it is of that kind and can be added to, else a new one.
SearchFilter::Part& SearchFilter::part(Part::Kind kind) {
    const bool goes_on = !parts_.empty() && parts_.back().kind == kind && kind != Part::Kind::call;
    if (!goes_on) parts_.push_back({.kind = kind});
    return parts_.back();
}

void SearchFilter::report(const chat::Usage& usage) {
    round_ = usage;
    reported_ = true;
    chat::Usage sum = sum_of(before_, round_);
    sum.web_searches = before_.web_searches + round_.web_searches;
    writer_.on(chat::UsageReported{sum});
}

bool SearchFilter::due() const {
    if (!ended_ || calls_.empty()) return false;
    const auto reason = finished_ ? finished_->reason : chat::Stop::tool_use;
    // Anything else cuts the answer off, perhaps in the middle of a call.
    return reason == chat::Stop::tool_use || reason == chat::Stop::end_turn ||
           reason == chat::Stop::stop_sequence;
}

void SearchFilter::tell(const chat::Searched& searched, std::int64_t count) {
    before_.web_searches = count;
    writer_.on(searched);
}

void SearchFilter::next_round() {
    const auto searches = before_.web_searches;
    before_ = sum_of(before_, round_);
    before_.web_searches = searches;
    round_ = {};
    calls_.clear();
    dropped_.clear();
    parts_.clear();
    finished_.reset();
    kept_ = 0;
    ended_ = false;
    calls_client_ = false;
}

void SearchFilter::finish() {
    if (!ended_ || calls_.empty()) return;  // the writer has it
    ended_ = false;
    // The usage came before the searches were made.
    if (reported_) report(round_);
    Finish end = std::move(finished_).value_or(Finish{});
    const bool cut = end.reason != chat::Stop::tool_use || calls_client_;
    chat::Finished finished;
    finished.reason = cut ? end.reason : chat::Stop::end_turn;
    finished.matched = end.matched;
    finished.unknown = end.unknown;
    writer_.on(finished);
    writer_.on(chat::Ended{});
}

}  // namespace ccr::proxy
