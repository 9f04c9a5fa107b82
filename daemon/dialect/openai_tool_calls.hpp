// SPDX-License-Identifier: MIT
// Which tool call does a fragment belong to? Chat Completions says `index`; servers send it, leave
// it out, repeat it for different calls or send ids only. Part of the Chat reply decoder.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/json.hpp"
#include "daemon/chat/event.hpp"
#include "daemon/dialect/argument_scanner.hpp"
#include "daemon/dialect/profile.hpp"

namespace ccr::dialect {

class OpenaiToolCalls {
  public:
    explicit OpenaiToolCalls(const Profile& profile) : profile_(&profile) {}

    // The `tool_calls` array of one delta or message.
    void read(json::Value tool_calls, chat::EventSink& sink);
    // The `function_call` object that came before tool_calls.
    void read_function_call(json::Value function, chat::EventSink& sink);
    // No more fragments follow: opens what was held back.
    void finish(chat::EventSink& sink);
    [[nodiscard]] bool empty() const { return calls_.empty(); }
    // A call with a name was seen.
    [[nodiscard]] bool any_usable() const { return usable_; }

  private:
    static constexpr std::int64_t no_index = -1;
    struct Call {
        std::int64_t index = no_index;
        std::string id;
        std::string name;
        std::string held;  // arguments before the name, or so far if they come cumulatively
        ArgumentScanner arguments;
        std::uint32_t key = 0;
        bool opened = false;
        bool in_this_delta = false;
    };
    struct Fragment {
        std::int64_t index = no_index;
        std::string_view id;
        std::string_view name;
        json::Value arguments;
    };

    void read(const Fragment& fragment, chat::EventSink& sink);
    Call& call_for(const Fragment& fragment, chat::EventSink& sink);
    [[nodiscard]] std::size_t find(const Fragment& fragment) const;
    [[nodiscard]] bool starts_another(const Call& call, const Fragment& fragment) const;
    [[nodiscard]] bool repeats_whole(const Call& call, const Fragment& fragment) const;
    Call& add(const Fragment& fragment, chat::EventSink& sink);
    void take_name(Call& call, std::string_view name) const;
    void take_arguments(Call& call, json::Value arguments, chat::EventSink& sink);
    void pass_on(Call& call, chat::Escaped fragment, chat::EventSink& sink);
    void open(Call& call, chat::EventSink& sink);

    const Profile* profile_;
    std::vector<Call> calls_;
    std::size_t current_ = 0;
    bool usable_ = false;
};

}  // namespace ccr::dialect
