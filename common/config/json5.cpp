// SPDX-License-Identifier: MIT
#include "common/config/json5.hpp"

#include <algorithm>
#include <limits>
#include <unordered_map>

#include "common/config/json5_scanner.hpp"
#include "common/utf8.hpp"

namespace ccr::json5 {
namespace {

std::string place(Position at) {
    return std::to_string(at.line) + ":" + std::to_string(at.column);
}

std::string shorten(std::string_view text) {
    text = text.substr(0, 40);
    return std::string(text.substr(0, utf8::complete_prefix(text)));
}

class Parser {
  public:
    explicit Parser(std::string_view text) : scan_(text) {}

    Parsed run() {
        Parsed out;
        space();
        if (scan_.at_end() && errors_.empty()) {
            fail({1, 1}, "the file is empty; expected an object: { ... }");
        }
        if (!stopped_ && value(out.root, 0)) after_root();
        out.errors = std::move(errors_);
        return out;
    }

  private:
    using KeyPlaces = std::unordered_map<std::string, Position>;

    // False: an error was recorded and the token is not usable.
    bool fail(Position at, std::string message) {
        if (stopped_) return false;
        errors_.push_back({at, std::move(message)});
        if (errors_.size() >= max_errors) stopped_ = true;
        return false;
    }
    bool stop(Position at, std::string message) {
        fail(at, std::move(message));
        stopped_ = true;
        return false;
    }
    bool check(Scanner::Failure failure) {
        if (!failure) return true;
        fail(failure->at, std::move(failure->message));
        if (scan_.at_end()) stopped_ = true;
        return false;
    }

    bool space() { return check(scan_.skip_space()); }

    void after_root() {
        if (!space() || scan_.at_end()) return;
        fail(scan_.position(), "unexpected " + scan_.shown() + " after the end of the document");
    }

    bool value(Value& out, std::size_t depth) {
        out.at = scan_.position();
        if (depth >= max_depth) {
            return stop(out.at, "nested deeper than " + std::to_string(max_depth) + " levels");
        }
        if (scan_.peek() == '{') return object(out, depth);
        if (scan_.peek() == '[') return array(out, depth);
        if (scan_.at_string()) {
            out.type = Type::string;
            return check(scan_.scan_string(out.text));
        }
        if (scan_.at_number()) return number(out);
        if (scan_.at_identifier()) return word(out);
        if (scan_.at_end()) return stop(out.at, "the file ends where a value is expected");
        return fail(out.at, "expected a value, found " + scan_.shown());
    }

    bool number(Value& out) {
        out.type = Type::number;
        return check(scan_.scan_number(out.text, out.number));
    }

    bool word(Value& out) {
        std::string name;
        if (!check(scan_.scan_identifier(name))) return false;
        if (name == "null") return true;
        if (name == "Infinity" || name == "NaN") {
            using limits = std::numeric_limits<double>;
            out.type = Type::number;
            out.number = name == "NaN" ? limits::quiet_NaN() : limits::infinity();
            out.text = std::move(name);
            return true;
        }
        if (name != "true" && name != "false") {
            return fail(out.at,
                        "expected a value, found " + shorten(name) + " (a text needs quotes)");
        }
        out.type = Type::boolean;
        out.boolean = name == "true";
        return true;
    }

    bool array(Value& out, std::size_t depth) {
        out.type = Type::array;
        scan_.advance();
        while (!ends(']', out.at)) {
            out.items.emplace_back();
            const bool good = value(out.items.back(), depth + 1);
            if (!good) recover();
            if (!separator(']', good, out.at)) return !stopped_;
        }
        return !stopped_;
    }

    bool object(Value& out, std::size_t depth) {
        out.type = Type::object;
        scan_.advance();
        KeyPlaces seen;
        while (!ends('}', out.at)) {
            const bool good = member(out, seen, depth);
            if (!good) recover();
            if (!separator('}', good, out.at)) return !stopped_;
        }
        return !stopped_;
    }

    bool member(Value& object, KeyPlaces& seen, std::size_t depth) {
        Member& entry = object.members.emplace_back();
        entry.key_at = scan_.position();
        if (!key(entry.key) || !space()) return false;
        if (scan_.peek() != ':') {
            return fail(scan_.position(),
                        "expected ':' after the key \"" + entry.key + "\", found " + scan_.shown());
        }
        scan_.advance();
        if (!space()) return false;
        const auto [first, fresh] = seen.emplace(entry.key, entry.key_at);
        if (!fresh) {
            fail(entry.key_at,
                 "duplicate key \"" + entry.key + "\", first used at " + place(first->second));
        }
        return value(entry.value, depth + 1);
    }

