// SPDX-License-Identifier: MIT
#include "common/config/text_edit.hpp"

#include <algorithm>

#include "common/config/schema.hpp"
#include "common/config/text_layout.hpp"
#include "common/text.hpp"

namespace ccr::config {
namespace {

using Path = std::vector<PathPart>;

Error refused(std::string why) {
    return Error{ErrorKind::config, std::move(why)};
}

std::string quoted(std::string_view text) {
    return json5::to_json(json5::Value{.type = json5::Type::string, .text = std::string(text)});
}

// The path as its user would write it, up to and including part `last`.
std::string shown(const Path& path, std::size_t last) {
    std::string out;
    for (std::size_t i = 0; i <= last && i < path.size(); ++i) {
        if (path[i].in_brackets) {
            out += "[" + path[i].text + "]";
        } else {
            out += (out.empty() ? "" : ".") + path[i].text;
        }
    }
    return out;
}

bool same_key(const std::string& row, std::string_view a, std::string_view b) {
    if (a == b) return true;
    const Key* key = find_child(row, a);
    return key != nullptr && key->name() != "*" && key == find_child(row, b);
}

std::string row_below(const std::string& row, std::string_view name) {
    const Key* key = find_child(row, name);
    return key != nullptr ? std::string(key->path) : row + "." + std::string(name);
}

std::string row_of_elements(std::string row) {
    row += "[]";
    return row;
}

// Of an element: by its index, else by its name.
bool means_element(const PathPart& part, std::size_t index, std::string_view name) {
    const auto number = to_number<std::size_t>(part.text);
    return number ? *number == index : !name.empty() && iequals(part.text, name);
}

std::string_view name_of(const json5::Value& element) {
    const json5::Value* name = element.find("name");
    return name != nullptr && name->is_string() ? std::string_view(name->text) : "";
}

struct Line {
    std::size_t begin = 0;
    std::size_t end = 0;  // of its text; the line break follows
};

Line line_around(std::string_view text, std::size_t at) {
    const auto before = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
    auto end = text.find('\n', at);
    if (end == std::string_view::npos) end = text.size();
    if (end > at && text[end - 1] == '\r') --end;
    return {before == std::string_view::npos ? 0 : before + 1, end};
}

bool blank(std::string_view text) {
    return trim(text).empty();
}

// What stands behind an entry belongs to it: nothing, or one comment up to the line's end.
bool only_comment(std::string_view rest) {
    rest = trim(rest);
    if (rest.empty() || rest.starts_with("//")) return true;
    return rest.starts_with("/*") && rest.find("*/") == rest.size() - 2;
}

class Editor {
  public:
    Editor(std::string_view text, const Path& path) : text_(text), path_(path) {}

    Result<std::string> set(std::string_view json) {
        Result<std::size_t> reached = descend();
        if (!reached) return reached.error();
        if (*reached < path_.size()) return insert(*reached, json);
        return replaced(target_.value, json);
    }

    Result<std::string> remove() {
        Result<std::size_t> reached = descend();
        if (!reached) return reached.error();
        if (*reached < path_.size()) return std::string(text_);
        return without_target();
    }

  private:
    // Goes down as far as the path exists; gives the number of parts that do. Afterwards layout_ is
    // the container of the last one and target_ its entry.
    Result<std::size_t> descend() {
        std::size_t offset = start_of_value(text_);
        std::string row;
        for (std::size_t i = 0; i < path_.size(); ++i) {
            if (!at_container(text_, offset)) {
                return refused((i == 0 ? std::string("the file") : shown(path_, i - 1)) +
                               " holds no object, so that there is no " + shown(path_, i) +
                               " in it");
            }
            layout_ = layout_at(text_, offset);
            if (!layout_.object && !path_[i].in_brackets) {
                return refused(shown(path_, i - 1) + " is an array: name an element, as in " +
                               shown(path_, i - 1) + "[0]." + path_[i].text);
            }
            const auto found = find_entry(i, row);
            if (found == layout_.entries.end()) return i;
            index_ = static_cast<std::size_t>(found - layout_.entries.begin());
            target_ = *found;
            row = layout_.object ? row_below(row, path_[i].text) : row_of_elements(row);
            offset = target_.value.begin;
        }
        return path_.size();
    }

