// SPDX-License-Identifier: MIT
#include "tests/testing/anthropic_grammar.hpp"

#include "common/json.hpp"

namespace ccr::testing {
namespace {

class Reader {
  public:
    Reader(ReadReply& reply, bool native) : reply_(reply), native_(native) {}

    void frame(std::string_view text);
    void end();

  private:
    void complain(std::string text) {
        if (reply_.problem.empty()) reply_.problem = std::move(text);
    }
    void expect(bool holds, std::string_view what) {
        if (!holds) complain(std::string(what));
    }
    void read(std::string_view name, json::Value root);
    void message_start(json::Value message);
    void block_start(json::Value root);
    void search_result(json::Value block);
    void citation(json::Value citation);
    void block_delta(json::Value root);
    void block_stop(json::Value root);
    void message_delta(json::Value root);
    void error(json::Value root);
    ReadBlock& current() { return reply_.blocks.back(); }

    ReadReply& reply_;
    bool native_;
    bool open_ = false;
    bool signed_ = false;
    bool delta_seen_ = false;
    bool over_ = false;
};

void Reader::frame(std::string_view text) {
    constexpr std::string_view event = "event: ";
    constexpr std::string_view data = "\ndata: ";
    expect(!over_, "something follows the end of the stream");
    const auto middle = text.find(data);
    if (!text.starts_with(event) || middle == std::string_view::npos) {
        return complain("a frame without event and data: " + std::string(text));
    }
    const std::string_view name = text.substr(event.size(), middle - event.size());
    const std::string_view content = text.substr(middle + data.size());
    expect(name.find('\n') == std::string_view::npos, "a line between event and data");
    expect(content.find('\n') == std::string_view::npos, "data in more than one line");
    expect(content.find('\r') == std::string_view::npos, "a carriage return");
    json::Document document;
    const auto root = document.parse_view(content);
    if (!root) return complain("data that is no JSON: " + std::string(content));
    expect((*root)["type"].str() == name, "event name and type differ");
    read(name, *root);
}

void Reader::read(std::string_view name, json::Value root) {
    if (name == "ping") {
        ++reply_.pings;
        return;
    }
    if (name == "error") return error(root);
    if (name == "message_start") return message_start(root["message"]);
    expect(reply_.started, "an event before message_start");
    expect(!delta_seen_ || name == "message_stop", "an event behind message_delta");
    if (name == "content_block_start") return block_start(root);
    if (name == "content_block_delta") return block_delta(root);
    if (name == "content_block_stop") return block_stop(root);
    if (name == "message_delta") return message_delta(root);
    if (name != "message_stop") return complain("an unknown event: " + std::string(name));
    expect(delta_seen_, "message_stop without message_delta");
    reply_.finished = true;
    over_ = true;
}

void Reader::message_start(json::Value message) {
    expect(!reply_.started, "a second message_start");
    reply_.started = true;
    reply_.id = message["id"].str();
    reply_.model = message["model"].str();
    reply_.start_usage = message["usage"].raw();
    expect(reply_.id.starts_with("msg_"), "an id that is not msg_…");
    expect(message["type"].str() == "message", "message.type");
    expect(message["role"].str() == "assistant", "message.role");
    expect(message["content"].is_array() && message["content"].size() == 0, "message.content");
    expect(message["stop_reason"].type() == json::Type::null, "message.stop_reason");
    expect(message["usage"]["input_tokens"].integer().has_value(), "message.usage.input_tokens");
    expect(message["usage"]["output_tokens"].integer().has_value(), "message.usage.output_tokens");
}

void Reader::block_start(json::Value root) {
    expect(!open_, "a block starts inside another");
    const auto index = root["index"].integer();
    expect(index && *index == static_cast<std::int64_t>(reply_.blocks.size()),
           "block indices are not 0, 1, 2 …");
    const json::Value block = root["content_block"];
    ReadBlock& read = reply_.blocks.emplace_back();
    read.type = block["type"].str();
    read.id = block["id"].str();
    read.name = block["name"].str();
    open_ = true;
    signed_ = false;
    if (read.type == "tool_use") {
        expect(!read.id.empty() && !read.name.empty(), "a tool without id or name");
        expect(block["input"].is_object() && block["input"].size() == 0, "input in block start");
        for (std::size_t i = 0; i + 1 < reply_.blocks.size(); ++i)
            expect(reply_.blocks[i].id != read.id, "a tool id twice");
    } else if (read.type == "text") {
        expect(block["text"].is_string(), "a text block without text");
    } else if (read.type == "thinking") {
        expect(block["thinking"].is_string(), "a thinking block without thinking");
    } else {
        expect(!read.type.empty(), "a block without a type");
        read.text = block.raw();
        if (read.type == "web_search_tool_result") search_result(block);
    }
}

// It names the search in front of it, and holds pages or an error.
void Reader::search_result(json::Value block) {
    std::size_t calls = 0;
    for (const ReadBlock& each : reply_.blocks) {
        const bool call = each.type == "server_tool_use" && each.name == "web_search";
        if (call && each.id == block["tool_use_id"].str()) ++calls;
    }
    // Those that the provider made itself go out as they came, even damaged.
    if (native_ || !block["tool_use_id"].str().starts_with("srvtoolu_ccr_")) return;
    expect(calls == 1, "results of no search, or of two");
    const json::Value content = block["content"];
    const bool failed = content["type"].str() == "web_search_tool_result_error";
    expect(content.is_array() || (failed && !content["error_code"].str().empty()),
           "results that are neither pages nor an error");
    for (const json::Value page : content.elements()) {
        expect(page["type"].str() == "web_search_result", "a result of another type");
        expect(!page["url"].str().empty() && !page["title"].str().empty(), "a page without a name");
        expect(!page["encrypted_content"].str().empty(), "a page without encrypted_content");
    }
}

void Reader::citation(json::Value citation) {
    expect(current().type == "text", "citations_delta in " + current().type);
    expect(native_ || !citation["type"].str().empty(), "a citation without a type");
    // Those of Anthropic's own go out as they came, even damaged.
    if (!native_ && citation["encrypted_index"].str().starts_with("ccr1.")) {
        expect(citation["type"].str() == "web_search_result_location" &&
                   !citation["url"].str().empty() && citation["cited_text"].is_string(),
               "a citation that misses something");
    }
    current().citations.emplace_back(citation.raw());
}

void Reader::block_delta(json::Value root) {
    if (!open_) return complain("a delta outside of a block");
    const auto index = root["index"].integer();
    expect(index && *index + 1 == static_cast<std::int64_t>(reply_.blocks.size()),
           "a delta for another block");
    const json::Value delta = root["delta"];
    const std::string_view type = delta["type"].str();
    ReadBlock& block = current();
    expect(!signed_, "a delta behind the signature");
    if (type == "text_delta") {
        expect(block.type == "text" && delta["text"].is_string(), "text_delta in " + block.type);
        block.text += delta["text"].str();
    } else if (type == "thinking_delta") {
        expect(block.type == "thinking" && delta["thinking"].is_string(),
               "thinking_delta in " + block.type);
        block.text += delta["thinking"].str();
    } else if (type == "signature_delta") {
        expect(block.type == "thinking", "signature_delta in " + block.type);
        block.signature = delta["signature"].str();
        expect(!block.signature.empty(), "an empty signature");
        signed_ = true;
        return;
    } else if (type == "input_json_delta") {
        const bool takes_input = block.type != "text" && block.type != "thinking";
        expect(takes_input && delta["partial_json"].is_string(),
               "input_json_delta in " + block.type);
        block.input += delta["partial_json"].str();
    } else if (type == "citations_delta") {
        return citation(delta["citation"]);
    } else {
        complain("an unknown delta: " + std::string(type));
    }
    const bool empty = delta["text"].str().empty() && delta["thinking"].str().empty() &&
                       delta["partial_json"].str().empty();
    if (empty) ++reply_.empty_deltas;
}

void Reader::block_stop(json::Value root) {
    expect(open_, "content_block_stop outside of a block");
    const auto index = root["index"].integer();
    expect(index && *index + 1 == static_cast<std::int64_t>(reply_.blocks.size()),
           "content_block_stop for another block");
    if (!reply_.blocks.empty() && current().type == "thinking") {
        expect(signed_, "thinking without signature");
    }
    const bool searches = !reply_.blocks.empty() && current().type == "server_tool_use";
    if (searches && !native_ && !current().input.empty()) {
        json::Document document;
        expect(document.parse_view(current().input).has_value(), "a query that is no JSON");
    }
    open_ = false;
}

void Reader::message_delta(json::Value root) {
    expect(!open_, "message_delta inside a block");
    delta_seen_ = true;
    const json::Value delta = root["delta"];
    expect(!delta["stop_reason"].str().empty(), "no stop_reason");
    reply_.stop_reason = delta["stop_reason"].str();
    reply_.stop_sequence = delta["stop_sequence"].str();
    reply_.explanation = delta["stop_details"]["explanation"].str();
    reply_.usage = root["usage"].raw();
    expect(root["usage"]["output_tokens"].integer().has_value(), "no usage.output_tokens");
}

void Reader::error(json::Value root) {
    reply_.error_type = root["error"]["type"].str();
    reply_.error_message = root["error"]["message"].str();
    expect(!reply_.error_type.empty(), "an error without type");
    expect(root["error"]["message"].is_string(), "an error without message");
    expect(root["request_id"].is_string(), "an error without request_id");
    over_ = true;
}

void Reader::end() {
    expect(over_, "the stream has no end");
}

}  // namespace

std::string ReadReply::shape() const {
    std::string out;
    for (const ReadBlock& block : blocks) {
        if (!out.empty()) out += ' ';
        out += block.type;
        out += block.type == "tool_use" ? ':' + block.name + block.input : '[' + block.text + ']';
    }
    return out;
}

ReadReply read_anthropic_stream(std::string_view stream, bool complete, bool native) {
    ReadReply reply;
    Reader reader(reply, native);
    while (!stream.empty()) {
        const auto end = stream.find("\n\n");
        if (end == std::string_view::npos) {
            reply.problem = "a frame without its blank line";
            return reply;
        }
        reader.frame(stream.substr(0, end));
        stream.remove_prefix(end + 2);
    }
    if (complete) reader.end();
    return reply;
}

}  // namespace ccr::testing
