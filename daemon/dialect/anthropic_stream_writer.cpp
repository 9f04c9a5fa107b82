// SPDX-License-Identifier: MIT
// Blocks to server-sent events:
//
//   stream := ping* message_start (block | ping)* message_delta message_stop
//           | any beginning of that, then error
//   block  := content_block_start delta* content_block_stop          index 0, 1, 2 …
#include <algorithm>
#include <utility>

#include "common/error_body.hpp"
#include "common/text.hpp"
#include "daemon/dialect/anthropic_message.hpp"
#include "daemon/dialect/anthropic_search.hpp"
#include "daemon/dialect/anthropic_writer.hpp"
#include "daemon/dialect/block_machine.hpp"

namespace ccr::dialect {
namespace {

// Clients let at most 30 pings in a row count as signs of life.
constexpr int max_pings_in_a_row = 25;

struct DeltaNames {
    std::string_view type;
    std::string_view member;
};

DeltaNames delta_names(BlockKind kind) {
    if (kind == BlockKind::tool) return {"input_json_delta", "partial_json"};
    if (kind == BlockKind::thinking) return {"thinking_delta", "thinking"};
    return {"text_delta", "text"};
}

class AnthropicStreamWriter final : public StreamWriter, private BlockSink {
  public:
    explicit AnthropicStreamWriter(const ReplyContext& context)
        : context_(context), machine_(context, *this) {}

    void on(const chat::Event& event) override { machine_.on(event); }
    std::string& output() override { return out_; }
    [[nodiscard]] bool committed() const override { return machine_.begun(); }
    [[nodiscard]] bool done() const override { return machine_.ended(); }
    [[nodiscard]] bool satisfied() const override { return done() || machine_.all_said(); }
    void ping() override;
    void fail(const Error& error) override { machine_.fail(error); }
    [[nodiscard]] const chat::Usage& usage() const override { return machine_.usage(); }
    void use_digest(const chat::Request& digest) override { machine_.use_request(digest); }

  private:
    void begin() override;
    void open(BlockKind kind, std::string_view id, std::string_view name) override;
    void delta(BlockKind kind, chat::Escaped piece) override;
    void signature(std::string_view sealed) override;
    void close(BlockKind kind) override;
    void foreign(const chat::ForeignBlock& block) override;
    void searched(const chat::Searched& search) override;
    void cited(const chat::Cited& cited) override;
    void end(const Ending& ending) override;
    void failed(const Error& error) override;

    json::Writer start_frame(std::string_view type);
    void whole_block(std::string_view json, chat::Escaped input);
    void set_delta_head(const DeltaNames& names);
    void end_frame() { out_ += "}\n\n"; }