    std::vector<Entry>::const_iterator find_entry(std::size_t i, const std::string& row) {
        const auto& entries = layout_.entries;
        if (layout_.object) {
            return std::find_if(entries.begin(), entries.end(), [&](const Entry& entry) {
                return same_key(row, entry.key, path_[i].text);
            });
        }
        for (std::size_t n = 0; n < entries.size(); ++n) {
            const std::string piece(text_.substr(entries[n].value.begin,
                                                 entries[n].value.end - entries[n].value.begin));
            if (means_element(path_[i], n, name_of(json5::parse(piece).root)))
                return entries.begin() + static_cast<std::ptrdiff_t>(n);
        }
        return entries.end();
    }

    [[nodiscard]] std::string replaced(Span span, std::string_view with) const {
        return std::string(text_.substr(0, span.begin)).append(with).append(text_.substr(span.end));
    }

    // The value of part `from` when the parts below it do not exist yet.
    Result<std::string> built(std::size_t from, std::string_view json) const {
        std::string out(json);
        for (std::size_t i = path_.size(); i-- > from + 1;) {
            if (path_[i].in_brackets && to_number<std::size_t>(path_[i].text)) {
                if (path_[i].text != "0") return refused(missing_element(i));
                out.insert(0, "[").append("]");
            } else if (path_[i].in_brackets) {
                return refused(missing_element(i));
            } else {
                out.insert(0, "{ " + quoted(path_[i].text) + ": ").append(" }");
            }
        }
        return out;
    }

    [[nodiscard]] std::string missing_element(std::size_t i) const {
        return "there is no " + shown(path_, i);
    }

    Result<std::string> insert(std::size_t part, std::string_view json) {
        Result<std::string> value = built(part, json);
        if (!value) return value;
        std::string entry = std::move(*value);
        if (layout_.object) {
            entry.insert(0, key_text(path_[part].text) + ": ");
        } else if (to_number<std::size_t>(path_[part].text) != layout_.entries.size()) {
            return refused(missing_element(part));
        }
        return layout_.entries.empty() ? into_empty(entry) : behind_last(entry);
    }

    // As its neighbours do: without quotes where they have none.
    [[nodiscard]] std::string key_text(const std::string& key) const {
        const bool bare = !layout_.entries.empty() &&
                          text_[layout_.entries.back().whole.begin] != '"' &&
                          text_[layout_.entries.back().whole.begin] != '\'';
        const bool word = std::all_of(key.begin(), key.end(), [](char c) {
            const char low = ascii_lower(c);
            return (low >= 'a' && low <= 'z') || c == '_';
        });
        return bare && word && !key.empty() ? key : quoted(key);
    }

    [[nodiscard]] std::string_view line_break() const {
        return text_.find("\r\n") == std::string_view::npos ? "\n" : "\r\n";
    }

    [[nodiscard]] std::string into_empty(const std::string& entry) const {
        const std::size_t close = layout_.whole.end - 1;
        const Line line = line_around(text_, close);
        const std::string_view before = text_.substr(line.begin, close - line.begin);
        if (line.begin > layout_.whole.begin && blank(before)) {
            const std::string own = std::string(before) + "  " + entry;
            return replaced({line.begin, line.begin}, own + std::string(line_break()));
        }
        if (layout_.whole.begin == start_of_value(text_)) {
            const std::string open(line_break());
            return replaced({close, close}, open + "  " + entry + open);
        }
        return replaced({close, close}, layout_.object ? " " + entry + " " : entry);
    }

    [[nodiscard]] std::string behind_last(const std::string& entry) const {
        const Entry& last = layout_.entries.back();
        const bool comma = last.comma != std::string_view::npos;
        const Line first = line_around(text_, last.whole.begin);
        const std::string_view indent = text_.substr(first.begin, last.whole.begin - first.begin);
        const std::size_t behind = comma ? last.comma + 1 : last.value.end;
        if (!blank(indent)) {
            return replaced({behind, behind}, (comma ? " " : ", ") + entry);
        }
        // Its own line: behind the line of the last one with the comment on it.
        std::size_t at = line_around(text_, behind).end;
        if (!only_comment(text_.substr(behind, at - behind)) || at >= layout_.whole.end)
            at = behind;
        const std::string own =
            std::string(line_break()) + std::string(indent) + entry + (comma ? "," : "");
        std::string out = replaced({at, at}, own);
        if (!comma) out.insert(last.value.end, ",");
        return out;
    }

