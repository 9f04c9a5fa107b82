// SPDX-License-Identifier: MIT
// Stands in front of the door's writer where the router makes a model's web searches: takes the
// calls of that function out of the answer, and the answer's end where these are answered first, so
// that several rounds look like one answer to the client.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/chat/event.hpp"
#include "daemon/dialect/dialect.hpp"

namespace ccr::proxy {

class SearchFilter final : public chat::EventSink {
  public:
    // `name` is the function's; the context tells what the provider calls it.
    SearchFilter(chat::EventSink& writer, std::string name, const dialect::ReplyContext& context)
        : writer_(writer), name_(std::move(name)), context_(context) {}

    void on(const chat::Event& event) override;

    struct Call {
        std::uint32_t key = 0;
        std::string id;         // the provider's, may be empty
        std::string arguments;  // JSON-escaped
        bool whole = true;      // or longer than a query has any reason to be
    };
    // What the model said in this round, in its order: it gets that back with the results.
    struct Part {
        enum class Kind : std::uint8_t { thinking, text, call };
        Kind kind = Kind::text;
        std::string content;   // JSON-escaped
        std::string state;     // of thinking, decoded
        std::size_t call = 0;  // index into calls()
    };
    [[nodiscard]] const std::vector<Call>& calls() const { return calls_; }
    [[nodiscard]] const std::vector<Part>& parts() const { return parts_; }

    // The model has said all of this round and wants searches made; only its usage may follow.
    [[nodiscard]] bool all_said() const { return finished_.has_value(); }
    // The round is over, and its searches are to be made.
    [[nodiscard]] bool due() const;
    // It calls tools of the client as well, which ends the answer.
    [[nodiscard]] bool calls_client() const { return calls_client_; }

    // A search was made.
    void tell(const chat::Searched& searched, std::int64_t count);
    void next_round();
    // Gives the writer the end that was held back, if there is one.
    void finish();

  private:
    struct Finish {
        chat::Stop reason = chat::Stop::tool_use;
        std::string matched;
        bool unknown = false;
    };

    bool opened(const chat::ToolOpened& tool);
    void take(Call& call, std::string_view fragment);
    void record(const chat::Event& event);
    Part& part(Part::Kind kind);
    void report(const chat::Usage& usage);
    [[nodiscard]] bool ours(std::string_view name) const;
    [[nodiscard]] Call* find(std::uint32_t key);
    [[nodiscard]] bool dropped(std::uint32_t key) const;

    chat::EventSink& writer_;
    std::string name_;
    dialect::ReplyContext context_;
    std::vector<Call> calls_;
    std::vector<std::uint32_t> dropped_;  // keys of calls that nobody answers
    std::vector<Part> parts_;
    std::optional<Finish> finished_;
    chat::Usage before_;  // of the rounds before
    chat::Usage round_;
    std::size_t kept_ = 0;  // bytes in parts_
    bool reported_ = false;
    bool started_ = false;
    bool ended_ = false;
    bool calls_client_ = false;
};

}  // namespace ccr::proxy
