// SPDX-License-Identifier: MIT
// Blocks to one Chat Completions object.
#include <optional>
#include <utility>
#include <vector>

#include "daemon/dialect/chat_door.hpp"
#include "daemon/dialect/chat_door_reply.hpp"
#include "daemon/dialect/freeform_input.hpp"
#include "daemon/dialect/tool_arguments.hpp"

namespace ccr::dialect::chat_door {
namespace {

class ChatBodyWriter final : public BodyWriter, private BlockSink {
  public:
    explicit ChatBodyWriter(const ReplyContext& context)
        : context_(context),
          ids_(context.request, std::string(context.message_id) + "/more"),
          machine_(context, *this) {}

    void on(const chat::Event& event) override { machine_.on(event); }
    Result<std::string> finish() override;
    [[nodiscard]] const chat::Usage& usage() const override { return machine_.usage(); }

  private:
    struct Call {
        std::string id;
        std::string name;
        std::string arguments;  // escaped
    };
    struct Thought {
        std::string text;  // escaped
        std::string sealed;
    };

    void begin() override {}
    void open(BlockKind kind, std::string_view id, std::string_view name) override;
    void delta(BlockKind kind, chat::Escaped piece) override;
    void signature(std::string_view sealed) override { thoughts_.back().sealed = sealed; }
    void close(BlockKind /*kind*/) override {}
    void foreign(const chat::ForeignBlock& block) override { searches_.read(block, *this); }
    void searched(const chat::Searched& search) override { annotations_.found(search); }
    void cited(const chat::Cited& cited) override;
    void end(const Ending& ending) override { ending_ = ending; }
    void failed(const Error& error) override { error_ = error; }

    Result<std::string> calls();
    Result<void> write_function(json::Writer& writer, const Call& call);
    static void write_custom(json::Writer& writer, const Call& call);
    void write_message(json::Writer& writer, std::string_view calls);
    void write_reasoning(json::Writer& writer);

    ReplyContext context_;
    ToolIds ids_;  // for calls that were run together; apart from the machine's by its seed
    std::string text_;
    std::vector<Call> calls_;
    std::vector<Thought> thoughts_;
    ForeignSearches searches_;
    Annotations annotations_;
    std::string annotated_;  // JSON, with commas between
    std::optional<Error> error_;
    // Its views point into the machine, which is there until we are gone.
    std::optional<Ending> ending_;
    BlockMachine machine_;
};

void ChatBodyWriter::open(BlockKind kind, std::string_view id, std::string_view name) {
    if (kind == BlockKind::tool) calls_.push_back({std::string(id), std::string(name), {}});
    if (kind == BlockKind::thinking) thoughts_.emplace_back();
}

void ChatBodyWriter::delta(BlockKind kind, chat::Escaped piece) {
    if (kind == BlockKind::tool) {
        calls_.back().arguments += piece.bytes;
    } else if (kind == BlockKind::thinking) {
        thoughts_.back().text += piece.bytes;
    } else {
        text_ += piece.bytes;
        annotations_.text(piece);
    }
}

void ChatBodyWriter::cited(const chat::Cited& cited) {
    const std::string one = annotations_.of(cited);
    if (!one.empty()) annotated_.append(annotated_.empty() ? "" : ",").append(one);
}

Result<std::string> ChatBodyWriter::finish() {
    if (error_) return *error_;
    if (!ending_) return Error(ErrorKind::eof, "the provider's reply broke off");
    auto made = calls();
    if (!made) return made;
    std::string out;
    out.reserve(text_.size() + made->size() + 512);
    json::Writer writer(out);
    writer.begin_object().key("id").string(completion_id(context_.message_id));
    writer.key("object").string("chat.completion").key("created").number(context_.created);
    writer.key("model").string(context_.model).key("choices").begin_array().begin_object();
    writer.key("index").number(std::int64_t{0}).key("message");
    write_message(writer, *made);
    writer.key("logprobs").null().key("finish_reason").string(finish_word(ending_->stop));
    writer.end_object().end_array().key("usage");
    write_usage(writer, machine_.usage());
    writer.end_object();
    return out;
}

void ChatBodyWriter::write_message(json::Writer& writer, std::string_view calls) {
    writer.begin_object().key("role").string("assistant").key("content");
    if (text_.empty() && (!calls_.empty() || ending_->stop == chat::Stop::refusal)) {
        writer.null();
    } else {
        writer.escaped(text_);
    }
    writer.key("refusal");
    if (ending_->stop == chat::Stop::refusal && !ending_->explanation.empty()) {
        writer.escaped(ending_->explanation.bytes);
    } else {
        writer.null();
    }
    const std::string annotated = annotated_.empty() ? annotations_.of_pages() : annotated_;
    if (!annotated.empty()) writer.key("annotations").begin_array().raw(annotated).end_array();
    if (!calls_.empty()) writer.key("tool_calls").raw(calls);
    if (!thoughts_.empty()) write_reasoning(writer);
    writer.end_object();
}

void ChatBodyWriter::write_reasoning(json::Writer& writer) {
    writer.key("reasoning_content").begin_string();
    for (const Thought& thought : thoughts_)
        writer.append_escaped_text(thought.text);
    writer.end_string().key("reasoning_details").begin_array();
    std::int64_t index = 0;
    for (const Thought& thought : thoughts_)
        write_detail(writer, thought.text, thought.sealed, index++);
    writer.end_array();
}

Result<std::string> ChatBodyWriter::calls() {
    std::string out;
    json::Writer writer(out);
    writer.begin_array();
    for (const Call& call : calls_) {
        if (is_freeform(context_.request, call.name)) {
            write_custom(writer, call);
        } else if (auto written = write_function(writer, call); !written) {
            return std::move(written).error();
        }
    }
    writer.end_array();
    return out;
}

Result<void> ChatBodyWriter::write_function(json::Writer& writer, const Call& call) {
    std::string text = json::unescape(call.arguments);
    auto inputs = read_arguments(text);
    // Cut off by the token limit it is shown as far as it came; a broken one may come right at a
    // second try.
    const bool cut = ending_->stop == chat::Stop::max_tokens;
    if (!inputs && !cut && !context_.bad_arguments_as_text) return std::move(inputs).error();
    const std::vector<std::string> shown = inputs ? std::move(*inputs) : std::vector{text};
    std::string id = call.id;
    for (const std::string& arguments : shown) {
        writer.begin_object().key("id").string(id).key("type").string("function");
        writer.key("function").begin_object().key("name").string(call.name);
        writer.key("arguments").string(arguments).end_object().end_object();
        id = ids_.assign({});
    }
    return {};
}

void ChatBodyWriter::write_custom(json::Writer& writer, const Call& call) {
    FreeformInput reader;
    std::string input = reader.feed({call.arguments});
    input += reader.finish();
    writer.begin_object().key("id").string(call.id).key("type").string("custom");
    writer.key("custom").begin_object().key("name").string(call.name);
    writer.key("input").escaped(input).end_object().end_object();
}

}  // namespace

std::unique_ptr<BodyWriter> body_writer(const ReplyContext& context) {
    return std::make_unique<ChatBodyWriter>(context);
}

}  // namespace ccr::dialect::chat_door
