// SPDX-License-Identifier: MIT
#include "tests/mock/reply.hpp"

namespace ccr::mock {
namespace {

// A content field: string, or array of blocks of which the text ones count.
std::string text_of(const Json* content) {
    if (content == nullptr) return {};
    if (content->IsString()) return std::string(string_of(content));
    std::string out;
    if (!content->IsArray()) return out;
    for (const auto& part : content->GetArray())
        out += string_of(find(part, "text"));
    return out;
}

// Gemini and Responses have their own words for these.
const Json* messages_of(const Json& body) {
    for (const auto* name : {"messages", "contents", "input"})
        if (const auto* messages = find(body, name)) return messages;
    return nullptr;
}

const Json* content_of(const Json& message) {
    const auto* content = find(message, "content");
    return content == nullptr ? find(message, "parts") : content;
}

const Json* last_message(const Json& body) {
    const auto* messages = messages_of(body);
    if (messages == nullptr || !messages->IsArray() || messages->Empty()) return nullptr;
    return &(*messages)[messages->Size() - 1];
}

std::string sample_string(std::string_view name) {
    if (name == "command") return "echo mock";
    if (name == "pattern" || name == "glob") return "*";
    if (name == "url") return "https://example.com/";
    if (name.find("path") != std::string_view::npos) return "/tmp/mock.txt";
    return "mock";
}

std::string sample(const Json* schema, std::string_view name, int depth);

std::string sample_object(const Json& schema, int depth) {
    const auto* properties = find(schema, "properties");
    const auto* required = find(schema, "required");
    std::string out = "{";
    if (properties == nullptr || !properties->IsObject()) return "{}";
    for (const auto& member : properties->GetObject()) {
        bool wanted = required == nullptr || !required->IsArray();
        if (!wanted)
            for (const auto& entry : required->GetArray())
                wanted = wanted || entry == member.name;
        if (!wanted) continue;
        if (out.size() > 1) out += ',';
        const auto key = string_of(&member.name);
        out += quote(key) + ":" + sample(&member.value, key, depth + 1);
    }
    return out + "}";
}

std::string sample(const Json* schema, std::string_view name, int depth) {
    constexpr int max_depth = 8;
    if (schema == nullptr || depth > max_depth) return "null";
    const auto* choices = find(*schema, "enum");
    if (choices != nullptr && choices->IsArray() && !choices->Empty())
        return to_json((*choices)[0]);
    const auto type = string_of(find(*schema, "type"), "string");
    if (type == "object") return sample_object(*schema, depth);
    if (type == "array") return "[" + sample(find(*schema, "items"), name, depth + 1) + "]";
    if (type == "integer" || type == "number") return "1";
    if (type == "boolean") return "true";
    if (type == "null") return "null";
    return quote(sample_string(name));
}

}  // namespace

std::string Reply::whole_text() const {
    std::string out;
    for (const auto& piece : text)
        out += piece;
    return out;
}

std::string Reply::finish_reason() const {
    if (!finish.empty()) return finish;
    return tools.empty() ? "stop" : "tool_calls";
}

std::string last_user_text(const Json& body) {
    const auto* messages = messages_of(body);
    if (messages == nullptr || !messages->IsArray()) return {};
    for (auto i = messages->Size(); i > 0; --i) {
        const auto& message = (*messages)[i - 1];
        if (string_of(find(message, "role")) != "user") continue;
        auto text = text_of(content_of(message));
        if (!text.empty()) return text;
    }
    return {};
}

bool ends_with_tool_result(const Json& body, std::string& content) {
    const auto* message = last_message(body);
    if (message == nullptr) return false;
    const auto* parts = content_of(*message);
    if (string_of(find(*message, "type")) == "function_call_output") {
        content = text_of(find(*message, "output"));
        return true;
    }
    if (string_of(find(*message, "role")) == "tool") {
        content = text_of(parts);
        return true;
    }
    if (parts == nullptr || !parts->IsArray()) return false;
    bool found = false;
    for (const auto& part : parts->GetArray()) {
        if (const auto* response = find(part, "functionResponse")) {
            const auto* said = find(*response, "response");
            if (said != nullptr) content = string_of(find(*said, "output"));
            found = true;
        }
        if (string_of(find(part, "type")) != "tool_result") continue;
        content = text_of(find(part, "content"));
        found = true;
    }
    return found;
}

std::vector<OfferedTool> offered_tools(const Json& body) {
    std::vector<OfferedTool> out;
    const auto* tools = find(body, "tools");
    if (tools == nullptr || !tools->IsArray()) return out;
    for (const auto& tool : tools->GetArray()) {
        if (const auto* declarations = find(tool, "functionDeclarations")) {
            for (const auto& declared : declarations->GetArray())
                out.push_back({std::string(string_of(find(declared, "name"))),
                               find(declared, "parametersJsonSchema")});
            continue;
        }
        const auto* function = find(tool, "function");
        const auto& place = function == nullptr ? tool : *function;
        const auto* schema = find(place, "parameters");
        if (schema == nullptr) schema = find(place, "input_schema");
        const auto name = string_of(find(place, "name"));
        if (!name.empty()) out.push_back({std::string(name), schema});
    }
    return out;
}

std::string plausible_arguments(const OfferedTool& tool) {
    if (tool.schema == nullptr || !tool.schema->IsObject()) return "{}";
    return sample_object(*tool.schema, 0);
}

std::vector<std::string> frames_of(Api api, const Reply& reply) {
    if (api == Api::gemini) return gemini_frames(reply);
    if (api == Api::responses) return responses_frames(reply);
    return api == Api::openai ? openai_frames(reply) : anthropic_frames(reply);
}

std::string body_of(Api api, const Reply& reply) {
    if (api == Api::gemini) return gemini_body(reply);
    if (api == Api::responses) return responses_body(reply);
    return api == Api::openai ? openai_body(reply) : anthropic_body(reply);
}

}  // namespace ccr::mock
