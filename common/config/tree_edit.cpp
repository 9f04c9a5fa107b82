// SPDX-License-Identifier: MIT
#include "common/config/tree_edit.hpp"

#include <algorithm>

#include "common/text.hpp"

namespace ccr::config {
namespace {

using json5::Value;

struct Step {
    std::size_t index = 0;   // of the member or element
    std::size_t length = 0;  // of the path's text; 0: no such step
};

Step step_into_array(const Value& at, std::string_view path) {
    const auto close = path.find(']');
    if (path.empty() || path[0] != '[' || close == std::string_view::npos) return {};
    const auto index = to_number<std::size_t>(path.substr(1, close - 1));
    return index && *index < at.items.size() ? Step{*index, close + 1} : Step{};
}

// The longest key that the path begins with: "a.b" before "a".
Step step_into_object(const Value& at, std::string_view path) {
    Step best;
    for (std::size_t i = 0; i < at.members.size(); ++i) {
        const std::string& key = at.members[i].key;
        if (key.empty() || !path.starts_with(key) || key.size() <= best.length) continue;
        const std::string_view rest = path.substr(key.size());
        if (rest.empty() || rest[0] == '.' || rest[0] == '[') best = {i, key.size()};
    }
    return best;
}

struct Place {
    Value* parent = nullptr;
    std::size_t index = 0;
};

Place locate(Value& root, std::string_view path) {
    Value* at = &root;
    for (;;) {
        const Step step = at->is_array() ? step_into_array(*at, path) : step_into_object(*at, path);
        if (step.length == 0) return {};
        path.remove_prefix(step.length);
        if (path.empty()) return {at, step.index};
        if (path[0] == '.') path.remove_prefix(1);
        at = at->is_array() ? &at->items[step.index] : &at->members[step.index].value;
    }
}

void walk(const Value& value, const std::string& path,
          const std::function<void(const std::string&, const Value&)>& visit) {
    visit(path, value);
    for (std::size_t i = 0; i < value.items.size(); ++i)
        walk(value.items[i], path + "[" + std::to_string(i) + "]", visit);
    for (const json5::Member& member : value.members)
        walk(member.value, path.empty() ? member.key : path + "." + member.key, visit);
}

bool on_one_line(const Value& value) {
    constexpr std::size_t longest = 80;
    const bool nested = std::any_of(value.items.begin(), value.items.end(), [](const Value& item) {
        return item.is_array() || item.is_object();
    });
    return value.items.empty() && value.members.empty()
               ? true
               : value.is_array() && !nested && json5::to_json(value).size() <= longest;
}

void print(std::string& out, const Value& value, std::size_t depth) {
    if (on_one_line(value)) {
        out += json5::to_json(value);
        return;
    }
    const auto line = [&out](std::size_t level) { out.append("\n").append(2 * level, ' '); };
    const bool array = value.is_array();
    out += array ? '[' : '{';
    const std::size_t count = array ? value.items.size() : value.members.size();
    for (std::size_t i = 0; i < count; ++i) {
        line(depth + 1);
        if (!array) {
            const Value key{.type = json5::Type::string, .text = value.members[i].key};
            out.append(json5::to_json(key)).append(": ");
        }
        print(out, array ? value.items[i] : value.members[i].value, depth + 1);
        if (i + 1 < count) out += ',';
    }
    line(depth);
    out += array ? ']' : '}';
}

}  // namespace

Value* find_path(Value& root, std::string_view path) {
    const Place place = locate(root, path);
    if (place.parent == nullptr) return nullptr;
    return place.parent->is_array() ? &place.parent->items[place.index]
                                    : &place.parent->members[place.index].value;
}

bool erase_path(Value& root, std::string_view path) {
    const Place place = locate(root, path);
    if (place.parent == nullptr) return false;
    const auto index = static_cast<std::ptrdiff_t>(place.index);
    if (place.parent->is_array()) {
        place.parent->items.erase(place.parent->items.begin() + index);
    } else {
        place.parent->members.erase(place.parent->members.begin() + index);
    }
    return true;
}

void each_path(const Value& root,
               const std::function<void(const std::string&, const Value&)>& visit) {
    walk(root, "", visit);
}

std::string to_pretty_json(const Value& value) {
    std::string out;
    print(out, value, 0);
    out += '\n';
    return out;
}

}  // namespace ccr::config
