// SPDX-License-Identifier: MIT
// From a provider's events, in whatever order they come, to content blocks one after the other: the
// part of an Anthropic reply that is the same for a stream and for a body. It alone decides when a
// block opens and closes, so no sequence of events can make an illegal one.
//
// One tool call at a time is passed on live. Whatever comes while its arguments are incomplete
// (other calls, text, reasoning) waits in line and follows in the order in which it began.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "daemon/dialect/anthropic_search.hpp"
#include "daemon/dialect/argument_scanner.hpp"
#include "daemon/dialect/dialect.hpp"
#include "daemon/dialect/search_parts.hpp"
#include "daemon/dialect/stop_scanner.hpp"
#include "daemon/dialect/tool_ids.hpp"

namespace ccr::dialect {

constexpr std::size_t max_held_back = 16U << 20U;  // bytes waiting in one reply

enum class BlockKind : std::uint8_t { none, text, thinking, tool };

// How the reply ended, in the client's terms.
struct Ending {
    chat::Stop stop = chat::Stop::end_turn;
    std::string_view stop_sequence = {};  // decoded
    chat::Escaped explanation = {};       // of a refusal
};

// Receives: begin (open (delta | cited)* signature? close | foreign | searched)* end, or failed at
// any point, and nothing after.
class BlockSink {
  public:
    virtual ~BlockSink() = default;
    virtual void begin() = 0;
    // `id` and `name`: of a tool, as the client knows it.
    virtual void open(BlockKind kind, std::string_view id, std::string_view name) = 0;
    virtual void delta(BlockKind kind, chat::Escaped piece) = 0;
    virtual void signature(std::string_view sealed) = 0;
    virtual void close(BlockKind kind) = 0;
    // A whole block.
    virtual void foreign(const chat::ForeignBlock& block) = 0;
    // A whole search, under the id that the client is to know it by.
    virtual void searched(const chat::Searched& search) = 0;
    // Of the text that is open.
    virtual void cited(const chat::Cited& cited) = 0;
    virtual void end(const Ending& ending) = 0;
    virtual void failed(const Error& error) = 0;
};

class BlockMachine {
  public:
    // What the context refers to has to outlive the machine.
    BlockMachine(const ReplyContext& context, BlockSink& sink);

    void on(const chat::Event& event);
    void fail(const Error& error);
    // Makes progress visible without content: opens a thinking block if none is open, and gives an
    // empty piece of the open block.
    void keep_alive();
    // Looks at this request from now on; its tools and stop sequences are all that is asked of it.
    void use_request(const chat::Request& request) { context_.request = &request; }

    [[nodiscard]] bool begun() const { return begun_; }
    [[nodiscard]] bool ended() const { return ended_; }
    // Only a late usage report could still follow.
    [[nodiscard]] bool all_said() const;
    // Counts as reported, or our estimate.
    [[nodiscard]] const chat::Usage& usage() const;

  private:
    struct Waiting {
        enum class Kind : std::uint8_t { text, reasoning, state, tool, foreign, search, citation };
        Kind kind = Kind::text;
        std::string content;  // text, state, a foreign block, or the arguments so far
        std::uint32_t key = 0;
        std::string id;
        std::string name;
        std::string input;  // of a foreign block
        std::unique_ptr<const KeptSearch> search;
        std::unique_ptr<const KeptCitation> citation;
        bool closed = false;
        [[nodiscard]] std::size_t size() const {
            const std::size_t bytes = content.size() + id.size() + name.size() + input.size();
            return bytes + (search ? search->size() : 0) + (citation ? citation->size() : 0);
        }
    };
    // The tool call that is being passed on.
    struct Active {
        std::uint32_t key = 0;
        ArgumentScanner arguments;
        bool closed = false;
    };

    void on_text(chat::Escaped text);
    void on_reasoning(chat::Escaped text);
    void on_state(std::string_view blob);
    void on_tool_opened(const chat::ToolOpened& tool);
    void on_tool_arguments(const chat::ToolArguments& arguments);
    void on_tool_closed(std::uint32_t key);
    void on_foreign(const chat::ForeignBlock& block);
    void on_search(const chat::Searched& search);
    void on_citation(const chat::Cited& cited);
    void on_ended(bool complete);
    void scan_for_stops(chat::Escaped text);

    void put_text(chat::Escaped text);
    void put_reasoning(chat::Escaped text);
    void put_state(std::string_view blob);
    void put_state_alone();
    void put_tool(const Waiting& tool);
    void put_foreign(const chat::ForeignBlock& block);
    void put_search(const chat::Searched& search);
    void put_citation(const chat::Cited& cited);
    void put_arguments(chat::Escaped fragment);

    void wait(Waiting::Kind kind, std::string_view content);
    void wait(Waiting item);
    void hold(std::size_t bytes);
    void advance();
    void put(const Waiting& item);
    void switch_to(BlockKind kind);
    void open(BlockKind kind, std::string_view id, std::string_view name);
    void close();
    void begin();
    void finish();

    [[nodiscard]] bool tool_running() const;
    [[nodiscard]] bool blocked() const { return !waiting_.empty() || tool_running(); }
    [[nodiscard]] Ending ending() const;
    [[nodiscard]] std::string sealed_signature();

    ReplyContext context_;
    BlockSink& sink_;
    ToolIds ids_;
    anthropic::SearchIds search_ids_;
    StopScanner stops_;
    std::deque<Waiting> waiting_;
    std::string lead_;    // white space in front of a text that may not come
    std::string hidden_;  // thinking that the client does not want to see
    std::string blob_;    // state of the current or next thinking block
    std::string sealed_;  // of the thinking block that has just ended, if it had any
    std::string explanation_;
    std::string matched_;
    mutable chat::Usage usage_;  // an estimate is made when asked for
    Active active_;
    std::size_t held_ = 0;
    std::size_t shown_ = 0;  // bytes of content, for the estimate
    std::uint32_t tools_ = 0;
    std::size_t searches_ = 0;
    std::size_t citations_ = 0;
    std::int64_t counted_searches_ = 0;   // those that did not fail
    std::int64_t reported_searches_ = 0;  // as the provider counts them
    BlockKind open_ = BlockKind::none;
    chat::Stop stop_ = chat::Stop::end_turn;
    bool usage_known_ = false;
    bool stop_known_ = false;
    bool begun_ = false;
    bool ended_ = false;
};

}  // namespace ccr::dialect
