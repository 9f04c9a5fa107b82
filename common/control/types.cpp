// SPDX-License-Identifier: MIT
#include "common/control/types.hpp"

#include <concepts>

#include "common/control/fields.hpp"
#include "common/json.hpp"

namespace ccr::control {
namespace {

// --- writing ---

// Of an Event only what applies is written: it is one line of many.
constexpr bool terse(const Event*) {
    return true;
}
constexpr bool terse(const void*) {
    return false;
}

template <typename T>
bool absent(const T& value) {
    return value == T{};
}

void write(json::Writer& out, const std::string& value) {
    out.string(value);
}
void write(json::Writer& out, bool value) {
    out.boolean(value);
}
void write(json::Writer& out, double value) {
    out.number(value);
}
void write(json::Writer& out, std::int64_t value) {
    out.number(value);
}
void write(json::Writer& out, std::uint32_t value) {
    out.number(std::int64_t{value});
}
void write(json::Writer& out, config::Severity value) {
    out.string(value == config::Severity::error ? "error" : "warning");
}
template <HasFields T>
void write(json::Writer& out, const T& value);
template <typename T>
void write(json::Writer& out, const std::vector<T>& values);

template <typename T>
void write(json::Writer& out, const std::optional<T>& value) {
    if (value) {
        write(out, *value);
    } else {
        out.null();
    }
}

template <HasFields T>
void write(json::Writer& out, const T& value) {
    out.begin_object();
    Fields<T>::each(value, [&out](std::string_view name, const auto& member) {
        if constexpr (terse(static_cast<const T*>(nullptr))) {
            if (absent(member)) return;
        }
        out.key(name);
        write(out, member);
    });
    out.end_object();
}

template <typename T>
void write(json::Writer& out, const std::vector<T>& values) {
    out.begin_array();
    for (const T& value : values)
        write(out, value);
    out.end_array();
}

template <typename T>
std::string text_of(const T& value) {
    std::string text;
    json::Writer writer(text);
    write(writer, value);
    return text;
}

// --- reading ---

void read(json::Value from, std::string& into) {
    if (from.is_string()) into = from.str();
}
void read(json::Value from, bool& into) {
    into = from.boolean(into);
}
void read(json::Value from, double& into) {
    into = from.number().value_or(into);
}
void read(json::Value from, std::int64_t& into) {
    into = from.integer().value_or(into);
}
void read(json::Value from, std::uint32_t& into) {
    const auto value = from.integer();
    if (value && *value >= 0 && *value <= UINT32_MAX) into = static_cast<std::uint32_t>(*value);
}
void read(json::Value from, config::Severity& into) {
    if (from.str() == "warning") into = config::Severity::warning;
}
template <HasFields T>
void read(json::Value from, T& into);
template <typename T>
void read(json::Value from, std::vector<T>& into);

template <typename T>
void read(json::Value from, std::optional<T>& into) {
    if (from.present()) read(from, into.emplace());
}

template <HasFields T>
void read(json::Value from, T& into) {
    Fields<T>::each(into,
                    [from](std::string_view name, auto& member) { read(from[name], member); });
}

template <typename T>
void read(json::Value from, std::vector<T>& into) {
    for (const json::Value element : from.elements())
        read(element, into.emplace_back());
}

template <typename T>
Result<T> value_of(std::string_view text) {
    json::Document document;
    const auto root = document.parse_view(text);
    if (!root) return root.error();
    if (!root->is_object()) return Error(ErrorKind::malformed, "expected a JSON object");
    T value;
    read(*root, value);
    return value;
}

}  // namespace

std::string to_json(const Status& value) {
    return text_of(value);
}
std::string to_json(const Drain& value) {
    return text_of(value);
}
std::string to_json(const ReloadResult& value) {
    return text_of(value);
}
std::string to_json(const ExplainResult& value) {
    return text_of(value);
}
std::string to_json(const Event& value) {
    return text_of(value);
}

template <>
Result<Status> from_json<Status>(std::string_view text) {
    return value_of<Status>(text);
}
template <>
Result<Drain> from_json<Drain>(std::string_view text) {
    return value_of<Drain>(text);
}
template <>
Result<ReloadResult> from_json<ReloadResult>(std::string_view text) {
    return value_of<ReloadResult>(text);
}
template <>
Result<ExplainResult> from_json<ExplainResult>(std::string_view text) {
    return value_of<ExplainResult>(text);
}
template <>
Result<Event> from_json<Event>(std::string_view text) {
    return value_of<Event>(text);
}

}  // namespace ccr::control