    ReplyContext context_;
    std::string out_;
    std::string delta_head_;  // of the open block, up to where the text goes
    std::int64_t index_ = 0;
    int pings_ = 0;
    bool input_was_estimated_ = false;
    BlockMachine machine_;
};

void AnthropicStreamWriter::ping() {
    if (done()) return;
    if (++pings_ > max_pings_in_a_row) {
        machine_.keep_alive();
        pings_ = 0;
        return;
    }
    out_ += anthropic_ping;
}

// Writes the frame up to its type; the caller adds members and ends the frame.
json::Writer AnthropicStreamWriter::start_frame(std::string_view type) {
    out_ += "event: ";
    out_ += type;
    out_ += "\ndata: ";
    json::Writer writer(out_);
    writer.begin_object().key("type").string(type);
    return writer;
}

void AnthropicStreamWriter::begin() {
    chat::Usage usage = machine_.usage();
    input_was_estimated_ = usage.estimated && usage.input_tokens > 0;
    // Clients overwrite these by the final counts only where those are greater than 0.
    usage.output_tokens = 0;
    usage.thinking_tokens.reset();
    usage.cache_read_tokens = 0;
    usage.cache_creation_tokens = 0;
    usage.web_searches = 0;
    json::Writer writer = start_frame("message_start");
    writer.key("message").begin_object();
    writer.key("id").string(context_.message_id).key("type").string("message");
    writer.key("role").string("assistant").key("model").string(context_.model);
    writer.key("content").begin_array().end_array();
    writer.key("stop_reason").null().key("stop_sequence").null().key("stop_details").null();
    writer.key("container").null().key("usage");
    anthropic::write_usage(writer, usage);
    writer.end_object();
    end_frame();
}

void AnthropicStreamWriter::open(BlockKind kind, std::string_view id, std::string_view name) {
    json::Writer writer = start_frame("content_block_start");
    writer.key("index").number(index_).key("content_block").begin_object();
    switch (kind) {
        case BlockKind::tool:
            writer.key("type").string("tool_use").key("id").string(id);
            writer.key("name").string(name).key("input").begin_object().end_object();
            break;
        case BlockKind::thinking:
            writer.key("type").string("thinking").key("thinking").string("");
            writer.key("signature").string("");
            break;
        default:
            writer.key("type").string("text").key("text").string("");
            break;
    }
    writer.end_object();
    end_frame();

    set_delta_head(delta_names(kind));
}

void AnthropicStreamWriter::set_delta_head(const DeltaNames& names) {
    delta_head_ = "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":";
    append_number(delta_head_, index_);
    delta_head_ += ",\"delta\":{\"type\":\"";
    delta_head_ += names.type;
    delta_head_ += "\",\"";
    delta_head_ += names.member;
    delta_head_ += "\":\"";
}

void AnthropicStreamWriter::delta(BlockKind /*kind*/, chat::Escaped piece) {
    pings_ = 0;
    out_ += delta_head_;
    out_ += piece.bytes;
    out_ += "\"}}\n\n";
}

void AnthropicStreamWriter::signature(std::string_view sealed) {
    json::Writer writer = start_frame("content_block_delta");
    writer.key("index").number(index_).key("delta").begin_object();
    writer.key("type").string("signature_delta").key("signature").string(sealed).end_object();
    end_frame();
}

void AnthropicStreamWriter::close(BlockKind /*kind*/) {
    start_frame("content_block_stop").key("index").number(index_);
    end_frame();
    ++index_;
}

void AnthropicStreamWriter::foreign(const chat::ForeignBlock& block) {
    // A frame's data is one line; between the tokens of a JSON text any white space will do.
    std::string line(block.json);
    std::replace_if(
        line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
    whole_block(line, block.input);
}

void AnthropicStreamWriter::whole_block(std::string_view json, chat::Escaped input) {
    start_frame("content_block_start").key("index").number(index_).key("content_block").raw(json);
    end_frame();
    if (!input.empty()) {
        set_delta_head(delta_names(BlockKind::tool));
        delta(BlockKind::tool, input);
    }
    close(BlockKind::none);
}

void AnthropicStreamWriter::searched(const chat::Searched& search) {
    const std::string input = json::escape(anthropic::search_input(search));
    whole_block(anthropic::search_use(search, "{}"), {input});
    whole_block(anthropic::search_result(search, context_.envelope_key), {});
}

void AnthropicStreamWriter::cited(const chat::Cited& cited) {
    json::Writer writer = start_frame("content_block_delta");
    writer.key("index").number(index_).key("delta").begin_object();
    writer.key("type").string("citations_delta");
    writer.key("citation").raw(anthropic::citation(cited, context_.envelope_key)).end_object();
    end_frame();
}

void AnthropicStreamWriter::end(const Ending& ending) {
    chat::Usage usage = machine_.usage();
    // A true 0 would leave our estimate standing beside the cached tokens: 1 replaces it.
    if (input_was_estimated_) usage.input_tokens = std::max<std::int64_t>(1, usage.input_tokens);
    json::Writer writer = start_frame("message_delta");
    writer.key("delta").begin_object();
    anthropic::write_ending(writer, ending);
    writer.key("container").null().end_object();
    writer.key("usage");
    anthropic::write_usage(writer, usage);
    end_frame();
    start_frame("message_stop");
    end_frame();
}

void AnthropicStreamWriter::failed(const Error& error) {
    const std::string_view type = anthropic::stream_error_type(error.kind, machine_.begun());
    out_ += "event: error\ndata: ";
    out_ += error_body(error, type, context_.request_id);
    out_ += "\n\n";
}

}  // namespace

std::string anthropic_error_frame(const Error& error, std::string_view request_id) {
    std::string frame = "event: error\ndata: ";
    frame += error_body(error, request_id);
    return frame += "\n\n";
}

std::unique_ptr<StreamWriter> anthropic_stream_writer(const ReplyContext& context) {
    return std::make_unique<AnthropicStreamWriter>(context);
}

}  // namespace ccr::dialect
