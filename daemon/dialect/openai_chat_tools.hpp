// SPDX-License-Identifier: MIT
// Tools and tool choice of a Chat Completions request. Private to the dialect.
#pragma once

#include <optional>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "common/result.hpp"
#include "daemon/chat/request.hpp"
#include "daemon/dialect/client_tools.hpp"
#include "daemon/dialect/dialect.hpp"
#include "daemon/dialect/search_tool.hpp"
#include "daemon/dialect/tool_names.hpp"

namespace ccr::dialect::openai_chat {

class ToolSection {
  public:
    enum class Choice : std::uint8_t { omit, automatic, required, named, none };
    struct Planned {
        const chat::Tool* tool;
        const ClientTool* builtin;  // null for a custom tool
        std::string_view name;      // as the client knows it
    };

    ToolSection(chat::Request& request, const EncodeOptions& options, ToolNames& names)
        : request_(request), options_(options), profile_(*options.profile), names_(names) {}

    // Decides what is sent. Fails if the provider cannot take it. Call first.
    Result<void> plan();

    [[nodiscard]] bool any() const { return !tools_.empty(); }
    // True if the model is made to call a tool.
    [[nodiscard]] bool forced() const;
    // What has to be said in words because tool_choice cannot; escaped, mostly empty.
    [[nodiscard]] std::string_view instruction() const;
    // The members for tools, tool_choice and the provider's own search.
    void write(json::Writer& out) const;

    // What was decided, for dialects that spell it differently.
    [[nodiscard]] const std::vector<Planned>& functions() const { return tools_; }
    [[nodiscard]] std::vector<const ExtraTool*> extra_functions() const;
    [[nodiscard]] Choice choice() const { return choice_; }
    [[nodiscard]] bool search() const {
        return search_.has_value();
    }  // the provider's own, and it is wanted

  private:
    Result<void> classify(const chat::Tool& tool, bool all_deferred);
    void add(const chat::Tool& tool, const ClientTool* builtin);
    void add_referenced();
    [[nodiscard]] bool searchable() const;
    void plan_choice();
    void plan_forced(const chat::ToolChoice& choice, ToolChoiceSupport support);
    void plan_none(ToolChoiceSupport support);
    void keep_only(std::string_view name);
    [[nodiscard]] bool has_tool(std::string_view name) const { return taken_.contains(name); }
    [[nodiscard]] bool history_has_calls() const;
    void write_tool(json::Writer& out, const Planned& planned) const;
    void write_extra(json::Writer& out, const ExtraTool& tool) const;
    void write_choice(json::Writer& out) const;

    chat::Request& request_;
    const EncodeOptions& options_;
    const Profile& profile_;
    ToolNames& names_;
    std::vector<Planned> tools_;
    std::unordered_set<std::string_view> taken_;  // names in tools_
    std::unordered_map<std::string_view, const chat::Tool*> deferred_;
    std::optional<SearchTool> search_;  // the provider's own web search
    bool forbid_in_words_ = false;
    Choice choice_ = Choice::omit;
};

// What OpenAI's formats call it; empty where it takes more than a word, or none.
[[nodiscard]] std::string_view choice_word(ToolSection::Choice choice);

}  // namespace ccr::dialect::openai_chat