    bool key(std::string& out) {
        if (scan_.at_string()) return check(scan_.scan_string(out));
        if (scan_.at_identifier()) return check(scan_.scan_identifier(out));
        return fail(scan_.position(), "expected a key, found " + scan_.shown());
    }

    // At the closing bracket (then steps over it), or nothing more can be read.
    bool ends(char close, Position open) {
        if (stopped_ || !space()) return true;
        if (scan_.peek() == close) {
            scan_.advance();
            return true;
        }
        if (scan_.at_end()) {
            const std::string bracket(1, close == '}' ? '{' : '[');
            stop(scan_.position(),
                 "the file ends, but the '" + bracket + "' at " + place(open) + " is never closed");
        }
        return stopped_;
    }

    // Between two entries; false when the container ends here.
    bool separator(char close, bool good, Position open) {
        if (ends(close, open)) return false;
        scan_.clear_broke_off();
        if (scan_.peek() == ',') {
            scan_.advance();
            return true;
        }
        if (scan_.peek() == '}' || scan_.peek() == ']') {
            fail(scan_.position(), std::string("expected '") + close +
                                       "' to close the bracket at " + place(open) + ", found " +
                                       scan_.shown());
            return false;  // the bracket is taken to close an outer container
        }
        if (!good) return !stopped_;  // a broken string swallowed the comma
        fail(scan_.position(),
             std::string("expected ',' or '") + close + "', found " + scan_.shown());
        const bool entry = scan_.at_string() || scan_.at_number() || scan_.at_identifier() ||
                           scan_.peek() == '{' || scan_.peek() == '[';
        if (entry) return !stopped_;
        recover();
        return separator(close, false, open);
    }

    // Goes on to the comma or closing bracket that ends the damaged entry.
    void recover() {
        if (scan_.broke_off_at_line_end()) return;
        std::size_t open = 0;
        while (!stopped_ && space() && !scan_.at_end()) {
            const char c = scan_.peek();
            const bool closing = c == '}' || c == ']';
            if (open == 0 && (c == ',' || closing)) return;
            if (c == '{' || c == '[') ++open;
            if (closing) --open;
            if (!scan_.at_string()) {
                scan_.advance();
            } else if (skip_string()) {
                return;
            }
        }
    }

    // A string amid damage says nothing new; true when it broke off at a line's end.
    bool skip_string() {
        std::string ignored;
        return scan_.scan_string(ignored).has_value() && scan_.broke_off_at_line_end();
    }

    Scanner scan_;
    std::vector<SyntaxError> errors_;
    bool stopped_ = false;
};

Position place_of_bad_byte(std::string_view text) {
    Position at{1, 1};
    std::size_t offset = 0;
    while (offset < text.size()) {
        const auto lead = static_cast<unsigned char>(text[offset]);
        const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        if (!utf8::valid(text.substr(offset, length))) break;
        offset += length;
        ++at.column;
        if (lead == '\n') at = {at.line + 1, 1};
    }
    return at;
}

}  // namespace

std::string_view type_name(Type type) {
    switch (type) {
        case Type::null:
            return "null";
        case Type::boolean:
            return "a boolean";
        case Type::number:
            return "a number";
        case Type::string:
            return "a string";
        case Type::array:
            return "an array";
        case Type::object:
            return "an object";
    }
    return "a value";
}

const Member* Value::find_member(std::string_view key) const {
    const auto found = std::find_if(members.begin(), members.end(),
                                    [key](const Member& member) { return member.key == key; });
    return found == members.end() ? nullptr : &*found;
}

const Value* Value::find(std::string_view key) const {
    const Member* member = find_member(key);
    return member == nullptr ? nullptr : &member->value;
}

Parsed parse(std::string_view text) {
    if (text.size() > max_size) {
        return {{}, {{{1, 1}, "file is larger than " + std::to_string(max_size >> 20U) + " MiB"}}};
    }
    if (!utf8::valid(text)) return {{}, {{place_of_bad_byte(text), "text is not valid UTF-8"}}};
    return Parser(text).run();
}

}  // namespace ccr::json5
