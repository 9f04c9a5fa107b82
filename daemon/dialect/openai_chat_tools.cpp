// SPDX-License-Identifier: MIT
#include "daemon/dialect/openai_chat_tools.hpp"

#include <algorithm>
#include <string>

#include "common/text.hpp"
#include "daemon/dialect/openai_chat_params.hpp"
#include "daemon/dialect/schema.hpp"

namespace ccr::dialect::openai_chat {
namespace {

using chat::ToolChoice;

// Claude Code's stand-in that keeps its list of deferred tools from being empty.
constexpr std::string_view placeholder = "DeferredToolPlaceholder";

bool thinking_asked(const chat::Request& request, const EncodeOptions& options) {
    using Kind = chat::ThinkingMode::Kind;
    const Kind kind = thinking_kind(request, options);
    return kind != Kind::absent && kind != Kind::disabled;
}

template <typename Visit>
void for_each_reference(const chat::Blocks& blocks, const Visit& visit) {
    for (const chat::Block& block : blocks) {
        if (const auto* reference = std::get_if<chat::ToolReference>(&block)) {
            visit(reference->name);
        } else if (const auto* result = std::get_if<chat::ToolResult>(&block)) {
            for_each_reference(result->content, visit);
        }
    }
}

}  // namespace

Result<void> ToolSection::plan() {
    const bool all_deferred = !searchable();
    tools_.reserve(request_.tools.size());
    for (const chat::Tool& tool : request_.tools) {
        if (auto done = classify(tool, all_deferred); !done) return done;
    }
    if (!deferred_.empty()) add_referenced();
    if (profile_.max_tools > 0 && tools_.size() > profile_.max_tools) {
        return Error(ErrorKind::capability, "tools: " + std::to_string(tools_.size()) +
                                                " tools given, this provider takes at most " +
                                                std::to_string(profile_.max_tools));
    }
    plan_choice();
    return {};
}

// Whether the client can find deferred tools on its own; if not, all of them are sent.
bool ToolSection::searchable() const {
    return std::any_of(request_.tools.begin(), request_.tools.end(), [](const chat::Tool& tool) {
        return tool.type.empty() && !tool.defer_loading &&
               (icontains(tool.name, "toolsearch") || icontains(tool.name, "tool_search"));
    });
}

Result<void> ToolSection::classify(const chat::Tool& tool, bool all_deferred) {
    if (tool.name == placeholder && tool.defer_loading) return {};
    if (!tool.direct) {
        request_.warn("tools.allowed_callers");
        return {};
    }
    const ClientTool* builtin = tool.type.empty() ? nullptr : client_tool(tool.type);
    if (tool.type.empty() || builtin != nullptr) {
        if (builtin != nullptr && builtin->needs_images && !profile_.images) {
            return Error(ErrorKind::capability, "capability_rejected: image_block");
        }
        if (tool.defer_loading && !all_deferred) {
            deferred_.emplace(tool.name, &tool);
        } else {
            add(tool, builtin);
        }
        return {};
    }
    if (tool.type.starts_with("tool_search_tool")) return {};
    if (tool.type.starts_with("computer_") || tool.type.starts_with("browser_")) {
        return Error(ErrorKind::capability,
                     "tools: " + std::string(tool.type) + " is not supported by this provider");
    }
    if (tool.type.starts_with("web_search") && profile_.web_search != WebSearch::none) {
        if (search_) return {};
        search_ = read_search_tool(request_, tool);
        warn_of_search_options(request_, *search_, profile_.web_search);
        return {};
    }
    request_.warn("tools." + std::string(tool.type));
    return {};
}

void ToolSection::add(const chat::Tool& tool, const ClientTool* builtin) {
    const std::string_view name =
        builtin != nullptr && tool.name.empty() ? builtin->name : tool.name;
    if (taken_.insert(name).second) {
        tools_.push_back({&tool, builtin, name});
    } else {
        request_.warn("tools.name given twice");
    }
}

// Deferred tools come in the order in which they were found, behind all others: what was sent
// before stays a prefix of what is sent now.
void ToolSection::add_referenced() {
    const auto add_named = [this](std::string_view name) {
        const auto found = deferred_.find(name);
        if (found == deferred_.end() || has_tool(name)) return;
        add(*found->second, client_tool(found->second->type));
    };
    for (const chat::Message& message : request_.messages)
        for_each_reference(message.content, add_named);
    if (request_.tool_choice.kind == ToolChoice::Kind::tool) add_named(request_.tool_choice.name);
}

bool ToolSection::history_has_calls() const {
    const auto calls = [](const chat::Block& block) {
        return std::holds_alternative<chat::ToolUse>(block);
    };
    const auto& messages = request_.messages;
    return std::any_of(messages.begin(), messages.end(), [&](const chat::Message& message) {
        return std::any_of(message.content.begin(), message.content.end(), calls);
    });
}

void ToolSection::plan_choice() {
    ToolChoice choice = request_.tool_choice;
    if (tools_.empty()) return;
    if (options_.overlay != nullptr && options_.overlay->tool_choice) {
        choice.kind = *options_.overlay->tool_choice;
    }
    ToolChoiceSupport support = profile_.tool_choice;
    // While it thinks, DeepSeek cannot be made to call a tool.
    if (profile_.thinking == ThinkingStyle::deepseek && support == ToolChoiceSupport::full &&
        thinking_asked(request_, options_)) {
        support = ToolChoiceSupport::no_required;
    }
    switch (choice.kind) {
        case ToolChoice::Kind::absent:
            return;
        case ToolChoice::Kind::automatic:
            if (support != ToolChoiceSupport::none) choice_ = Choice::automatic;
            return;
        case ToolChoice::Kind::any:
        case ToolChoice::Kind::tool:
            return plan_forced(choice, support);
        case ToolChoice::Kind::none:
            return plan_none(support);
    }
}

void ToolSection::plan_forced(const ToolChoice& choice, ToolChoiceSupport support) {
    const bool named = choice.kind == ToolChoice::Kind::tool;
    if (named && !has_tool(choice.name)) {
        request_.warn("tool_choice");
        return;
    }
    if (support == ToolChoiceSupport::full) {
        choice_ = named ? Choice::named : Choice::required;
        return;
    }
    // The next best to naming a tool is to offer no other.
    if (named) keep_only(choice.name);
    if (support == ToolChoiceSupport::no_named) {
        choice_ = Choice::required;
        return;
    }
    request_.warn("tool_choice");
    if (support == ToolChoiceSupport::auto_only) choice_ = Choice::automatic;
}

void ToolSection::plan_none(ToolChoiceSupport support) {
    if (support != ToolChoiceSupport::auto_only && support != ToolChoiceSupport::none) {
        choice_ = Choice::none;
    } else if (history_has_calls()) {
        request_.warn("tool_choice");
        forbid_in_words_ = true;
    } else {
        tools_.clear();
    }
}

void ToolSection::keep_only(std::string_view name) {
    std::erase_if(tools_, [name](const Planned& planned) { return planned.name != name; });
}

bool ToolSection::forced() const {
    return choice_ == Choice::required || choice_ == Choice::named;
}

std::string_view ToolSection::instruction() const {
    return forbid_in_words_ ? "Do not call any tool in your next reply; answer in text."
                            : std::string_view();
}

void ToolSection::write(json::Writer& out) const {
    const std::string search =
        search_ ? search_element(*search_, profile_.web_search) : std::string();
    if (any() || !search.empty()) {
        out.key("tools").begin_array();
        for (const Planned& planned : tools_)
            write_tool(out, planned);
        for (const ExtraTool* tool : extra_functions())
            write_extra(out, *tool);
        if (!search.empty()) out.raw(search);
        out.end_array();
    }
    if (search_) write_search_members(out, *search_, profile_.web_search);
    if (!any()) return;
    write_choice(out);
    if (request_.tool_choice.disable_parallel && profile_.parallel_tool_calls) {
        out.key("parallel_tool_calls").boolean(false);
    }
    if (profile_.tool_stream && options_.stream(request_)) out.key("tool_stream").boolean(true);
}

// They stand beside the client's tools, never alone.
std::vector<const ExtraTool*> ToolSection::extra_functions() const {
    std::vector<const ExtraTool*> out;
    if (options_.overlay == nullptr || !any()) return out;
    for (const ExtraTool& tool : options_.overlay->tools)
        if (!has_tool(tool.name)) out.push_back(&tool);
    return out;
}

void ToolSection::write_extra(json::Writer& out, const ExtraTool& tool) const {
    out.begin_object().key("type").escaped("function").key("function").begin_object();
    out.key("name").string(tool.name).key("description").string(tool.description);
    out.key("parameters").raw(tool.schema).end_object().end_object();
}

void ToolSection::write_tool(json::Writer& out, const Planned& planned) const {
    const chat::Tool& tool = *planned.tool;
    out.begin_object().key("type").escaped("function").key("function").begin_object();
    out.key("name").string(names_.sent(planned.name));
    if (planned.builtin != nullptr) {
        out.key("description").escaped(planned.builtin->description);
        out.key("parameters").raw(planned.builtin->parameters);
    } else {
        if (!tool.description.empty()) out.key("description").escaped(tool.description.bytes);
        out.key("parameters");
        write_parameters(out, tool.input_schema, profile_.schema);
        const bool strict =
            tool.strict.value_or(false) && profile_.strict_tools && strict_ready(tool.input_schema);
        if (strict) out.key("strict").boolean(true);
    }
    out.end_object().end_object();
}

void ToolSection::write_choice(json::Writer& out) const {
    const std::string_view word = choice_word(choice_);
    if (!word.empty()) out.key("tool_choice").escaped(word);
    if (choice_ != Choice::named) return;
    out.key("tool_choice").begin_object().key("type").escaped("function");
    out.key("function").begin_object();
    out.key("name").string(names_.sent(request_.tool_choice.name));
    out.end_object().end_object();
}

std::string_view choice_word(ToolSection::Choice choice) {
    using Choice = ToolSection::Choice;
    switch (choice) {
        case Choice::automatic:
            return "auto";
        case Choice::required:
            return "required";
        case Choice::none:
            return "none";
        case Choice::omit:
        case Choice::named:
            return {};
    }
    return {};
}

}  // namespace ccr::dialect::openai_chat
