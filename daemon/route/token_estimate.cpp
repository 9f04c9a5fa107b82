// SPDX-License-Identifier: MIT
#include "daemon/route/token_estimate.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "common/text.hpp"

namespace ccr::route {
namespace {

// Weights fitted against o200k_base on a mixed corpus (docs, code, lock files, logs, Chinese).
constexpr double per_word = 1.02;
constexpr double per_long_letter = 0.16;  // letters past the seventh of a word
constexpr double per_camel_hump = 0.45;
constexpr double per_punctuation_run = 0.6;
constexpr double per_punctuation = 0.2;
constexpr double per_newline_run = 0.7;
constexpr double per_space_run = 0.35;  // runs of two and more
constexpr double per_cjk = 0.75;
constexpr double per_other_letter = 0.8;

constexpr double per_message = 4;
constexpr double per_tool = 8;
constexpr double any_tools = 350;  // the tool preamble that models are given
constexpr double per_reply = 7;
constexpr double per_image = 1500;
constexpr double per_document_page = 2000;
constexpr double bytes_per_page = 60000;  // base64 bytes of a typical PDF page

enum class Class : std::uint8_t { lower, upper, digit, space, newline, punctuation, lead, trail };

constexpr std::array<Class, 256> make_classes() {
    std::array<Class, 256> table{};
    for (unsigned c = 0; c < 256; ++c) {
        Class kind = Class::punctuation;
        if (c >= 'a' && c <= 'z') kind = Class::lower;
        if (c >= 'A' && c <= 'Z') kind = Class::upper;
        if (c >= '0' && c <= '9') kind = Class::digit;
        if (c == ' ' || c == '\t') kind = Class::space;
        if (c == '\n' || c == '\r') kind = Class::newline;
        if (c >= 0xC0) kind = Class::lead;
        if (c >= 0x80 && c < 0xC0) kind = Class::trail;
        table[c] = kind;
    }
    return table;
}
constexpr auto classes = make_classes();

struct Counts {
    std::uint32_t words = 0, long_letters = 0, humps = 0, digit_groups = 0, punctuation_runs = 0,
                  punctuation = 0, newline_runs = 0, space_runs = 0, cjk = 0, other = 0;

    [[nodiscard]] double tokens() const {
        return per_word * words + per_long_letter * long_letters + per_camel_hump * humps +
               digit_groups + per_punctuation_run * punctuation_runs +
               per_punctuation * punctuation + per_newline_run * newline_runs +
               per_space_run * space_runs + per_cjk * cjk + per_other_letter * other;
    }
};

// Reads one escaped text run by run.
class Scanner {
  public:
    explicit Scanner(std::string_view text) : text_(text) {}

    Counts run() {
        while (at_ < text_.size())
            step();
        return counts_;
    }

  private:
    [[nodiscard]] Class kind(std::size_t i) const {
        if (text_[i] != '\\' || i + 1 >= text_.size()) return classes[byte(i)];
        const char escape = text_[i + 1];
        if (escape == 'n' || escape == 'r') return Class::newline;
        if (escape == 't') return Class::space;
        return Class::punctuation;
    }
    [[nodiscard]] unsigned char byte(std::size_t i) const {
        return static_cast<unsigned char>(text_[i]);
    }
    [[nodiscard]] std::size_t width(std::size_t i) const {
        if (text_[i] != '\\') return 1;
        return i + 1 < text_.size() && text_[i + 1] == 'u' ? 6 : 2;
    }

    // How many characters of `wanted` follow, moving past them.
    std::uint32_t take(Class wanted) {
        std::uint32_t count = 0;
        while (at_ < text_.size() && kind(at_) == wanted) {
            at_ += width(at_);
            ++count;
        }
        at_ = std::min(at_, text_.size());
        return count;
    }

