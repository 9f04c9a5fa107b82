// SPDX-License-Identifier: MIT
// Blocks to one JSON message.
#include <optional>
#include <utility>
#include <vector>

#include "daemon/dialect/anthropic_message.hpp"
#include "daemon/dialect/anthropic_search.hpp"
#include "daemon/dialect/anthropic_writer.hpp"
#include "daemon/dialect/block_machine.hpp"
#include "daemon/dialect/json_edit.hpp"
#include "daemon/dialect/tool_arguments.hpp"

namespace ccr::dialect {
namespace {

struct Block {
    BlockKind kind = BlockKind::none;
    std::string id;
    std::string name;
    std::string content;  // escaped: text, thinking or arguments; a foreign block as it is
    std::string signature;
    std::string citations;  // of text: JSON with commas between
};

// The block with the input that came behind it in its place.
std::string with_input(const chat::ForeignBlock& block) {
    std::string input = json::unescape(block.input.bytes);
    json::Document began;
    json::Document came;
    const bool usable = !input.empty() && came.parse_view(input) && began.parse_view(block.json);
    const json::Value place = began.root()["input"];
    if (!usable || !place.present()) return std::string(block.json);
    JsonEdit edit(began.source());
    edit.replace(place, std::move(input));
    return edit.apply();
}

class AnthropicBodyWriter final : public BodyWriter, private BlockSink {
  public:
    explicit AnthropicBodyWriter(const ReplyContext& context)
        : context_(context),
          ids_(context.request, std::string(context.message_id) + "/more"),
          machine_(context, *this) {}

    void on(const chat::Event& event) override { machine_.on(event); }
    Result<std::string> finish() override;
    [[nodiscard]] const chat::Usage& usage() const override { return machine_.usage(); }

  private:
    void begin() override {}
    void open(BlockKind kind, std::string_view id, std::string_view name) override {
        blocks_.push_back({kind, std::string(id), std::string(name), {}, {}, {}});
    }
    void delta(BlockKind /*kind*/, chat::Escaped piece) override {
        blocks_.back().content += piece.bytes;
    }
    void signature(std::string_view sealed) override { blocks_.back().signature = sealed; }
    void close(BlockKind /*kind*/) override {}
    void foreign(const chat::ForeignBlock& block) override { whole(with_input(block)); }
    void searched(const chat::Searched& search) override {
        whole(anthropic::search_use(search, anthropic::search_input(search)));
        whole(anthropic::search_result(search, context_.envelope_key));
    }
    void cited(const chat::Cited& cited) override {
        std::string& list = blocks_.back().citations;
        list.append(list.empty() ? "" : ",");
        list += anthropic::citation(cited, context_.envelope_key);
    }
    void end(const Ending& ending) override;
    void failed(const Error& error) override { error_ = error; }

    void whole(std::string json) {
        blocks_.push_back({BlockKind::none, {}, {}, std::move(json), {}, {}});
    }
    Result<void> write_content(json::Writer& writer);
    Result<void> write_tool(json::Writer& writer, const Block& block);
    void write_text(json::Writer& writer, std::string_view escaped, std::string_view citations);
    void write_call_as_text(json::Writer& writer, const Block& block);

    ReplyContext context_;
    ToolIds ids_;  // for calls that were run together; apart from the machine's by its seed
    std::vector<Block> blocks_;
    std::optional<Error> error_;
    // The ending's views point into the machine, which is there until we are gone.
    Ending ending_;
    bool ended_ = false;
    int calls_ = 0;
    BlockMachine machine_;
};

void AnthropicBodyWriter::end(const Ending& ending) {
    ending_ = ending;
    ended_ = true;
}

Result<std::string> AnthropicBodyWriter::finish() {
    if (error_) return *error_;
    if (!ended_) return Error(ErrorKind::eof, "the provider's reply broke off");
    std::string content;
    json::Writer blocks(content);
    if (auto written = write_content(blocks); !written) return std::move(written).error();
    if (ending_.stop == chat::Stop::tool_use && calls_ == 0) ending_.stop = chat::Stop::end_turn;

    std::string out;
    out.reserve(content.size() + 512);
    json::Writer writer(out);
    writer.begin_object().key("id").string(context_.message_id).key("type").string("message");
    writer.key("role").string("assistant").key("model").string(context_.model);
    writer.key("content").raw(content);
    anthropic::write_ending(writer, ending_);
    writer.key("container").null().key("usage");
    anthropic::write_usage(writer, machine_.usage());
    writer.end_object();
    return out;
}

Result<void> AnthropicBodyWriter::write_content(json::Writer& writer) {
    writer.begin_array();
    for (const Block& block : blocks_) {
        if (block.kind == BlockKind::none) writer.raw(block.content);
        if (block.kind == BlockKind::text) write_text(writer, block.content, block.citations);
        if (block.kind == BlockKind::thinking) {
            writer.begin_object().key("type").string("thinking");
            writer.key("thinking").escaped(block.content);
            writer.key("signature").string(block.signature).end_object();
        }
        if (block.kind != BlockKind::tool) continue;
        if (auto written = write_tool(writer, block); !written) return written;
    }
    writer.end_array();
    return {};
}

Result<void> AnthropicBodyWriter::write_tool(json::Writer& writer, const Block& block) {
    auto inputs = read_arguments(json::unescape(block.content));
    // A call that was cut off by the token limit is shown as far as it came: a second try would be
    // cut off as well. A broken one may come right at a second try.
    const bool cut = ending_.stop == chat::Stop::max_tokens;
    if (!inputs && !cut && !context_.bad_arguments_as_text) return std::move(inputs).error();
    if (!inputs) {
        write_call_as_text(writer, block);
        return {};
    }
    std::string id = block.id;
    for (const std::string& input : *inputs) {
        ++calls_;
        writer.begin_object().key("type").string("tool_use").key("id").string(id);
        writer.key("name").string(block.name).key("input").raw(input).end_object();
        id = ids_.assign({});
    }
    return {};
}

void AnthropicBodyWriter::write_text(json::Writer& writer, std::string_view escaped,
                                     std::string_view citations) {
    writer.begin_object().key("type").string("text").key("text").escaped(escaped);
    if (!citations.empty()) writer.key("citations").begin_array().raw(citations).end_array();
    writer.end_object();
}

void AnthropicBodyWriter::write_call_as_text(json::Writer& writer, const Block& block) {
    std::string text = json::escape(block.name);
    text += '(';
    text += block.content;
    text += ')';
    write_text(writer, text, {});
}

}  // namespace

std::unique_ptr<BodyWriter> anthropic_body_writer(const ReplyContext& context) {
    return std::make_unique<AnthropicBodyWriter>(context);
}

}  // namespace ccr::dialect
