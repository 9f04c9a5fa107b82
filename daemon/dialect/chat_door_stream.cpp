// SPDX-License-Identifier: MIT
// Blocks to the chunks of a Chat Completions stream:
//
//   stream := role-chunk delta-chunk* finish-chunk usage-chunk? [DONE]
//           | any beginning of that, then an error
//
// There is one choice, 0; tool calls count from 0 in the order of their calls.
#include <utility>

#include "common/text.hpp"
#include "daemon/dialect/chat_door.hpp"
#include "daemon/dialect/chat_door_reply.hpp"
#include "daemon/dialect/door_stream.hpp"
#include "daemon/dialect/freeform_input.hpp"

namespace ccr::dialect::chat_door {
namespace {

class ChatStreamWriter final : public DoorStream {
  public:
    explicit ChatStreamWriter(const ReplyContext& context)
        : DoorStream(context),
          request_id_(context.request_id),
          wants_usage_(request_ != nullptr && request_->stream_usage) {
        json::Writer writer(head_);
        writer.begin_object().key("id").string(completion_id(context.message_id));
        writer.key("object").string("chat.completion.chunk");
        writer.key("created").number(context.created).key("model").string(context.model);
    }

  private:
    void begin() override {}
    void open(BlockKind kind, std::string_view id, std::string_view name) override;
    void delta(BlockKind kind, chat::Escaped piece) override;
    void signature(std::string_view sealed) override;
    void close(BlockKind kind) override;
    void searched(const chat::Searched& search) override { annotations_.found(search); }
    void cited(const chat::Cited& cited) override { annotate(annotations_.of(cited)); }
    void end(const Ending& ending) override;
    void failed(const Error& error) override { out_ += error_frame(error, request_id_); }

    json::Writer start_delta();
    void end_delta();
    void start_choice();
    void role(bool text);
    void open_tool(std::string_view id, std::string_view name);
    void put(chat::Escaped piece);
    void annotate(std::string_view elements);
    void finish_chunk(const Ending& ending);

    std::string_view request_id_;
    bool wants_usage_;
    std::string head_;        // of every chunk, up to its choices
    std::string delta_head_;  // of the open block's chunks, up to where the text goes
    std::string_view delta_tail_;
    std::string thinking_;  // escaped; of the open block
    FreeformInput input_;
    Annotations annotations_;
    std::int64_t tools_ = 0;
    std::int64_t thoughts_ = 0;
    bool began_ = false;
    bool freeform_ = false;  // the open block
};

void ChatStreamWriter::start_choice() {
    out_ += "data: ";
    out_ += head_;
    out_ += R"(,"choices":[{"index":0,"delta":)";
}

// Writes the chunk up to its delta; the caller adds members and ends it.
json::Writer ChatStreamWriter::start_delta() {
    start_choice();
    json::Writer writer(out_);
    writer.begin_object();
    return writer;
}

void ChatStreamWriter::end_delta() {
    out_ += wants_usage_ ? R"(},"logprobs":null,"finish_reason":null}],"usage":null})"
                         : R"(},"logprobs":null,"finish_reason":null}]})";
    out_ += "\n\n";
}

void ChatStreamWriter::role(bool text) {
    if (std::exchange(began_, true)) return;
    json::Writer writer = start_delta();
    writer.key("role").string("assistant").key("content");
    if (text) {
        writer.string("");
    } else {
        writer.null();
    }
    writer.key("refusal").null();
    end_delta();
}

void ChatStreamWriter::open(BlockKind kind, std::string_view id, std::string_view name) {
    role(kind == BlockKind::text);
    freeform_ = false;
    delta_head_ = "data: ";
    delta_head_ += head_;
    delta_head_ += R"(,"choices":[{"index":0,"delta":{)";
    if (kind == BlockKind::tool) return open_tool(id, name);
    thinking_.clear();
    delta_head_ += kind == BlockKind::thinking ? R"("reasoning_content":")" : R"("content":")";
    delta_tail_ = "\"";
}

void ChatStreamWriter::open_tool(std::string_view id, std::string_view name) {
    freeform_ = is_freeform(request_, name);
    json::Writer writer = start_delta();
    writer.key("tool_calls").begin_array().begin_object().key("index").number(tools_);
    writer.key("id").string(id).key("type").string(freeform_ ? "custom" : "function");
    writer.key(freeform_ ? "custom" : "function").begin_object().key("name").string(name);
    writer.key(freeform_ ? "input" : "arguments").string("");
    writer.end_object().end_object().end_array();
    end_delta();
    delta_head_ += R"("tool_calls":[{"index":)";
    append_number(delta_head_, tools_);
    delta_head_ += freeform_ ? R"(,"custom":{"input":")" : R"(,"function":{"arguments":")";
    delta_tail_ = R"("}}])";
    ++tools_;
    if (freeform_) input_ = FreeformInput();
}

void ChatStreamWriter::put(chat::Escaped piece) {
    out_ += delta_head_;
    out_ += piece.bytes;
    out_ += delta_tail_;
    end_delta();
}

void ChatStreamWriter::delta(BlockKind kind, chat::Escaped piece) {
    if (piece.empty()) return;
    if (kind == BlockKind::thinking) thinking_ += piece.bytes;
    if (kind == BlockKind::text) annotations_.text(piece);
    if (!freeform_) return put(piece);
    const std::string text = input_.feed(piece);
    if (!text.empty()) put({text});
}

void ChatStreamWriter::annotate(std::string_view elements) {
    if (elements.empty()) return;
    start_delta().key("annotations").begin_array().raw(elements).end_array();
    end_delta();
}

void ChatStreamWriter::signature(std::string_view sealed) {
    json::Writer writer = start_delta();
    writer.key("reasoning_details").begin_array();
    write_detail(writer, thinking_, sealed, thoughts_++);
    writer.end_array();
    end_delta();
    thinking_ = {};
}

void ChatStreamWriter::close(BlockKind /*kind*/) {
    if (!freeform_) return;
    const std::string rest = input_.finish();
    if (!rest.empty()) put({rest});
}

void ChatStreamWriter::finish_chunk(const Ending& ending) {
    start_choice();
    out_ += R"({},"logprobs":null,"finish_reason":")";
    out_ += finish_word(ending.stop);
    out_ += wants_usage_ ? R"("}],"usage":null})" : R"("}]})";
    out_ += "\n\n";
}

void ChatStreamWriter::end(const Ending& ending) {
    role(true);
    annotate(annotations_.of_pages());
    if (ending.stop == chat::Stop::refusal && !ending.explanation.empty()) {
        start_delta().key("refusal").escaped(ending.explanation.bytes);
        end_delta();
    }
    finish_chunk(ending);
    if (wants_usage_) {
        out_ += "data: ";
        out_ += head_;
        out_ += R"(,"choices":[],"usage":)";
        json::Writer writer(out_);
        write_usage(writer, machine_.usage());
        out_ += "}\n\n";
    }
    out_ += end_mark;
}

}  // namespace

std::unique_ptr<StreamWriter> stream_writer(const ReplyContext& context) {
    return std::make_unique<ChatStreamWriter>(context);
}

}  // namespace ccr::dialect::chat_door
