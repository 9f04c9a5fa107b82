// SPDX-License-Identifier: MIT
// The items of a Responses request to messages. Neighbours of one side make one message.
#include <array>
#include <string>
#include <utility>

#include "common/text.hpp"
#include "daemon/dialect/door_parts.hpp"
#include "daemon/dialect/responses_door_request.hpp"

namespace ccr::dialect::responses_door {
namespace {

using chat::Escaped;
using chat::Role;

class InputReader {
  public:
    explicit InputReader(chat::Request& request) : out_(request) {}

    Result<void> read(json::Value item, std::size_t index) {
        place_ = "input." + std::to_string(index);
        const std::string_view type = item["type"].str();
        if (type.empty() || type == "message") return message(item);
        for (const Row& row : rows) {
            if (row.type == type) return (this->*row.read)(item);
        }
        std::string field = "input.";
        out_.warn(field += type);
        return {};
    }

  private:
    struct Row {
        std::string_view type;
        Result<void> (InputReader::*read)(json::Value item);
    };
    static const std::array<Row, 13> rows;

    [[nodiscard]] Error bad(std::string_view what) const { return wrong(place_, what); }

    Result<void> message(json::Value item) {
        const std::string_view role = item["role"].str();
        chat::Blocks blocks;
        if (auto done = parts(item["content"], blocks); !done) return done;
        if (role == "assistant") {
            add(Role::assistant, std::move(blocks));
        } else if (role == "user") {
            add(Role::user, std::move(blocks));
        } else if (role == "system" || role == "developer") {
            system(std::move(blocks));
        } else {
            return bad("role should be 'user', 'assistant', 'developer' or 'system'");
        }
        return {};
    }

    // Those in front of all others are the request's; later ones stay where they are.
    void system(chat::Blocks blocks) {
        if (!out_.messages.empty()) return add(Role::system, std::move(blocks));
        for (const chat::Block& block : blocks) {
            if (const auto* text = std::get_if<chat::Text>(&block)) out_.system.push_back(*text);
        }
    }

    Result<void> function_call(json::Value item) {
        const json::Value arguments = item["arguments"];
        std::string_view input = "{}";
        if (!trim(arguments.str()).empty()) {
            input = out_.keep(std::string(trim(arguments.str())));
            json::Document check;
            const auto parsed = check.parse_view(input);
            if (!parsed || !parsed->is_object()) return bad("arguments should be a JSON object");
        }
        return call(item, item["name"].str(), input);
    }

    Result<void> custom_call(json::Value item) {
        std::string input = R"({"input":")";
        input.append(item["input"].escaped()).append("\"}");
        return call(item, item["name"].str(), out_.keep(std::move(input)));
    }

    Result<void> shell_call(json::Value item) {
        const json::Value action = item["action"];
        const std::string_view name =
            item["type"].str() == "shell_call" ? std::string_view("shell") : "local_shell";
        return call(item, name, action.is_object() ? action.raw() : "{}");
    }

    Result<void> call(json::Value item, std::string_view name, std::string_view input) {
        const std::string_view id = item["call_id"].str();
        if (id.empty()) return bad("a call needs a call_id");
        if (name.empty()) return bad("a call needs the name of its tool");
        const std::string_view space = item["namespace"].str();
        if (!space.empty()) name = flat_name(space, name, out_);
        chat::Blocks blocks;
        blocks.emplace_back(chat::ToolUse{id, name, input});
        add(Role::assistant, std::move(blocks));
        return {};
    }

    Result<void> call_output(json::Value item) {
        chat::ToolResult result;
        result.tool_use_id = item["call_id"].str();
        if (result.tool_use_id.empty()) return bad("an output needs the call_id of its call");
        const json::Value output = item["output"];
        if (output.is_object()) {
            result.content.emplace_back(chat::Text{Escaped{out_.keep(json::escape(output.raw()))}});
        } else if (auto done = parts(output, result.content); !done) {
            return done;
        }
        chat::Blocks blocks;
        blocks.emplace_back(std::move(result));
        add(Role::user, std::move(blocks));
        return {};
    }

