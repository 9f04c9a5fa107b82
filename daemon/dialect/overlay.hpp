// SPDX-License-Identifier: MIT
// What one target's transformers change about a request, as data. The decoded request is shared by
// all attempts and stays as it is; encoders and the splice lay this over it while they write, so a
// transformer costs no copy and the next target starts from the client's own words.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/config/json5.hpp"
#include "daemon/chat/request.hpp"

namespace ccr::dialect {

struct ExtraTool {
    std::string name;
    std::string description;
    std::string schema;  // raw JSON
};

// A member of the request's top level.
struct ExtraMember {
    enum class Rule : std::uint8_t {
        add,      // unless the request has it
        merge,    // objects deeply, the extra member winning inside; otherwise as add
        replace,  // always
    };
    std::string key;
    json5::Value value;
    Rule rule = Rule::add;
};

struct Overlay {
    std::optional<std::int64_t> max_tokens_cap;  // larger requests are cut down to it
    // Raw JSON numbers that take the place of the client's; empty: the client's stays.
    std::string temperature;
    std::string top_p;
    std::string top_k;
    std::string repetition_penalty;
    std::optional<bool> thinking;  // asked for or switched off, whatever the client says
    std::optional<chat::ToolChoice::Kind> tool_choice;
    bool drop_cache_control = false;
    std::string system_tail;        // one more system message behind all others
    std::string user_tail;          // one more text in the last user turn
    bool thinking_as_text = false;  // earlier thinking goes in front of its message, in tags
    std::vector<ExtraTool> tools;
    std::vector<ExtraMember> members;
};

}  // namespace ccr::dialect