    void step() {
        switch (kind(at_)) {
            case Class::lower:
            case Class::upper:
                word();
                return;
            case Class::digit:
                counts_.digit_groups += (take(Class::digit) + 2) / 3;
                return;
            case Class::space:
                if (take(Class::space) > 1) ++counts_.space_runs;
                return;
            case Class::newline:
                take(Class::newline);
                ++counts_.newline_runs;
                return;
            case Class::punctuation:
                counts_.punctuation += take(Class::punctuation);
                ++counts_.punctuation_runs;
                return;
            case Class::lead:
                character();
                return;
            case Class::trail:
                ++at_;
                return;
        }
    }

    void word() {
        const std::size_t begin = at_;
        Class last = kind(at_);
        for (; at_ < text_.size(); ++at_) {
            const Class now = classes[byte(at_)];
            if (now != Class::lower && now != Class::upper) break;
            if (now == Class::upper && last == Class::lower) ++counts_.humps;
            last = now;
        }
        ++counts_.words;
        const auto length = static_cast<std::uint32_t>(at_ - begin);
        if (length > 7) counts_.long_letters += length - 7;
    }

    void character() {
        // Lead bytes E3..E9 begin kana, CJK ideographs and most of their neighbours.
        const bool cjk = byte(at_) >= 0xE3 && byte(at_) <= 0xED;
        ++(cjk ? counts_.cjk : counts_.other);
        ++at_;
        while (at_ < text_.size() && classes[byte(at_)] == Class::trail)
            ++at_;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    Counts counts_;
};

double estimate_blocks(const chat::Blocks& blocks);

struct BlockEstimate {
    double operator()(const chat::Text& block) const { return estimate_text(block.text.bytes); }
    double operator()(const chat::Image&) const { return per_image; }
    double operator()(const chat::Document& block) const {
        if (block.source.kind == chat::Media::Kind::content) return estimate_blocks(block.content);
        if (block.source.kind == chat::Media::Kind::text) {
            return estimate_text(block.source.data.bytes);
        }
        const auto size = static_cast<double>(block.source.data.bytes.size());
        return per_document_page * std::ceil(1 + size / bytes_per_page);
    }
    double operator()(const chat::SearchResult& block) const {
        return estimate_text(block.title.bytes) + estimate_blocks(block.content);
    }
    double operator()(const chat::Thinking& block) const { return estimate_text(block.text.bytes); }
    double operator()(const chat::RedactedThinking&) const { return 0; }
    double operator()(const chat::ToolUse& block) const {
        return estimate_text(block.name) + estimate_text(block.input) + per_tool;
    }
    double operator()(const chat::ToolReference& block) const { return estimate_text(block.name); }
    double operator()(const chat::ToolResult& block) const {
        return estimate_blocks(block.content) + per_message;
    }
    double operator()(const chat::ServerToolUse& block) const { return estimate_text(block.input); }
    double operator()(const chat::ServerToolResult& block) const {
        return estimate_text(block.content.raw());
    }
    double operator()(const chat::Opaque& block) const { return estimate_text(block.raw); }
};

double estimate_blocks(const chat::Blocks& blocks) {
    double tokens = 0;
    for (const auto& block : blocks) {
        tokens += std::visit(BlockEstimate{}, static_cast<const chat::BlockVariant&>(block));
    }
    return tokens;
}

}  // namespace

double estimate_text(std::string_view escaped) {
    return Scanner(escaped).run().tokens();
}

std::int64_t estimate_from_size(std::size_t bytes) {
    return static_cast<std::int64_t>(bytes / 4) + 1;
}

std::int64_t estimate_tokens(const chat::Request& request) {
    double tokens = per_reply;
    for (const auto& block : request.system)
        tokens += estimate_text(block.text.bytes);
    for (const auto& message : request.messages) {
        tokens += per_message + estimate_blocks(message.content);
    }
    if (!request.tools.empty()) tokens += any_tools;
    for (const auto& tool : request.tools) {
        tokens += per_tool + estimate_text(tool.name) + estimate_text(tool.description.bytes) +
                  estimate_text(tool.input_schema.raw());
    }
    return static_cast<std::int64_t>(std::ceil(tokens));
}

}  // namespace ccr::route
