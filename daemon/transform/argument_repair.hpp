// SPDX-License-Identifier: MIT
// Tool arguments that are not quite JSON, made JSON while they come: what is right goes through
// byte by byte and at once; held back is only what cannot be judged yet (a quote that may be inside
// its string, a word, a comma). The result is the same however the text is cut.
//
// Mended are: single, missing and unescaped inner quotes, bare words, missing and surplus commas,
// colons and brackets, line ends in strings, unknown escapes, comments, Python's and JavaScript's
// literals, text or a code fence around the object, an object inside a string.
// What is no object at all goes through as it is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace ccr::transform {

class ArgumentRepair {
  public:
    // Appends what is certain of the decoded text so far.
    void feed(std::string_view text, std::string& out);
    // No more text comes. `cut`: the model was stopped in the middle, so nothing is made up.
    void finish(bool cut, std::string& out);
    // The object has been closed.
    [[nodiscard]] bool whole() const { return state_ == State::done; }

  private:
    enum class State : std::uint8_t {
        lead,       // in front of the object
        structure,  // between tokens
        string,
        quote,  // behind a quote that may or may not end the string
        word,   // bare
        slash,  // behind a slash that may begin a comment
        line_comment,
        block_comment,
        done,
        raw,  // beyond help: as it comes
    };
    // What is expected next.
    enum class Place : std::uint8_t { key, colon, value, comma };

    void peel(char c);
    void read(char c);
    void lead(char c);
    void structure(char c);
    void token(char c);
    void separator();
    void colon();
    void close(char c);
    void close_top();
    void fill();
    void begin_token();
    void string(char c);
    void escape(char c);
    void behind_quote(char c);
    void inner_quote();
    void end_string();
    void word(char c);
    void end_word();
    void slash(char c);
    void comment(char c);
    void write(char c);
    void flush_gap();
    void value_ended();
    // White space and bare words that are held back, in bytes.
    static constexpr std::size_t max_held = std::size_t{1} << 20U;
    static bool is_quote(char c) { return c == '"' || c == '\'' || c == '`'; }
    [[nodiscard]] bool in_object() const { return !stack_.empty() && stack_.back() == '{'; }

    std::string* out_ = nullptr;  // during a call
    std::string stack_;           // open brackets
    std::string gap_;             // white space between tokens, with a comma that may be surplus
    std::string held_;            // lead, word, white space behind a quote, or digits of \u
    State state_ = State::lead;
    Place place_ = Place::value;
    char quote_ = '"';
    bool is_key_ = false;
    bool escape_ = false;   // behind a backslash in a string
    bool hex_ = false;      // in the digits of \u
    bool peel_ = false;     // the object is inside a string: one level of escapes more
    bool wrapped_ = false;  // and that string has a quote at its end
    bool peel_escape_ = false;
    bool star_ = false;  // in a block comment, behind a '*'
};

}  // namespace ccr::transform
