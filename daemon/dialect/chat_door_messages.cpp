// SPDX-License-Identifier: MIT
#include <algorithm>
#include <utility>

#include "common/text.hpp"
#include "daemon/dialect/chat_door_request.hpp"
#include "daemon/dialect/door_parts.hpp"

namespace ccr::dialect::chat_door {
namespace {

using chat::Escaped;

class MessageReader {
  public:
    explicit MessageReader(chat::Request& request) : out_(request) {}

    Result<void> read(json::Value message, std::size_t index) {
        place_ = "messages." + std::to_string(index);
        const std::string_view role = message["role"].str();
        const json::Value content = message["content"];
        if (role == "system" || role == "developer") return system(content);
        if (role == "user") return user(content);
        if (role == "assistant") return assistant(message);
        if (role == "tool") return answer(message["tool_call_id"].str(), content);
        if (role == "function") return answer(last_function_id_, content);
        return bad("role", "should be 'system', 'developer', 'user', 'assistant' or 'tool'");
    }

  private:
    [[nodiscard]] Error bad(std::string_view field, std::string_view what) const {
        return wrong(place_ + "." + std::string(field), what);
    }

    // Those in front of all others are the request's; later ones stay where they are.
    Result<void> system(json::Value content) {
        chat::Blocks blocks;
        if (auto done = parts(content, blocks); !done) return done;
        if (!out_.messages.empty()) {
            add(chat::Role::system, std::move(blocks));
            return {};
        }
        for (const chat::Block& block : blocks) {
            if (const auto* text = std::get_if<chat::Text>(&block)) out_.system.push_back(*text);
        }
        return {};
    }

    Result<void> user(json::Value content) {
        if (!content.present()) return bad("content", "is missing");
        chat::Blocks blocks;
        if (auto done = parts(content, blocks); !done) return done;
        add(chat::Role::user, std::move(blocks));
        return {};
    }

    Result<void> assistant(json::Value message) {
        chat::Blocks blocks;
        reasoning(message["reasoning_details"], blocks);
        if (auto done = parts(message["content"], blocks); !done) return done;
        if (const Escaped refusal{message["refusal"].escaped()}; !refusal.empty()) {
            blocks.emplace_back(chat::Text{refusal});
        }
        for (const json::Value call : message["tool_calls"].elements()) {
            if (auto done = tool_call(call, blocks); !done) return done;
        }
        if (const json::Value legacy = message["function_call"]; legacy.is_object()) {
            last_function_id_ = out_.keep("call_" + std::to_string(out_.messages.size()));
            if (auto done = function(last_function_id_, legacy, blocks); !done) return done;
        }
        add(chat::Role::assistant, std::move(blocks));
        return {};
    }

    // What we gave out; whose it is, encoders find out by the seal.
    void reasoning(json::Value details, chat::Blocks& blocks) const {
        for (const json::Value detail : details.elements()) {
            const std::string_view signature = detail["signature"].str();
            if (!signature.empty()) {
                blocks.emplace_back(chat::Thinking{Escaped{detail["text"].escaped()}, signature});
            }
        }
    }

    Result<void> tool_call(json::Value call, chat::Blocks& blocks) {
        const std::string_view id = call["id"].str();
        if (id.empty()) return bad("tool_calls", "a call needs an id");
        const json::Value custom = call["custom"];
        if (!custom.is_object()) return function(id, call["function"], blocks);
        std::string input = R"({"input":")";
        input.append(custom["input"].escaped()).append("\"}");
        return use(id, custom["name"].str(), out_.keep(std::move(input)), blocks);
    }

    Result<void> function(std::string_view id, json::Value function, chat::Blocks& blocks) {
        const json::Value arguments = function["arguments"];
        std::string_view input = "{}";
        if (arguments.is_object()) {
            input = arguments.raw();
        } else if (!trim(arguments.str()).empty()) {
            input = out_.keep(std::string(trim(arguments.str())));
            json::Document check;
            const auto parsed = check.parse_view(input);
            if (!parsed || !parsed->is_object()) {
                return bad("tool_calls", "arguments should be a JSON object");
            }
        }
        return use(id, function["name"].str(), input, blocks);
    }

    Result<void> use(std::string_view id, std::string_view name, std::string_view input,
                     chat::Blocks& blocks) const {
        if (name.empty()) return bad("tool_calls", "a call needs the name of its tool");
        blocks.emplace_back(chat::ToolUse{id, name, input});
        return {};
    }

    // All answers to one turn's calls are one message.
    Result<void> answer(std::string_view id, json::Value content) {
        if (id.empty()) return bad("tool_call_id", "is missing");
        chat::ToolResult result;
        result.tool_use_id = id;
        if (auto done = parts(content, result.content); !done) return done;
        if (answering_) {
            out_.messages.back().content.emplace_back(std::move(result));
            return {};
        }
        chat::Blocks blocks;
        blocks.emplace_back(std::move(result));
        add(chat::Role::user, std::move(blocks));
        answering_ = true;
        return {};
    }

    void add(chat::Role role, chat::Blocks blocks) {
        if (blocks.empty()) return;
        answering_ = false;
        chat::Message message;
        message.role = role;
        message.content = std::move(blocks);
        out_.messages.push_back(std::move(message));
    }

    Result<void> parts(json::Value content, chat::Blocks& blocks) {
        const auto done = read_parts(content, blocks, [this](json::Value part, chat::Blocks& out) {
            return one_part(part, out);
        });
        if (!done) return bad("content", done.error().detail);
        return {};
    }

    Result<void> one_part(json::Value part, chat::Blocks& blocks) {
        const std::string_view type = part["type"].str();
        if (type == "text" || type == "refusal") {
            const Escaped text{part[type].escaped()};
            const bool marked = part["prompt_cache_breakpoint"].present();
            if (text.empty()) return {};
            blocks.emplace_back(chat::Text{text, marked ? R"({"type":"ephemeral"})" : ""});
            return {};
        }
        if (type == "image_url") {
            const json::Value source = part["image_url"];
            return add_image(source.is_string() ? source : source["url"], out_, blocks);
        }
        if (type == "file") return add_file(part["file"], out_, blocks);
        if (type == "input_audio") {
            return Error(ErrorKind::invalid_request, "input_audio is not supported");
        }
        return Error(ErrorKind::invalid_request,
                     "a part's type should be 'text', 'image_url' or 'file'");
    }

    chat::Request& out_;
    std::string place_;
    std::string_view last_function_id_ = "call_0";
    bool answering_ = false;
};

}  // namespace

Result<void> decode_messages(json::Value messages, chat::Request& request) {
    if (!messages.is_array()) return wrong("messages", "should be an array");
    request.messages.reserve(messages.size());
    MessageReader reader(request);
    std::size_t index = 0;
    for (const json::Value message : messages.elements()) {
        if (auto done = reader.read(message, index++); !done) return done;
    }
    if (request.messages.empty() && request.system.empty()) {
        return wrong("messages", "at least one message is needed");
    }
    // The model needs something to answer to.
    if (request.messages.empty()) {
        chat::Message message;
        for (const chat::Text& text : request.system)
            message.content.emplace_back(text);
        request.messages.push_back(std::move(message));
        request.system.clear();
    }
    return {};
}

}  // namespace ccr::dialect::chat_door