    [[nodiscard]] std::string without_target() const {
        const bool comma = target_.comma != std::string_view::npos;
        const std::size_t behind = comma ? target_.comma + 1 : target_.value.end;
        Span gone{target_.whole.begin, behind};
        const Line first = line_around(text_, gone.begin);
        const Line last = line_around(text_, behind);
        const bool own = blank(text_.substr(first.begin, gone.begin - first.begin)) &&
                         only_comment(text_.substr(behind, last.end - behind));
        if (own) {
            gone = {first.begin, std::min(text_.size(), text_.find('\n', last.end) + 1)};
            if (gone.end <= last.end) gone.end = text_.size();
        } else {
            while (comma && gone.end < text_.size() && text_[gone.end] == ' ')
                ++gone.end;
        }
        std::string out = replaced(gone, "");
        // A comma at the end is fine for this program, but not for stricter readers.
        if (!comma && index_ > 0) out.erase(layout_.entries[index_ - 1].comma, 1);
        return out;
    }

    std::string_view text_;
    const Path& path_;
    Layout layout_;
    Entry target_;
    std::size_t index_ = 0;  // of target_
};

Result<json5::Value> parsed(std::string_view text) {
    json5::Parsed out = json5::parse(text);
    if (out.errors.empty() && out.root.is_object()) return std::move(out.root);
    if (out.errors.empty()) return refused("the file holds no object");
    const json5::SyntaxError& first = out.errors.front();
    return refused(std::to_string(first.at.line) + ":" + std::to_string(first.at.column) + ": " +
                   first.message);
}

}  // namespace

Result<std::vector<PathPart>> parse_path(std::string_view path) {
    Path out;
    const std::string whole(path);
    bool first = true;
    while (!path.empty()) {
        PathPart part;
        if (path[0] == '[') {
            const bool text = path.size() > 1 && (path[1] == '"' || path[1] == '\'');
            const auto close = text ? path.find(path[1], 2) : path.find(']');
            const bool whole_part =
                close != std::string_view::npos && (!text || path.substr(close + 1, 1) == "]");
            if (!whole_part) return refused("\"" + whole + "\" has a bracket that is not closed");
            part = {std::string(path.substr(text ? 2 : 1, close - (text ? 2 : 1))), !text};
            path.remove_prefix(close + (text ? 2 : 1));
        } else {
            if (!first && path[0] == '.') path.remove_prefix(1);
            const auto end = std::min(path.find_first_of(".["), path.size());
            part.text = path.substr(0, end);
            path.remove_prefix(end);
        }
        if (part.text.empty()) return refused("\"" + whole + "\" has an empty part");
        out.push_back(std::move(part));
        first = false;
    }
    if (out.empty()) return refused("the key is empty");
    return out;
}

std::optional<std::string> schema_path(const Path& path) {
    std::string row;
    for (const PathPart& part : path) {
        if (part.in_brackets && find_key(row + "[]") != nullptr) {
            row += "[]";
            continue;
        }
        const Key* key = find_child(row, part.text);
        if (key == nullptr) return std::nullopt;
        row = key->path;
    }
    return row;
}

const json5::Value* value_at(const json5::Value& root, const Path& path) {
    const json5::Value* at = &root;
    std::string row;
    for (const PathPart& part : path) {
        const json5::Value* next = nullptr;
        for (std::size_t i = 0; i < at->items.size() && part.in_brackets; ++i) {
            if (means_element(part, i, name_of(at->items[i]))) next = &at->items[i];
        }
        for (const json5::Member& member : at->members) {
            if (same_key(row, member.key, part.text)) next = &member.value;
        }
        if (next == nullptr) return nullptr;
        row = at->is_array() ? row_of_elements(row) : row_below(row, part.text);
        at = next;
    }
    return at;
}

Result<std::string> set_in_text(std::string_view text, const Path& path, std::string_view json) {
    const Result<json5::Value> before = parsed(text);
    if (!before) return before.error();
    const json5::Parsed value = json5::parse(json);
    if (!value.errors.empty()) return refused("the value is not JSON: " + value.errors[0].message);
    Result<std::string> out = Editor(text, path).set(json);
    if (!out) return out;
    // The file is somebody's work: better no change than a wrong one.
    const Result<json5::Value> after = parsed(*out);
    const json5::Value* found = after ? value_at(*after, path) : nullptr;
    if (found == nullptr || json5::to_json(*found) != json5::to_json(value.root))
        return Error{ErrorKind::internal, "the text cannot be changed in place"};
    return out;
}

Result<std::string> remove_from_text(std::string_view text, const Path& path) {
    const Result<json5::Value> before = parsed(text);
    if (!before) return before.error();
    Result<std::string> out = Editor(text, path).remove();
    if (!out) return out;
    const Result<json5::Value> after = parsed(*out);
    if (!after) return Error{ErrorKind::internal, "the text cannot be changed in place"};
    return out;
}

}  // namespace ccr::config
