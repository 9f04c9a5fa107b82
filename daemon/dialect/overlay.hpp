// SPDX-License-Identifier: MIT
// What one target's transformers change about a request, as data. The decoded request is shared by
// all attempts and stays as it is; encoders and the splice lay this over it while they write, so a
// transformer costs no copy and the next target starts from the client's own words. Its views point
// into the configuration or are literals.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/config/json5.hpp"
#include "common/json.hpp"
#include "daemon/chat/request.hpp"

namespace ccr::dialect {

struct ExtraTool {
    std::string_view name;
    std::string_view description;
    std::string_view schema;  // raw JSON
};

// A member of the body's top level.
struct ExtraMember {
    enum class Rule : std::uint8_t {
        merge,    // unless the body has it; of objects the extra member's inside wins, deeply
        replace,  // always
    };
    std::string_view key;
    const json5::Value* value = nullptr;  // of the configuration, which outlives the attempt
    Rule rule = Rule::merge;
};

struct Overlay {
    std::optional<std::int64_t> max_tokens_cap;  // larger requests are cut down to it
    // Raw JSON numbers that take the place of the client's; empty: the client's stays.
    std::string temperature;
    std::string top_p;
    std::string top_k;
    std::string repetition_penalty;
    std::string_view effort;       // whatever the client says; empty: as the client says
    std::optional<bool> thinking;  // asked for or switched off, whatever the client says
    std::optional<chat::ToolChoice::Kind> tool_choice;
    bool drop_cache_control = false;
    std::string_view system_tail;   // said as system behind the last user turn's own words
    std::string_view user_tail;     // one more text in the last user turn
    std::string_view thinking_tag;  // earlier thinking goes in front of its message, in this tag
    std::vector<ExtraTool> tools;
    std::vector<ExtraMember> members;
};

// How many turns back thinking is given back in thinking_tag.
constexpr std::size_t tagged_turns = 10;

// A system text where only a user may speak; JSON-escaped.
[[nodiscard]] inline std::string system_reminder(std::string_view text) {
    std::string out = R"(<system-reminder>\n)";
    json::append_escaped(out, text);
    return out += R"(\n</system-reminder>)";
}

}  // namespace ccr::dialect
