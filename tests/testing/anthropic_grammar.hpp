// SPDX-License-Identifier: MIT
// Reads an Anthropic stream the way a strict client does and complains about anything that the
// format does not allow. Knows nothing of the code that wrote it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ccr::testing {

struct ReadBlock {
    std::string type;
    std::string text;       // of text and thinking; the block as it began if it is of another kind
    std::string signature;  // of thinking
    std::string id;         // of tool_use
    std::string name;
    std::string input;                   // the argument pieces put together
    std::vector<std::string> citations;  // of text, raw JSON
};

struct ReadReply {
    std::string problem;  // the first violation, or empty
    bool started = false;
    bool finished = false;  // message_stop was seen
    std::vector<ReadBlock> blocks;
    std::string id;
    std::string model;
    std::string stop_reason;
    std::string stop_sequence;
    std::string explanation;  // of a refusal
    std::string start_usage;  // raw JSON
    std::string usage;        // raw JSON, of message_delta
    std::string error_type;
    std::string error_message;
    int pings = 0;
    int empty_deltas = 0;

    // "thinking[hm] text[hello] tool_use:Bash{…}" and so on: blocks in one line.
    [[nodiscard]] std::string shape() const;
};

// `complete`: the stream has to be at its end, by message_stop or error. `native`: the provider
// speaks the format too; its searches and citations go out as they came, even damaged and with our
// own marks in them. (Without, what bears no mark of ours is let pass as well.)
[[nodiscard]] ReadReply read_anthropic_stream(std::string_view stream, bool complete = true,
                                              bool native = false);

}  // namespace ccr::testing
