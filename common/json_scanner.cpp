// SPDX-License-Identifier: MIT
// The one pass over a JSON text (RFC 8259): checks it and writes the tape. Strings, the bulk of
// every text, are skipped sixteen bytes at a time.
#include <cstring>

#include "common/json.hpp"
#include "common/text.hpp"
#include "common/utf8.hpp"

// CCR_PORTABLE: as on other processors; a test is built so.
#if defined(__SSE2__) && !defined(CCR_PORTABLE)
#define CCR_SCAN_SSE2
#include <emmintrin.h>
#endif

namespace ccr::json {
namespace {

// A guess that saves large texts the growing; schemas come to about this, prose to far more.
constexpr std::size_t bytes_per_node = 48;

constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
constexpr bool is_hex(char c) {
    return is_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'f');
}

}  // namespace

class Scanner {
  public:
    explicit Scanner(Document& document)
        : source_(document.source_), nodes_(document.nodes_), open_(document.open_) {}

    // False: not JSON; reason() and at() say why and where.
    bool run() {
        while (reason_ == nullptr && expect_ != Expect::nothing) {
            skip_space();
            if (at_ >= source_.size()) return fail("the text ends too early");
            step(source_[at_]);
        }
        if (reason_ != nullptr) return false;
        skip_space();
        return at_ == source_.size() || fail("text after the end of the value");
    }

    [[nodiscard]] const char* reason() const { return reason_; }
    [[nodiscard]] std::size_t at() const { return at_; }
    // Bytes or escapes were seen that may have to be repaired.
    [[nodiscard]] bool non_ascii() const { return non_ascii_; }
    [[nodiscard]] bool surrogates() const { return surrogates_; }

  private:
    using Node = Document::Node;
    enum class Expect : std::uint8_t {
        value,
        element_or_end,  // right behind '['
        key_or_end,      // right behind '{'
        key,
        comma_or_end,
        nothing,
    };

    bool fail(const char* reason) {
        if (reason_ == nullptr) reason_ = reason;
        return false;
    }

    void skip_space() {
        while (at_ < source_.size()) {
            const char c = source_[at_];
            if (c != ' ' && c != '\n' && c != '\r' && c != '\t') return;
            ++at_;
        }
    }

    void step(char c) {
        switch (expect_) {
            case Expect::element_or_end:
                if (c == ']') return close(Type::array);
                return value(c);
            case Expect::value:
                return value(c);
            case Expect::key_or_end:
                if (c == '}') return close(Type::object);
                return key(c);
            case Expect::key:
                return key(c);
            case Expect::comma_or_end:
                return separator(c);
            case Expect::nothing:
                return;
        }
    }

    void value(char c) {
        if (!open_.empty()) {
            Node& parent = nodes_[open_.back()];
            if (parent.type == Type::array) ++parent.count;
        }
        switch (c) {
            case '"':
                string();
                return after_value();
            case '{':
                return open(Type::object, Expect::key_or_end);
            case '[':
                return open(Type::array, Expect::element_or_end);
            case 't':
                return literal("true", Type::boolean, true);
            case 'f':
                return literal("false", Type::boolean, false);
            case 'n':
                return literal("null", Type::null, false);
            default:
                return number();
        }
    }

    void key(char c) {
        if (c != '"') {
            fail("a key in double quotes is missing");
            return;
        }
        ++nodes_[open_.back()].count;
        string();
        if (reason_ != nullptr) return;
        skip_space();
        if (at_ >= source_.size() || source_[at_] != ':') {
            fail("a colon is missing behind a key");
            return;
        }
        ++at_;
        expect_ = Expect::value;
    }

    void separator(char c) {
        const Type inside = nodes_[open_.back()].type;
        if (c == ',') {
            ++at_;
            expect_ = inside == Type::object ? Expect::key : Expect::value;
            return;
        }
        if (c == (inside == Type::object ? '}' : ']')) return close(inside);
        fail(inside == Type::object ? "a comma or a closing brace is missing"
                                    : "a comma or a closing bracket is missing");
    }

    void after_value() { expect_ = open_.empty() ? Expect::nothing : Expect::comma_or_end; }

    void open(Type type, Expect next) {
        if (open_.size() >= max_depth) {
            fail("nested too deeply");
            return;
        }
        open_.push_back(size());
        nodes_.push_back({position(), 0, 0, 0, type, false});
        ++at_;
        expect_ = next;
    }

    void close(Type) {
        ++at_;
        Node& node = nodes_[open_.back()];
        open_.pop_back();
        node.end = position();
        node.next = size();
        after_value();
    }

    void literal(std::string_view word, Type type, bool flag) {
        if (source_.substr(at_, word.size()) != word) {
            fail("not a value");
            return;
        }
        push(word.size(), type, flag);
        after_value();
    }

