// SPDX-License-Identifier: MIT
#include "daemon/dialect/overflow.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "common/text.hpp"
#include "daemon/dialect/classify.hpp"

namespace ccr::dialect {
namespace {

constexpr std::array<std::string_view, 35> context_phrases{
    "prompt is too long",
    "input is too long for requested model",
    "maximum context length",
    "context_length_exceeded",
    "exceeds the context window",
    "contextwindowexceedederror",
    "longer than the maximum model length",
    "longer than the model's context length",
    "exceeds the available context size",
    "exceeds the maximum number of tokens allowed",
    "exceeded model token limit",
    "input token length too long",
    "input tokens exceed the configured limit",
    "maximum context limit",
    "maximum prompt length",
    "prompt exceeds max length",
    "tokens in request more than max tokens allowed",
    "range of input length should be",
    "context window exceeds limit",
    "but model only supports up to",
    "reduce the length of the messages",
    "`inputs` tokens + `max_new_tokens` must be",
    "context exceeds your deployment",
    // what clients do not look for, but local servers say
    "trying to keep the first",
    "context size has been exceeded",
    "number of tokens to keep from the initial prompt is greater",
    "you requested a total of",
    "exceed_context_size_error",
    "exceeds the model's context",
    "context length exceeded",
    "model_context_window_exceeded",
    "prompt_too_long",
    "string_above_max_length",
    "input length exceeds",
    "context window limit",
};
constexpr std::array<std::string_view, 2> not_context{
    "string too long. expected a string with maximum length", "expected maxlength"};

constexpr std::array<std::string_view, 4> output_names{"max_tokens", "max_completion_tokens",
                                                       "max_output_tokens", "maxoutputtokens"};
constexpr std::array<std::string_view, 12> too_much{
    "too large",        "exceed",      "maximum allowed", "less than or equal", "should be between",
    "supports at most", "valid range", "at most",         "must be less",       "cannot be greater",
    "should be in",     "must be in"};

// Behind these stands the size of the window, or of the output.
constexpr std::array<std::string_view, 20> limit_phrases{"context length is",
                                                         "context length of",
                                                         "prompt length is",
                                                         "context size (",
                                                         "context size of",
                                                         "token limit:",
                                                         "token limit of",
                                                         "limit is",
                                                         "limit of",
                                                         "length of only",
                                                         "supports up to",
                                                         "maximum of",
                                                         "should be [1,",
                                                         "context window of",
                                                         "context window is",
                                                         "must be <=",
                                                         "tokens >",
                                                         "maximum number of tokens allowed (",
                                                         "configured limit of",
                                                         "limit:"};

template <std::size_t Count>
bool contains_any(std::string_view text, const std::array<std::string_view, Count>& phrases) {
    return std::any_of(phrases.begin(), phrases.end(), [text](std::string_view phrase) {
        return text.find(phrase) != std::string_view::npos;
    });
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

struct Number {
    std::int64_t value = 0;
    std::size_t at = 0;
};

// Whole numbers; digits inside words ("gpt-4o", "claude-3-5") and thousands' commas are told apart.
std::vector<Number> numbers_in(std::string_view text) {
    std::vector<Number> out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (!is_digit(text[i])) continue;
        const bool in_word = i > 0 && (ascii_lower(text[i - 1]) >= 'a' || text[i - 1] == '-' ||
                                       text[i - 1] == '.' || text[i - 1] == '_');
        std::string digits;
        const std::size_t begin = i;
        while (i < text.size() && (is_digit(text[i]) || (text[i] == ',' && i + 1 < text.size() &&
                                                         is_digit(text[i + 1])))) {
            if (text[i] != ',') digits += text[i];
            ++i;
        }
        const bool into_word = i < text.size() && ascii_lower(text[i]) >= 'a' && text[i] != '`';
        const auto value = to_number<std::int64_t>(digits);
        if (!in_word && !into_word && value) out.push_back({*value, begin});
    }
    return out;
}

std::int64_t limit_in(std::string_view text, const std::vector<Number>& numbers) {
    for (const std::string_view phrase : limit_phrases) {
        const auto at = text.find(phrase);
        if (at == std::string_view::npos) continue;
        for (const Number& number : numbers) {
            const bool near =
                number.at >= at + phrase.size() && number.at <= at + phrase.size() + 24;
            if (near && number.value > 1) return number.value;
        }
    }
    return 0;
}

Error context_error(std::int64_t tokens, std::int64_t limit) {
    std::string text = "prompt is too long";
    if (limit > 0) {
        text += ": " + std::to_string(tokens) + " tokens > " + std::to_string(limit) + " maximum";
    }
    return {ErrorKind::context_overflow, std::move(text)};
}

Error context_overflow(const ProviderError& error, std::string_view text,
                       const ClassifyContext& context) {
    const std::vector<Number> numbers = numbers_in(text);
    std::int64_t limit = error.context_tokens > 0 ? error.context_tokens : limit_in(text, numbers);
    if (limit == 0) limit = context.context_window;
    std::int64_t tokens = error.prompt_tokens;
    for (const Number& number : numbers) {
        if (tokens <= limit && number.value > limit && number.value >= 16) tokens = number.value;
    }
    // Without a figure of the provider's that makes sense, ours; it has to be above the limit.
    if (tokens <= limit) tokens = std::max(context.estimated_input_tokens, limit + 1);
    return context_error(tokens, limit);
}

// "… maximum context length is 8192 tokens. However, you requested 9000 tokens (8000 in the
// messages, 1000 in the completion)": it is the completion that does not fit.
std::optional<Error> completion_too_long(std::string_view text) {
    const auto messages = text.find(" in the messages");
    const auto completion = text.find(" in the completion");
    if (messages == std::string_view::npos || completion == std::string_view::npos) return {};
    const std::vector<Number> numbers = numbers_in(text);
    std::int64_t input = 0;
    std::int64_t output = 0;
    for (const Number& number : numbers) {
        if (number.at < messages) input = number.value;
        if (number.at < completion) output = number.value;
    }
    const std::int64_t limit = limit_in(text, numbers);
    if (limit == 0 || input >= limit || input + output <= limit) return {};
    return Error(ErrorKind::max_tokens,
                 "input length and `max_tokens` exceed context limit: " + std::to_string(input) +
                     " + " + std::to_string(output) + " > " + std::to_string(limit));
}

// Asked for more output than the window leaves, or than the model ever gives.
Error output_overflow(const ProviderError& error, std::string_view text,
                      const ClassifyContext& context) {
    const bool whole_window = contains_any(
        text, std::array<std::string_view, 3>{"context l", "input length", "input tokens"});
    const std::vector<Number> numbers = numbers_in(text);
    if (whole_window) {
        std::int64_t limit = limit_in(text, numbers);
        if (limit == 0) limit = context.context_window;
        const std::int64_t input = context.estimated_input_tokens;
        // In a window that is known, what is left of it decides, even if our estimate is short.
        if (limit > 0 && context.max_tokens > 0) {
            const std::int64_t shown = std::max(input, limit - context.max_tokens + 1);
            return {ErrorKind::max_tokens,
                    "input length and `max_tokens` exceed context limit: " + std::to_string(shown) +
                        " + " + std::to_string(context.max_tokens) + " > " + std::to_string(limit)};
        }
        return {ErrorKind::max_tokens, sanitise(error.message)};
    }
    std::int64_t cap = 0;
    for (const Number& number : numbers) {
        const bool below = context.max_tokens == 0 || number.value < context.max_tokens;
        if (below && number.value > 1) cap = std::max(cap, number.value);
    }
    if (cap == 0 || context.max_tokens == 0)
        return {ErrorKind::max_tokens, sanitise(error.message)};
    return {ErrorKind::max_tokens,
            "max_tokens: " + std::to_string(context.max_tokens) + " > " + std::to_string(cap) +
                ", which is the maximum allowed number of output tokens for " +
                std::string(context.model)};
}

bool about_output(std::string_view text) {
    return contains_any(text, output_names) && contains_any(text, too_much);
}

// Anthropic's own sentence has all that is needed.
bool canonical(std::string_view text) {
    return text.find("input length and `max_tokens` exceed context limit:") != text.npos ||
           text.find(", which is the maximum allowed number of output tokens") != text.npos;
}

}  // namespace

std::optional<Error> read_overflow(const ProviderError& error, std::string_view haystack,
                                   const ClassifyContext& context) {
    if (canonical(haystack)) return Error(ErrorKind::max_tokens, sanitise(error.message));
    if (auto completion = completion_too_long(haystack)) return completion;
    if (contains_any(haystack, not_context)) return {};
    const bool code = error.code == "1261" ||
                      (error.code == "minimax:1039" && haystack.find("context") != haystack.npos);
    const bool context_text = code || contains_any(haystack, context_phrases);
    // "tokens in request more than max tokens allowed" is about the prompt all the same.
    const bool prompt_named = haystack.find("prompt is too long") != haystack.npos;
    if (about_output(haystack) && !prompt_named) return output_overflow(error, haystack, context);
    if (context_text) return context_overflow(error, haystack, context);
    return {};
}

}  // namespace ccr::dialect