    // What we gave out; whose it is, encoders find out by the seal. Another's is of no use to
    // anyone but its maker.
    Result<void> reasoning(json::Value item) {
        const std::string_view sealed = item["encrypted_content"].str();
        if (!sealed.starts_with(our_seal)) return {};
        std::string text;
        for (const json::Value part : item["summary"].elements())
            text.append(text.empty() ? "" : R"(\n\n)").append(part["text"].escaped());
        chat::Blocks blocks;
        blocks.emplace_back(chat::Thinking{Escaped{out_.keep(std::move(text))}, sealed});
        add(Role::assistant, std::move(blocks));
        return {};
    }

    Result<void> search_call(json::Value item) {
        std::string text = "[web search: ";
        text.append(item["action"]["query"].escaped()).append("]");
        chat::Blocks blocks;
        blocks.emplace_back(chat::Text{Escaped{out_.keep(std::move(text))}});
        add(Role::assistant, std::move(blocks));
        return {};
    }

    Result<void> more_tools(json::Value item) { return decode_tools(item["tools"], out_); }

    Result<void> needs_store(json::Value /*item*/) {
        Error error = bad("conversations are not stored here; send all items as input");
        error.code = "previous_response_not_found";
        return error;
    }

    void add(Role role, chat::Blocks blocks) {
        if (blocks.empty()) return;
        if (!out_.messages.empty() && out_.messages.back().role == role && role != Role::system) {
            chat::Blocks& there = out_.messages.back().content;
            for (chat::Block& block : blocks)
                there.push_back(std::move(block));
            return;
        }
        chat::Message message;
        message.role = role;
        message.content = std::move(blocks);
        out_.messages.push_back(std::move(message));
    }

    Result<void> parts(json::Value content, chat::Blocks& blocks) {
        const auto done = read_parts(content, blocks, [this](json::Value part, chat::Blocks& out) {
            return one_part(part, out);
        });
        if (!done) return bad(done.error().detail);
        return {};
    }

    Result<void> one_part(json::Value part, chat::Blocks& blocks) {
        const std::string_view type = part["type"].str();
        if (type == "input_image") {
            if (!part["file_id"].escaped().empty()) {
                chat::Image image;
                image.source.kind = chat::Media::Kind::file;
                image.source.data = Escaped{part["file_id"].escaped()};
                blocks.emplace_back(image);
                return {};
            }
            return add_image(part["image_url"], out_, blocks);
        }
        if (type == "input_file") return add_file(part, out_, blocks);
        if (type == "input_audio") return Error(ErrorKind::invalid_request, "no audio is taken");
        const json::Value text = type == "refusal" ? part["refusal"] : part["text"];
        if (!text.is_string()) {
            return Error(ErrorKind::invalid_request,
                         "a part should be input_text, output_text, input_image or input_file");
        }
        const bool marked = part["prompt_cache_breakpoint"].present();
        if (text.escaped().empty()) return {};
        blocks.emplace_back(
            chat::Text{Escaped{text.escaped()}, marked ? R"({"type":"ephemeral"})" : ""});
        return {};
    }

    chat::Request& out_;
    std::string place_;
};

constexpr std::array<InputReader::Row, 13> InputReader::rows{{
    {"function_call", &InputReader::function_call},
    {"function_call_output", &InputReader::call_output},
    {"custom_tool_call", &InputReader::custom_call},
    {"custom_tool_call_output", &InputReader::call_output},
    {"local_shell_call", &InputReader::shell_call},
    {"local_shell_call_output", &InputReader::call_output},
    {"shell_call", &InputReader::shell_call},
    {"shell_call_output", &InputReader::call_output},
    {"reasoning", &InputReader::reasoning},
    {"web_search_call", &InputReader::search_call},
    {"additional_tools", &InputReader::more_tools},
    {"tool_search_output", &InputReader::more_tools},
    {"item_reference", &InputReader::needs_store},
}};

}  // namespace

Result<void> decode_input(json::Value input, chat::Request& request) {
    if (input.is_string()) {
        chat::Message message;
        message.content.emplace_back(chat::Text{Escaped{input.escaped()}});
        request.messages.push_back(std::move(message));
        return {};
    }
    if (!input.is_array()) return wrong("input", "should be a string or an array of items");
    InputReader reader(request);
    std::size_t index = 0;
    for (const json::Value item : input.elements()) {
        if (auto done = reader.read(item, index++); !done) return done;
    }
    return {};
}

}  // namespace ccr::dialect::responses_door