    void number() {
        std::size_t i = at_;
        const auto here = [&] { return i < source_.size() ? source_[i] : '\0'; };
        const auto digits = [&] {
            const std::size_t first = i;
            while (is_digit(here()))
                ++i;
            return i > first;
        };
        if (here() == '-') ++i;
        const bool zero = here() == '0';
        if (zero) ++i;
        if (!zero && !digits()) {
            fail("not a value");
            return;
        }
        if (here() == '.') {
            ++i;
            if (!digits()) fail("a number lacks its decimals");
        }
        if (here() == 'e' || here() == 'E') {
            ++i;
            if (here() == '+' || here() == '-') ++i;
            if (!digits()) fail("a number lacks its exponent");
        }
        if (reason_ != nullptr) return;
        push(i - at_, Type::number, false);
        after_value();
    }

    void push(std::size_t length, Type type, bool flag) {
        const std::uint32_t begin = position();
        at_ += length;
        nodes_.push_back({begin, position(), 0, size() + 1, type, flag});
    }

    // `at_` is on the opening quote; moves behind the closing one.
    void string() {
        ++at_;
        const std::uint32_t begin = position();
        bool escapes = false;
        for (;;) {
            skip_plain();
            if (at_ >= source_.size()) {
                fail("a string is not closed");
                return;
            }
            const char c = source_[at_];
            if (c == '"') break;
            if (c != '\\') {
                fail("a control character stands unescaped in a string");
                return;
            }
            escapes = true;
            if (!escape()) return;
        }
        nodes_.push_back({begin, position(), 0, size() + 1, Type::string, escapes});
        ++at_;
    }

    // Moves to the next quote, backslash or control character.
    void skip_plain() {
        const char* const bytes = source_.data();
        const std::size_t size = source_.size();
        std::size_t i = at_;
#if defined(CCR_SCAN_SSE2)
        const __m128i quote = _mm_set1_epi8('"');
        const __m128i backslash = _mm_set1_epi8('\\');
        const __m128i last_control = _mm_set1_epi8(0x1F);
        for (; i + 16 <= size; i += 16) {
            const void* const from = bytes + i;
            const __m128i line = _mm_loadu_si128(static_cast<const __m128i*>(from));
            const __m128i special = _mm_or_si128(
                _mm_or_si128(_mm_cmpeq_epi8(line, quote), _mm_cmpeq_epi8(line, backslash)),
                _mm_cmpeq_epi8(_mm_min_epu8(line, last_control), line));
            // Bytes behind the string's end may be looked at too; that costs a check at most.
            non_ascii_ |= _mm_movemask_epi8(line) != 0;
            const int found = _mm_movemask_epi8(special);
            if (found != 0) {
                at_ = i + static_cast<std::size_t>(__builtin_ctz(static_cast<unsigned>(found)));
                return;
            }
        }
#endif
        for (; i < size; ++i) {
            const auto c = static_cast<unsigned char>(bytes[i]);
            if (c == '"' || c == '\\' || c < 0x20) break;
            non_ascii_ |= c >= 0x80;
        }
        at_ = i;
    }

    bool escape() {
        const char kind = at_ + 1 < source_.size() ? source_[at_ + 1] : '\0';
        if (kind != 'u') {
            if (kind == '\0' || std::strchr("\"\\/bfnrt", kind) == nullptr) {
                return fail("an unknown escape in a string");
            }
            at_ += 2;
            return true;
        }
        for (std::size_t i = at_ + 2; i < at_ + 6; ++i) {
            if (i >= source_.size() || !is_hex(source_[i])) return fail("a broken \\u escape");
        }
        surrogates_ |= ascii_lower(source_[at_ + 2]) == 'd' && source_[at_ + 3] >= '8';
        at_ += 6;
        return true;
    }

    [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(nodes_.size()); }
    [[nodiscard]] std::uint32_t position() const { return static_cast<std::uint32_t>(at_); }

    std::string_view source_;
    std::vector<Node>& nodes_;
    std::vector<std::uint32_t>& open_;
    std::size_t at_ = 0;
    Expect expect_ = Expect::value;
    const char* reason_ = nullptr;
    bool non_ascii_ = false;
    bool surrogates_ = false;
};

Result<Value> Document::scan() {
    for (bool repaired = false;; repaired = true) {
        nodes_.clear();
        open_.clear();
        decoded_.clear();
        if (source_.size() > max_size) return Error(ErrorKind::too_large, "JSON text is too large");
        nodes_.reserve(source_.size() / bytes_per_node);
        Scanner scanner(*this);
        if (!scanner.run()) {
            nodes_.clear();
            return Error(
                ErrorKind::invalid_request,
                "invalid JSON at byte " + std::to_string(scanner.at()) + ": " + scanner.reason());
        }
        const bool clean =
            repaired || (!scanner.surrogates() && (!scanner.non_ascii() || utf8::valid(source_)));
        if (clean) return root();
        std::string text(source_);
        utf8::repair_json(text);
        owned_ = std::move(text);
        source_ = owned_;
    }
}

}  // namespace ccr::json
