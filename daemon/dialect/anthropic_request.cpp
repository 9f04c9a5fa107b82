// SPDX-License-Identifier: MIT
// Request bodies of the Anthropic Messages API. Strict about what the rest relies on (with the
// wording that clients know), tolerant of everything else: unknown fields are never an error.
#include <algorithm>
#include <iterator>
#include <utility>

#include "daemon/dialect/anthropic.hpp"
#include "daemon/dialect/anthropic_blocks.hpp"
#include "daemon/dialect/door_parts.hpp"

namespace ccr::dialect::anthropic {
namespace {

using chat::Escaped;

// The members of the body that mean something to us; of duplicates the last counts.
struct Fields {
    json::Value model, messages, system, tools, tool_choice, metadata, max_tokens, thinking,
        output_config, output_format, stop_sequences, stream, temperature, top_p, top_k,
        service_tier, speed, thread, safeguards, container, mcp_servers, compaction;
};

struct FieldRow {
    std::string_view name;
    json::Value Fields::*field;
};
constexpr FieldRow field_rows[] = {
    {"model", &Fields::model},
    {"messages", &Fields::messages},
    {"system", &Fields::system},
    {"tools", &Fields::tools},
    {"tool_choice", &Fields::tool_choice},
    {"metadata", &Fields::metadata},
    {"max_tokens", &Fields::max_tokens},
    {"thinking", &Fields::thinking},
    {"output_config", &Fields::output_config},
    {"output_format", &Fields::output_format},
    {"stop_sequences", &Fields::stop_sequences},
    {"stream", &Fields::stream},
    {"temperature", &Fields::temperature},
    {"top_p", &Fields::top_p},
    {"top_k", &Fields::top_k},
    {"service_tier", &Fields::service_tier},
    {"speed", &Fields::speed},
    {"thread", &Fields::thread},
    {"safeguards", &Fields::safeguards},
    {"container", &Fields::container},
    {"mcp_servers", &Fields::mcp_servers},
    {"compaction", &Fields::compaction},
};

Fields fields_of(json::Value root) {
    Fields fields;
    for (const json::Member member : root.members()) {
        const std::string_view key = member.key.str();
        const auto* row = std::find_if(std::begin(field_rows), std::end(field_rows),
                                       [key](const FieldRow& r) { return r.name == key; });
        if (row != std::end(field_rows)) fields.*row->field = member.value;
    }
    return fields;
}

Error wrong(std::string_view field, std::string_view what) {
    return Place{}.wrong(field, what);
}

class RequestReader {
  public:
    RequestReader(const Fields& fields, chat::Request& request) : in_(fields), out_(request) {}

    Result<void> read(bool counting) {
        constexpr Result<void> (RequestReader::*steps[])() = {
            &RequestReader::model,       &RequestReader::messages, &RequestReader::system,
            &RequestReader::tools,       &RequestReader::choice,   &RequestReader::thinking,
            &RequestReader::output,      &RequestReader::stops,    &RequestReader::sampling,
            &RequestReader::small_fields};
        if (auto done = max_tokens(counting); !done) return done;
        for (const auto step : steps) {
            if (auto done = (this->*step)(); !done) return done;
        }
        native_only();
        return {};
    }

  private:
    Result<void> max_tokens(bool counting) {
        if (!in_.max_tokens.present()) {
            return counting ? Result<void>() : wrong("max_tokens", "Field required");
        }
        const auto count = in_.max_tokens.integer();
        if (!count) return wrong("max_tokens", "Input should be a valid integer");
        if (*count < 0) return wrong("max_tokens", "Input should be greater than or equal to 0");
        out_.max_tokens = *count;
        return {};
    }

    Result<void> model() {
        if (!in_.model.present()) return wrong("model", "Field required");
        if (!in_.model.is_string()) return wrong("model", "Input should be a valid string");
        if (in_.model.str().empty()) return wrong("model", "String should not be empty");
        out_.model = in_.model.str();
        return {};
    }

