// SPDX-License-Identifier: MIT
#include "daemon/dialect/anthropic_reply.hpp"

#include <algorithm>
#include <utility>

#include "common/text.hpp"
#include "daemon/dialect/classify.hpp"
#include "daemon/dialect/search_parts.hpp"

namespace ccr::dialect {
namespace {

using chat::Stop;

struct StopRow {
    std::string_view word;
    Stop stop;
};
constexpr StopRow stop_rows[] = {
    {"end_turn", Stop::end_turn},
    {"max_tokens", Stop::max_tokens},
    {"stop_sequence", Stop::stop_sequence},
    {"tool_use", Stop::tool_use},
    {"refusal", Stop::refusal},
    {"pause_turn", Stop::pause_turn},
    {"model_context_window_exceeded", Stop::context_window},
};

// Blocks come one after the other; more that are open at once are nobody's format.
constexpr std::size_t max_open_foreign = 16;

std::uint32_t index_of(json::Value root) {
    return static_cast<std::uint32_t>(root["index"].integer().value_or(0));
}

}  // namespace

void merge_anthropic_usage(chat::Usage& usage, json::Value object) {
    for (const json::Member member : object.members()) {
        const std::string_view key = member.key.str();
        const auto count = member.value.integer();
        if (key == "output_tokens_details") {
            if (const auto thinking = member.value["thinking_tokens"].integer()) {
                usage.thinking_tokens = thinking;
            }
        }
        if (key == "server_tool_use") {
            usage.web_searches = member.value["web_search_requests"].integer().value_or(0);
        }
        if (key == "cost") usage.cost_usd = member.value.number();
        if (!count) continue;
        if (key == "input_tokens") usage.input_tokens = *count;
        if (key == "output_tokens") usage.output_tokens = *count;
        if (key == "cache_read_input_tokens") usage.cache_read_tokens = count;
        if (key == "cache_creation_input_tokens") usage.cache_creation_tokens = count;
    }
}

void AnthropicReply::event(std::string_view name, std::string_view data, chat::EventSink& sink) {
    if (silent() || data.starts_with("[DONE]")) return;
    const auto root = options_.scratch->parse_view(data);
    if (!root) {
        if (finished_) return;
        const bool told = name == "error";
        fail(told ? error_in_words(data)
                  : Error(ErrorKind::malformed,
                          "the provider's stream holds something that is no JSON"),
             sink);
        return;
    }
    const std::string_view type = (*root)["type"].str();
    read(type.empty() ? name : type, *root, sink);
}

void AnthropicReply::read(std::string_view type, json::Value root, chat::EventSink& sink) {
    if (type == "content_block_delta") {
        read_delta(index_of(root), root["delta"], sink);
    } else if (type == "content_block_start") {
        read_block(index_of(root), root["content_block"], sink);
    } else if (type == "content_block_stop") {
        close_block(index_of(root), sink);
    } else if (type == "message_start") {
        read_start(root["message"], sink);
    } else if (type == "message_delta") {
        read_ending(root["delta"], sink);
        read_usage(root["usage"], sink);
    } else if (type == "message_stop") {
        ended(finished_, sink);
    } else if (type == "ping") {
        sink.on(chat::Idle{});
    } else if (type == "error" || root["error"].present()) {
        fail(classify_frame(root, options_.classify), sink);
    }
}

void AnthropicReply::read_start(json::Value message, chat::EventSink& sink) {
    sink.on(chat::Started{message["id"].str(), message["model"].str()});
    read_usage(message["usage"], sink);
}

void AnthropicReply::read_block(std::uint32_t key, json::Value block, chat::EventSink& sink) {
    const std::string_view type = block["type"].str();
    if (type == "text") {
        text_ = {key, characters_, {}};
        if (!block["text"].str().empty()) read_text({block["text"].escaped()}, sink);
        for (const json::Value citation : block["citations"].elements())
            add_citation(citation);
    }
    if (type == "thinking") {
        const json::Value thinking = block["thinking"];
        if (!thinking.str().empty()) sink.on(chat::ReasoningDelta{{thinking.escaped()}});
        const std::string_view signature = block["signature"].str();
        if (!signature.empty()) sink.on(chat::ReasoningState{"x" + std::string(signature)});
    }
    if (type != "text" && type != "thinking" && type != "tool_use" && !type.empty()) {
        if (foreign_.size() < max_open_foreign)
            foreign_.push_back({key, std::string(block.raw()), {}});
    }
    if (type != "tool_use" || block["name"].str().empty()) return;
    open_tools_.push_back(key);
    sink.on(chat::ToolOpened{key, block["id"].str(), block["name"].str()});
    // Imitations of the format put the arguments here; the original always says {}.
    if (block["input"].size() == 0) return;
    const std::string input = json::escape(block["input"].raw());
    sink.on(chat::ToolArguments{key, {input}});
}

void AnthropicReply::read_delta(std::uint32_t key, json::Value delta, chat::EventSink& sink) {
    for (const json::Member member : delta.members()) {
        const std::string_view name = member.key.str();
        if (name == "citation") add_citation(member.value);
        const chat::Escaped piece{member.value.escaped()};
        if (piece.empty()) continue;
        if (name == "text") read_text(piece, sink);
        if (name == "thinking") sink.on(chat::ReasoningDelta{piece});
        if (name == "partial_json") {
            if (is_tool(key)) {
                sink.on(chat::ToolArguments{key, piece});
            } else {
                extend_foreign(key, piece, sink);
            }
        }
        if (name == "signature") {
            sink.on(chat::ReasoningState{"x" + std::string(member.value.str())});
        }
    }
}

void AnthropicReply::read_text(chat::Escaped piece, chat::EventSink& sink) {
    characters_ += characters(piece);
    sink.on(chat::TextDelta{piece});
}

void AnthropicReply::add_citation(json::Value citation) {
    if (!citation.is_object() || citations_ == max_citations) return;
    ++citations_;
    text_.citations.emplace_back(citation.raw());
}

void AnthropicReply::tell_citations(chat::EventSink& sink) {
    for (const std::string& json : std::exchange(text_.citations, {})) {
        json::Document document;
        const auto place = document.parse_view(json);
        if (!place) continue;
        chat::Cited cited{{(*place)["url"].escaped()}, {(*place)["title"].escaped()}};
        cited.quote = {(*place)["cited_text"].escaped()};
        cited.from = text_.from;
        cited.to = characters_;
        cited.json = json;
        sink.on(cited);
    }
}

void AnthropicReply::read_ending(json::Value ending, chat::EventSink& sink) {
    const std::string_view word = ending["stop_reason"].str();
    if (word.empty()) return;
    const auto* row = std::find_if(std::begin(stop_rows), std::end(stop_rows),
                                   [word](const StopRow& known) { return known.word == word; });
    const bool unknown = row == std::end(stop_rows);
    const json::Value explanation = ending["stop_details"]["explanation"];
    if (!explanation.str().empty()) sink.on(chat::RefusalDelta{{explanation.escaped()}});
    finished_ = true;
    sink.on(chat::Finished{unknown ? Stop::end_turn : row->stop, ending["stop_sequence"].str(),
                           unknown});
}

void AnthropicReply::read_usage(json::Value usage, chat::EventSink& sink) {
    if (!usage.is_object()) return;
    merge_anthropic_usage(usage_, usage);
    sink.on(chat::UsageReported{usage_});
}

void AnthropicReply::extend_foreign(std::uint32_t key, chat::Escaped piece, chat::EventSink& sink) {
    for (Foreign& block : foreign_) {
        if (block.key != key) continue;
        block.input += piece.bytes;
        if (block.input.size() <= max_sse_event) return;
        return fail(Error(ErrorKind::malformed, "a block of the provider's reply is too large"),
                    sink);
    }
}

void AnthropicReply::close_block(std::uint32_t key, chat::EventSink& sink) {
    if (key == text_.key) tell_citations(sink);
    const auto foreign = std::find_if(foreign_.begin(), foreign_.end(),
                                      [key](const Foreign& block) { return block.key == key; });
    if (foreign != foreign_.end()) {
        const Foreign block = std::move(*foreign);
        foreign_.erase(foreign);
        sink.on(chat::ForeignBlock{block.json, {block.input}});
    }
    if (!is_tool(key)) return;
    std::erase(open_tools_, key);
    sink.on(chat::ToolClosed{key});
}

void AnthropicReply::body(std::string_view json, chat::EventSink& sink) {
    if (silent()) return;
    const auto root = options_.scratch->parse_view(trim(json));
    if (!root || !root->is_object()) {
        fail(Error(ErrorKind::malformed, "the provider's reply is no JSON object"), sink);
        return;
    }
    if ((*root)["type"].str() == "error" || (*root)["error"].present()) {
        fail(classify_frame(*root, options_.classify), sink);
        return;
    }
    if (!(*root)["content"].is_array()) {
        fail(Error(ErrorKind::malformed, "the provider's reply holds no content"), sink);
        return;
    }
    read_start(*root, sink);
    std::uint32_t key = 0;
    for (const json::Value block : (*root)["content"].elements()) {
        read_block(key, block, sink);
        close_block(key++, sink);
    }
    read_ending(*root, sink);
    if (!finished_) {
        finished_ = true;
        sink.on(chat::Finished{});
    }
}

void AnthropicReply::end(bool /*clean*/, chat::EventSink& sink) {
    if (!ended_) ended(finished_ && !failed_, sink);
}

void AnthropicReply::ended(bool complete, chat::EventSink& sink) {
    ended_ = true;
    sink.on(chat::Ended{complete});
}

void AnthropicReply::fail(Error error, chat::EventSink& sink) {
    failed_ = true;
    sink.on(chat::Failed{std::move(error)});
}

bool AnthropicReply::is_tool(std::uint32_t key) const {
    return std::find(open_tools_.begin(), open_tools_.end(), key) != open_tools_.end();
}

std::unique_ptr<ReplyDecoder> anthropic_reply_decoder(const DecodeOptions& options) {
    return std::make_unique<AnthropicReply>(options);
}

}  // namespace ccr::dialect
