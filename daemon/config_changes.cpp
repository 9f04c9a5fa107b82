// SPDX-License-Identifier: MIT
#include "daemon/config_changes.hpp"

#include <algorithm>

namespace ccr {
namespace {

constexpr int depth = 3;  // key, what is below it, and for providers one more

std::string name_of(const json5::Value& item) {
    const json5::Value* name = item.find("name");
    return name != nullptr && name->is_string() ? name->text : std::string();
}

// A list whose items are objects with names of their own, as an object.
json5::Value by_name(const json5::Value& value) {
    if (!value.is_array()) return value;
    json5::Value out;
    out.type = json5::Type::object;
    for (const json5::Value& item : value.items) {
        const std::string name = name_of(item);
        if (name.empty() || out.find(name) != nullptr) return value;
        out.members.push_back({name, {}, item});
    }
    return out;
}

// Positions aside.
bool same(const json5::Value& a, const json5::Value& b) {
    if (a.type != b.type || a.boolean != b.boolean || a.text != b.text) return false;
    if (a.items.size() != b.items.size() || a.members.size() != b.members.size()) return false;
    if (!std::equal(a.items.begin(), a.items.end(), b.items.begin(), same)) return false;
    return std::all_of(a.members.begin(), a.members.end(), [&b](const json5::Member& member) {
        const json5::Value* other = b.find(member.key);
        return other != nullptr && same(member.value, *other);
    });
}

void compare(const std::string& path, const json5::Value& before_list,
             const json5::Value& after_list, int level, std::vector<std::string>& out) {
    const json5::Value before = by_name(before_list);
    const json5::Value after = by_name(after_list);
    if (same(before, after)) return;
    if (level == depth || !before.is_object() || !after.is_object()) {
        out.push_back(path);
        return;
    }
    const std::size_t told = out.size();
    const std::string prefix = path.empty() ? path : path + ".";
    for (const json5::Member& member : after.members) {
        const json5::Value* old = before.find(member.key);
        if (old == nullptr) {
            out.push_back(prefix + member.key);
        } else {
            compare(prefix + member.key, *old, member.value, level + 1, out);
        }
    }
    for (const json5::Member& member : before.members) {
        if (after.find(member.key) == nullptr) out.push_back(prefix + member.key);
    }
    if (out.size() == told) out.push_back(path);
}

}  // namespace

std::vector<std::string> changed_keys(const json5::Value& before, const json5::Value& after) {
    std::vector<std::string> out;
    compare("", before, after, 0, out);
    std::erase(out, "");
    return out;
}

}  // namespace ccr