    Result<void> messages() {
        if (!in_.messages.present()) return wrong("messages", "Field required");
        if (!in_.messages.is_array()) return wrong("messages", "Input should be a valid array");
        if (in_.messages.size() == 0) return wrong("messages", "at least one message is required");
        out_.messages.reserve(in_.messages.size());
        Place place{nullptr, "messages", 0};
        for (const json::Value message : in_.messages.elements()) {
            if (auto done = one_message(message, place); !done) return done;
            ++place.index;
        }
        return {};
    }

    Result<void> one_message(json::Value source, const Place& place) {
        if (!source.is_object()) return place.wrong("", "Input should be a valid dictionary");
        chat::Message message;
        const std::string_view role = source["role"].str();
        if (role == "assistant") {
            message.role = chat::Role::assistant;
        } else if (role == "system") {
            message.role = chat::Role::system;
        } else if (role != "user") {
            return place.wrong("role", "Input should be 'user', 'assistant' or 'system'");
        }
        const json::Value content = source["content"];
        if (!content.present() && message.role != chat::Role::system) {
            return place.wrong("content", "Field required");
        }
        if (auto done = decode_content(content, place, out_, message.content); !done) return done;
        message.effort = source["output_config"]["effort"].str();
        message.until_next_user = source["clear_at"].str() == "next_user_message";
        out_.messages.push_back(std::move(message));
        return {};
    }

    Result<void> system() {
        if (!in_.system.present()) return {};
        chat::Blocks blocks;
        Place place{nullptr, "system", Place::no_index};
        if (!in_.system.is_string() && !in_.system.is_array()) {
            return wrong("system", "Input should be a valid string or array");
        }
        if (auto done = decode_content(in_.system, place, out_, blocks); !done) return done;
        for (const chat::Block& block : blocks) {
            const auto* text = std::get_if<chat::Text>(&block);
            if (text == nullptr) return wrong("system", "only text blocks are allowed here");
            out_.system.push_back(*text);
        }
        return {};
    }

    Result<void> tools() {
        if (!in_.tools.present()) return {};
        if (!in_.tools.is_array()) return wrong("tools", "Input should be a valid array");
        out_.tools.reserve(out_.tools.size() + in_.tools.size());
        // Definitions that messages brought in come behind those of the request.
        std::vector<chat::Tool> added = std::exchange(out_.tools, {});
        Place place{nullptr, "tools", 0};
        for (const json::Value tool : in_.tools.elements()) {
            if (auto done = decode_tool(tool, place, out_); !done) return done;
            ++place.index;
        }
        out_.tools.insert(out_.tools.end(), added.begin(), added.end());
        return {};
    }

    Result<void> choice() {
        using Kind = chat::ToolChoice::Kind;
        if (!in_.tool_choice.present()) return {};
        const std::string_view type = in_.tool_choice["type"].str();
        chat::ToolChoice& choice = out_.tool_choice;
        choice.disable_parallel = in_.tool_choice["disable_parallel_tool_use"].boolean();
        if (type == "auto") {
            choice.kind = Kind::automatic;
        } else if (type == "any") {
            choice.kind = Kind::any;
        } else if (type == "none") {
            choice.kind = Kind::none;
        } else if (type == "tool") {
            choice.kind = Kind::tool;
            choice.name = in_.tool_choice["name"].str();
            if (choice.name.empty()) return wrong("tool_choice.name", "Field required");
        } else {
            return wrong("tool_choice.type", "Input should be 'auto', 'any', 'tool' or 'none'");
        }
        return {};
    }

    Result<void> thinking() {
        using Kind = chat::ThinkingMode::Kind;
        constexpr std::pair<std::string_view, Kind> kinds[] = {
            {"enabled", Kind::enabled},
            {"adaptive", Kind::adaptive},
            {"disabled", Kind::disabled},
            {"between_tools", Kind::between_tools}};
        if (!in_.thinking.present()) return {};
        const std::string_view type = in_.thinking["type"].str();
        const auto* kind = std::find_if(std::begin(kinds), std::end(kinds),
                                        [type](const auto& row) { return row.first == type; });
        if (kind == std::end(kinds)) {
            out_.warn("thinking");  // a newer mode than we know
            return {};
        }
        out_.thinking.kind = kind->second;
        out_.thinking.omit_text = in_.thinking["display"].str() == "omitted";
        out_.thinking.budget_tokens = in_.thinking["budget_tokens"].integer().value_or(0);
        if (kind->second == Kind::enabled && !in_.thinking["budget_tokens"].is_number()) {
            return wrong("thinking.enabled.budget_tokens", "Field required");
        }
        return {};
    }

