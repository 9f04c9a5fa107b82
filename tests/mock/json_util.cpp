// SPDX-License-Identifier: MIT
#include "tests/mock/json_util.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>

namespace ccr::mock {

bool parse_json(std::string_view text, rapidjson::Document& out) {
    out.Parse<rapidjson::kParseIterativeFlag>(text.data(), text.size());
    return !out.HasParseError();
}

const Json* find(const Json& value, const char* name) {
    if (!value.IsObject()) return nullptr;
    const auto it = value.FindMember(name);
    return it == value.MemberEnd() ? nullptr : &it->value;
}

std::string_view string_of(const Json* value, std::string_view otherwise) {
    if (value == nullptr || !value->IsString()) return otherwise;
    return {value->GetString(), value->GetStringLength()};
}

std::int64_t int_of(const Json* value, std::int64_t otherwise) {
    return value != nullptr && value->IsInt64() ? value->GetInt64() : otherwise;
}

bool bool_of(const Json* value, bool otherwise) {
    return value != nullptr && value->IsBool() ? value->GetBool() : otherwise;
}

std::string quote(std::string_view text) {
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
    writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
    return {buffer.GetString(), buffer.GetSize()};
}

std::string to_json(const Json& value) {
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
    value.Accept(writer);
    return {buffer.GetString(), buffer.GetSize()};
}

std::vector<std::string_view> split_even(std::string_view text, std::size_t count) {
    std::vector<std::string_view> pieces;
    count = std::max<std::size_t>(count, 1);
    std::size_t from = 0;
    for (std::size_t i = 1; i <= count; ++i) {
        std::size_t to = text.size() * i / count;
        while (to < text.size() && (static_cast<unsigned char>(text[to]) & 0xC0U) == 0x80U)
            ++to;
        if (to > from) pieces.push_back(text.substr(from, to - from));
        from = std::max(from, to);
    }
    return pieces;
}

}  // namespace ccr::mock
