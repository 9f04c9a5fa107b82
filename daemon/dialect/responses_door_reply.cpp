// SPDX-License-Identifier: MIT
#include "daemon/dialect/responses_door_reply.hpp"

#include <algorithm>
#include <cstdio>

#include "common/text.hpp"
#include "daemon/dialect/chat_door.hpp"

namespace ccr::dialect::responses_door {
namespace {

std::string id_of(std::string_view prefix, std::string_view message_id, std::int64_t number) {
    std::string id(prefix);
    id += message_id.substr(message_id.find('_') + 1);
    if (number < 0) return id;
    id += '_';
    append_number(id, number);
    return id;
}

const chat::Tool* tool_of(const chat::Request* request, std::string_view name) {
    if (request == nullptr) return nullptr;
    const auto found = std::find_if(request->tools.begin(), request->tools.end(),
                                    [name](const chat::Tool& tool) { return tool.name == name; });
    return found == request->tools.end() ? nullptr : &*found;
}

void write_usage(json::Writer& writer, const chat::Usage& usage) {
    const std::int64_t read = usage.cache_read_tokens.value_or(0);
    const std::int64_t written = usage.cache_creation_tokens.value_or(0);
    const std::int64_t input = usage.input_tokens + read + written;
    writer.begin_object().key("input_tokens").number(input);
    writer.key("input_tokens_details").begin_object().key("cached_tokens").number(read);
    writer.key("cache_write_tokens").number(written).end_object();
    writer.key("output_tokens").number(usage.output_tokens);
    writer.key("output_tokens_details").begin_object();
    writer.key("reasoning_tokens").number(usage.thinking_tokens.value_or(0)).end_object();
    writer.key("total_tokens").number(input + usage.output_tokens).end_object();
}

// Codex reads the delay out of the words.
std::string told(const Error& error) {
    std::string message = error.detail;
    const bool limited = error.kind == ErrorKind::rate_limited || error.kind == ErrorKind::billing;
    if (!limited || !error.retry_after || message.find("try again in") != std::string::npos) {
        return message;
    }
    char seconds[32];
    const double value = static_cast<double>(error.retry_after->count()) / 1000;
    static_cast<void>(std::snprintf(seconds, sizeof seconds, "%.3g", value));
    return message.append(". Please try again in ").append(seconds).append("s.");
}

void write_call(json::Writer& writer, const Item& item, bool done) {
    const bool custom = item.kind == ItemKind::custom;
    writer.key("type").string(custom ? "custom_tool_call" : "function_call");
    writer.key("status").string(done ? "completed" : "in_progress");
    writer.key("call_id").string(item.call_id).key("name").string(item.name);
    if (!item.space.empty()) writer.key("namespace").string(item.space);
    writer.key(custom ? "input" : "arguments").escaped(done ? item.text : "");
}

void write_search(json::Writer& writer, const Item& item, bool done) {
    writer.key("type").string("web_search_call").key("status");
    writer.string(!done ? "in_progress" : item.failed ? "failed" : "completed");
    writer.key("action").begin_object().key("type").string("search");
    writer.key("query").escaped(item.text);
    if (done && !item.extra.empty())
        writer.key("sources").begin_array().raw(item.extra).end_array();
    writer.end_object();
}

// Members of a request that its response repeats. What is long (instructions, tools) is not: a
// stream may be one of thousands, and who asked knows.
constexpr std::string_view repeated[] = {"metadata", "temperature",       "top_p",
                                         "user",     "max_output_tokens", "prompt_cache_key"};

}  // namespace

Item make_item(BlockKind kind, std::string_view call_id, std::string_view name,
               const chat::Request* request, std::string_view message_id, std::int64_t number) {
    Item item;
    if (kind == BlockKind::thinking) {
        item.kind = ItemKind::reasoning;
        item.id = id_of("rs_", message_id, number);
    } else if (kind == BlockKind::tool) {
        const chat::Tool* tool = tool_of(request, name);
        const bool custom = tool != nullptr && tool->freeform;
        item.kind = custom ? ItemKind::custom : ItemKind::function;
        item.id = id_of(custom ? "ctc_" : "fc_", message_id, number);
        item.call_id = call_id;
        if (tool != nullptr) item.space = tool->space;
        // Behind "ns__".
        item.name = item.space.empty() ? name : name.substr(item.space.size() + 2);
    } else {
        item.id = id_of("msg_", message_id, number);
    }
    return item;
}

Item make_refusal(std::string_view message_id, std::int64_t number) {
    Item item;
    item.kind = ItemKind::refusal;
    item.id = id_of("msg_", message_id, number);
    return item;
}

Item make_search(const chat::Searched& search, bool sources, std::string_view message_id,
                 std::int64_t number) {
    Item item;
    item.kind = ItemKind::search;
    item.id = id_of("ws_", message_id, number);
    item.text = search.query.bytes;
    item.failed = !search.failure.empty();
    if (!sources) return item;
    for (const chat::SearchHit& hit : search.hits) {
        item.extra += item.extra.empty() ? R"({"type":"url","url":")" : R"(,{"type":"url","url":")";
        item.extra.append(hit.url.bytes).append("\"}");
    }
    return item;
}

bool wants_sources(const chat::Request* request) {
    if (request == nullptr) return false;
    for (const json::Value wanted : request->document.root()["include"].elements())
        if (wanted.str() == "web_search_call.action.sources") return true;
    return false;
}

std::string annotation(const chat::Cited& cited, TextSpan span) {
    std::string out;
    json::Writer writer(out);
    writer.begin_object().key("type").string("url_citation");
    write_place(writer, cited, span);
    writer.end_object();
    return out;
}

void write_part(json::Writer& writer, ItemKind kind, std::string_view text,
                std::string_view annotations) {
    writer.begin_object();
    switch (kind) {
        case ItemKind::reasoning:
            writer.key("type").string("summary_text").key("text").escaped(text);
            break;
        case ItemKind::refusal:
            writer.key("type").string("refusal").key("refusal").escaped(text);
            break;
        default:
            writer.key("type").string("output_text").key("text").escaped(text);
            writer.key("annotations").begin_array();
            if (!annotations.empty()) writer.raw(annotations);
            writer.end_array();
            writer.key("logprobs").begin_array().end_array();
    }
    writer.end_object();
}

void write_item(json::Writer& writer, const Item& item, bool done) {
    writer.begin_object().key("id").string(item.id);
    if (item.kind == ItemKind::function || item.kind == ItemKind::custom) {
        write_call(writer, item, done);
        writer.end_object();
        return;
    }
    if (item.kind == ItemKind::search) {
        write_search(writer, item, done);
        writer.end_object();
        return;
    }
    const bool reasoning = item.kind == ItemKind::reasoning;
    writer.key("type").string(reasoning ? "reasoning" : "message");
    if (!reasoning) {
        writer.key("status").string(done ? "completed" : "in_progress");
        writer.key("role").string("assistant");
    }
    writer.key(reasoning ? "summary" : "content").begin_array();
    if (done && !(reasoning && item.text.empty())) {
        write_part(writer, item.kind, item.text, item.extra);
    }
    writer.end_array();
    if (reasoning) {
        writer.key("encrypted_content");
        if (item.sealed.empty()) {
            writer.null();
        } else {
            writer.string(item.sealed);
        }
    }
    writer.end_object();
}

ResponseFrame::ResponseFrame(const ReplyContext& context)
    : ResponseFrame(
          {id_of("resp_", context.message_id, -1), context.created, std::string(context.model)},
          context.request != nullptr ? context.request->document.root() : json::Value()) {}

ResponseFrame::ResponseFrame(const ResponseHead& head, json::Value request) {
    json::Writer writer(head_);
    writer.begin_object().key("id").string(head.id).key("object").string("response");
    writer.key("created_at").number(head.created).key("model").string(head.model);
    for (const std::string_view name : repeated) {
        writer.key(name);
        if (request[name].present()) {
            writer.raw(request[name].raw());
        } else {
            writer.raw(name == "metadata" ? "{}" : "null");
        }
    }
    const json::Value choice = request["tool_choice"];
    writer.key("tool_choice").raw(choice.present() ? choice.raw() : R"("auto")");
    writer.key("parallel_tool_calls").boolean(request["parallel_tool_calls"].boolean(true));
    head_ += R"(,"background":false,"instructions":null,"previous_response_id":null,"store":false)";
    head_ += R"(,"tools":[],"truncation":"disabled")";
}

void ResponseFrame::write(json::Writer& writer, std::string_view status, std::string_view output,
                          const chat::Usage* usage, const Error* error,
                          std::string_view incomplete) const {
    std::string out = head_;
    out += R"(,"status":")";
    out.append(status).append(R"(","output":[)").append(output).append(R"(],"error":)");
    json::Writer rest(out);
    if (error != nullptr) {
        rest.begin_object().key("code").string(openai_error_code(*error));
        rest.key("message").string(told(*error)).end_object();
    } else {
        rest.null();
    }
    rest.key("incomplete_details");
    if (incomplete.empty()) {
        rest.null();
    } else {
        rest.begin_object().key("reason").string(incomplete).end_object();
    }
    rest.key("usage");
    if (usage != nullptr) {
        write_usage(rest, *usage);
    } else {
        rest.null();
    }
    rest.end_object();
    writer.raw(out);
}

std::string failed_event(const ResponseHead& head, std::int64_t number, const Error& error) {
    std::string out = "event: response.failed\ndata: ";
    json::Writer writer(out);
    writer.begin_object().key("type").string("response.failed");
    writer.key("sequence_number").number(number).key("response");
    ResponseFrame(head).write(writer, "failed", {}, nullptr, &error);
    writer.end_object();
    return out += "\n\n";
}

Verdict verdict(chat::Stop stop) {
    switch (stop) {
        case chat::Stop::max_tokens:
        case chat::Stop::context_window:
            return {"incomplete", "max_output_tokens"};
        case chat::Stop::refusal:
            return {"incomplete", "content_filter"};
        default:
            return {"completed", {}};
    }
}

}  // namespace ccr::dialect::responses_door