    Result<void> output() {
        out_.effort = in_.output_config["effort"].str();
        const json::Value inner = in_.output_config["format"];
        if (inner.present() && in_.output_format.present()) {
            return wrong("output_format", "output_config.format is set as well; use one of them");
        }
        const json::Value format = inner.present() ? inner : in_.output_format;
        if (!format.present()) return {};
        if (format["type"].str() != "json_schema") {
            out_.warn("output_config.format");
            return {};
        }
        if (!format["schema"].is_object()) {
            return wrong("output_config.format.schema", "Input should be a valid dictionary");
        }
        out_.output_schema = format["schema"];
        return {};
    }

    Result<void> stops() {
        if (!in_.stop_sequences.present()) return {};
        if (!in_.stop_sequences.is_array()) {
            return wrong("stop_sequences", "Input should be a valid array");
        }
        for (const json::Value stop : in_.stop_sequences.elements()) {
            if (!stop.is_string()) {
                return wrong("stop_sequences", "Items should be valid strings");
            }
            if (!stop.escaped().empty()) out_.stop_sequences.push_back(Escaped{stop.escaped()});
        }
        return {};
    }

    Result<void> sampling() {
        const std::pair<json::Value, std::string_view chat::Request::*> rows[] = {
            {in_.temperature, &chat::Request::temperature},
            {in_.top_p, &chat::Request::top_p},
            {in_.top_k, &chat::Request::top_k}};
        constexpr std::string_view names[] = {"temperature", "top_p", "top_k"};
        for (std::size_t i = 0; i < std::size(rows); ++i) {
            if (!rows[i].first.present()) continue;
            if (!rows[i].first.is_number()) {
                return wrong(names[i], "Input should be a valid number");
            }
            out_.*rows[i].second = rows[i].first.raw();
        }
        return {};
    }

    Result<void> small_fields() {
        if (in_.stream.present() && in_.stream.type() != json::Type::boolean) {
            return wrong("stream", "Input should be a valid boolean");
        }
        out_.stream = in_.stream.boolean();
        out_.user_id = in_.metadata["user_id"].str();
        out_.service_tier = in_.service_tier.str();
        out_.speed = in_.speed.str();
        return {};
    }

    // What only Anthropic itself can do. To ignore these would be wrong or unsafe, and clients
    // know these answers: they send the whole conversation, or do the check on their own.
    void native_only() {
        if (in_.thread.present()) {
            const bool create = in_.thread["type"].str() == "create";
            out_.native_only =
                create ? Error(ErrorKind::invalid_request, "thread: not supported by this provider")
                       : Error(ErrorKind::not_found, "thread: no such thread");
            out_.native_only->code = create ? "thread_unsupported_request" : "thread_not_found";
        } else if (in_.safeguards.present()) {
            refuse("safeguards: not supported by this provider");
        } else if (in_.container["skills"].size() > 0) {
            refuse("container.skills: not supported by this provider");
        } else if (in_.mcp_servers.size() > 0) {
            refuse("mcp_servers: not supported by this provider");
        } else if (in_.compaction.present()) {
            refuse("compaction: not supported by this provider");
        }
    }

    void refuse(const char* message) {
        out_.native_only = Error(ErrorKind::invalid_request, message);
    }

    const Fields& in_;
    chat::Request& out_;
};

Result<void> decode(std::string body, chat::Request& request, bool counting) {
    const auto root = read_body(std::move(body), request);
    if (!root) return root.error();
    const Fields fields = fields_of(*root);
    return RequestReader(fields, request).read(counting);
}

}  // namespace

Result<void> decode_request(std::string body, chat::Request& request) {
    return decode(std::move(body), request, false);
}

Result<void> decode_count_request(std::string body, chat::Request& request) {
    return decode(std::move(body), request, true);
}

}  // namespace ccr::dialect::anthropic
