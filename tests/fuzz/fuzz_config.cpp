// SPDX-License-Identifier: MIT
// A configuration from anywhere. As JSON5: a tree that can be written and read again, or errors
// with their places. As a config: one without errors, or errors that say where and what. As a text
// to edit: the new value is in it, and nothing else has changed its meaning.
#include <algorithm>
#include <string>

#include "common/config/json5.hpp"
#include "common/config/load.hpp"
#include "common/config/text_edit.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace {

using namespace ccr;
using fuzz::check;

void check_errors(const json5::Parsed& parsed, std::string_view text) {
    const auto lines = static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r'; }));
    check(parsed.errors.size() <= json5::max_errors, "not too many errors");
    for (const json5::SyntaxError& error : parsed.errors) {
        check(!error.message.empty(), "a syntax error says what");
        check(error.at.line > 0 && error.at.column > 0, "and where");
        // U+2028 and U+2029 end lines, too, three bytes each.
        check(error.at.line <= lines + text.size() / 3 + 1, "inside the text");
    }
}

// NaN and infinities are written as null.
bool same(const json5::Value& a, const json5::Value& b) {
    return json5::to_json(a) == json5::to_json(b);
}

void check_edits(std::string_view text, const json5::Value& root) {
    const std::vector<config::PathPart> path{{"PORT", false}};
    const auto set = config::set_in_text(text, path, "3457");
    if (!set) {
        check(!set.error().detail.empty(), "a refusal says why");
        return;
    }
    const json5::Parsed changed = json5::parse(*set);
    check(changed.errors.empty(), "an edited text is JSON5");
    const json5::Value* port = config::value_at(changed.root, path);
    check(port != nullptr && port->number == 3457, "the value is in it");
    for (const json5::Member& member : root.members) {
        const json5::Value* kept = changed.root.find(member.key);
        check(kept != nullptr && (same(*kept, member.value) || kept == port), "the rest is kept");
    }
    const auto without = config::remove_from_text(*set, path);
    check(without.has_value(), "what was set can be removed");
    const json5::Parsed left = json5::parse(*without);
    check(left.errors.empty() && left.root.members.size() + 1 == changed.root.members.size(),
          "that and nothing else");
}

void check_json5(std::string_view text) {
    const json5::Parsed parsed = json5::parse(text);
    check_errors(parsed, text);
    if (!parsed.errors.empty()) return;
    const json5::Parsed again = json5::parse(json5::to_json(parsed.root));
    check(again.errors.empty() && same(again.root, parsed.root), "what is written reads the same");
    if (parsed.root.is_object()) check_edits(text, parsed.root);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace ccr::config;
    const std::string_view text = fuzz::as_text(data, size);
    check_json5(text);
    const auto lookup = [](std::string_view name) -> std::optional<std::string> {
        if (name == "KEY") return "value";
        return std::nullopt;
    };
    const Loaded loaded = load_text(text, "config.json", lookup);
    bool failed = false;
    for (const Problem& problem : loaded.problems) {
        failed = failed || problem.severity == Severity::error;
        check(!problem.message.empty(), "a problem says what");
        check(format(problem).starts_with("config.json:"), "a problem says where");
    }
    check(failed != loaded.ok(), "a config is there exactly if there is no error");
    return 0;
}
