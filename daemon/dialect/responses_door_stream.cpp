// SPDX-License-Identifier: MIT
// Blocks to the events of a Responses stream:
//
//   stream := created in_progress item* (completed | incomplete | failed)
//   item   := output_item.added part? delta* done part-done? output_item.done
//
// Each event has a number, each item its place in the output.
#include <utility>

#include "common/text.hpp"
#include "daemon/dialect/door_stream.hpp"
#include "daemon/dialect/freeform_input.hpp"
#include "daemon/dialect/responses_door.hpp"
#include "daemon/dialect/responses_door_reply.hpp"

namespace ccr::dialect::responses_door {
namespace {

// The last event repeats the whole output.
constexpr std::size_t max_output = std::size_t{64} << 20U;

struct EventNames {
    std::string_view delta;
    std::string_view done;
    std::string_view text;        // the member of `done` that holds all of it
    std::string_view part;        // of the part: added and done
    std::string_view part_index;  // where it has its place
};

const EventNames& names_of(ItemKind kind) {
    static constexpr EventNames search{};  // its events have no text
    static constexpr EventNames message{"response.output_text.delta", "response.output_text.done",
                                        "text", "response.content_part", "content_index"};
    static constexpr EventNames refusal{"response.refusal.delta", "response.refusal.done",
                                        "refusal", "response.content_part", "content_index"};
    static constexpr EventNames reasoning{"response.reasoning_summary_text.delta",
                                          "response.reasoning_summary_text.done", "text",
                                          "response.reasoning_summary_part", "summary_index"};
    static constexpr EventNames function{"response.function_call_arguments.delta",
                                         "response.function_call_arguments.done",
                                         "arguments",
                                         {},
                                         {}};
    static constexpr EventNames custom{"response.custom_tool_call_input.delta",
                                       "response.custom_tool_call_input.done",
                                       "input",
                                       {},
                                       {}};
    switch (kind) {
        case ItemKind::refusal:
            return refusal;
        case ItemKind::reasoning:
            return reasoning;
        case ItemKind::function:
            return function;
        case ItemKind::custom:
            return custom;
        case ItemKind::search:
            return search;
        default:
            return message;
    }
}

class ResponsesStreamWriter final : public DoorStream {
  public:
    explicit ResponsesStreamWriter(const ReplyContext& context)
        : DoorStream(context),
          message_id_(context.message_id),
          frame_(context),
          sources_(wants_sources(context.request)) {}

    void on(const chat::Event& event) override {
        machine_.on(event);
        if (output_.size() + item_.text.size() + item_.extra.size() > max_output && !done()) {
            machine_.fail(Error(ErrorKind::malformed, "the answer is larger than 64 MiB"));
        }
    }

  private:
    void begin() override;
    void open(BlockKind kind, std::string_view id, std::string_view name) override;
    void delta(BlockKind kind, chat::Escaped piece) override;
    void signature(std::string_view sealed) override { item_.sealed = sealed; }
    void close(BlockKind kind) override;
    void searched(const chat::Searched& search) override;
    void cited(const chat::Cited& cited) override;
    void end(const Ending& ending) override;
    void failed(const Error& error) override;

    json::Writer start_event(std::string_view type);
    void end_event() { out_ += "}\n\n"; }
    json::Writer start_item_event(std::string_view type);
    void response_event(std::string_view type, std::string_view status);
    void open_item(Item item);
    void open_part();
    void put(std::string_view text);
    void close_item();
    void item_done();

    std::string_view message_id_;
    ResponseFrame frame_;
    std::string output_;  // items that are done, raw
    Item item_;           // the open one
    FreeformInput input_;
    TextPlaces places_;
    std::int64_t annotations_ = 0;  // of the open item
    std::int64_t sequence_ = 0;
    std::int64_t index_ = 0;  // of the open or next item
    bool part_open_ = false;
    bool sources_;  // of searches are to be told
};

json::Writer ResponsesStreamWriter::start_event(std::string_view type) {
    out_ += "event: ";
    out_ += type;
    out_ += "\ndata: ";
    json::Writer writer(out_);
    writer.begin_object().key("type").string(type).key("sequence_number").number(sequence_++);
    return writer;
}

json::Writer ResponsesStreamWriter::start_item_event(std::string_view type) {
    json::Writer writer = start_event(type);
    writer.key("item_id").string(item_.id).key("output_index").number(index_);
    const std::string_view place = names_of(item_.kind).part_index;
    if (!place.empty()) writer.key(place).number(std::int64_t{0});
    return writer;
}

void ResponsesStreamWriter::response_event(std::string_view type, std::string_view status) {
    json::Writer writer = start_event(type);
    writer.key("response");
    frame_.write(writer, status, {}, nullptr);
    end_event();
}

void ResponsesStreamWriter::begin() {
    response_event("response.created", "in_progress");
    response_event("response.in_progress", "in_progress");
}

void ResponsesStreamWriter::open(BlockKind kind, std::string_view id, std::string_view name) {
    open_item(make_item(kind, id, name, request_, message_id_, index_));
}

void ResponsesStreamWriter::open_item(Item item) {
    item_ = std::move(item);
    input_ = FreeformInput();
    annotations_ = 0;
    places_.next_text();
    json::Writer writer = start_event("response.output_item.added");
    writer.key("output_index").number(index_).key("item");
    write_item(writer, item_, false);
    end_event();
    if (item_.kind == ItemKind::message || item_.kind == ItemKind::refusal) open_part();
}

void ResponsesStreamWriter::open_part() {
    part_open_ = true;
    std::string type(names_of(item_.kind).part);
    json::Writer writer = start_item_event(type += ".added");
    writer.key("part");
    write_part(writer, item_.kind, {});
    end_event();
}

void ResponsesStreamWriter::delta(BlockKind /*kind*/, chat::Escaped piece) {
    if (piece.empty()) return;
    if (item_.kind != ItemKind::custom) return put(piece.bytes);
    const std::string text = input_.feed(piece);
    if (!text.empty()) put(text);
}

void ResponsesStreamWriter::put(std::string_view text) {
    if (item_.kind == ItemKind::reasoning && !part_open_) open_part();
    item_.text += text;
    if (item_.kind == ItemKind::message) places_.text({text});
    json::Writer writer = start_item_event(names_of(item_.kind).delta);
    writer.key("delta").escaped(text);
    if (item_.kind == ItemKind::message) writer.key("logprobs").begin_array().end_array();
    end_event();
}

void ResponsesStreamWriter::close(BlockKind /*kind*/) {
    if (item_.kind == ItemKind::custom) {
        const std::string rest = input_.finish();
        if (!rest.empty()) put(rest);
    }
    if (item_.kind == ItemKind::function && item_.text.empty()) put("{}");
    close_item();
}

void ResponsesStreamWriter::close_item() {
    const EventNames& names = names_of(item_.kind);
    if (part_open_ || names.part.empty()) {
        json::Writer writer = start_item_event(names.done);
        if (item_.kind == ItemKind::function) writer.key("name").string(item_.name);
        writer.key(names.text).escaped(item_.text);
        if (item_.kind == ItemKind::message) writer.key("logprobs").begin_array().end_array();
        end_event();
    }
    if (std::exchange(part_open_, false)) {
        std::string type(names.part);
        json::Writer writer = start_item_event(type += ".done");
        writer.key("part");
        write_part(writer, item_.kind, item_.text, item_.extra);
        end_event();
    }
    item_done();
}

void ResponsesStreamWriter::item_done() {
    std::string whole;
    json::Writer item(whole);
    write_item(item, item_, true);
    start_event("response.output_item.done")
        .key("output_index")
        .number(index_)
        .key("item")
        .raw(whole);
    end_event();
    output_.append(output_.empty() ? "" : ",").append(whole);
    item_ = Item();
    ++index_;
}

void ResponsesStreamWriter::searched(const chat::Searched& search) {
    open_item(make_search(search, sources_, message_id_, index_));
    for (const std::string_view step : {"in_progress", "searching", "completed"}) {
        std::string type = "response.web_search_call.";
        start_item_event(type += step);
        end_event();
    }
    item_done();
}

void ResponsesStreamWriter::cited(const chat::Cited& cited) {
    if (cited.url.empty()) return;
    const std::string one = annotation(cited, places_.place(cited));
    json::Writer writer = start_item_event("response.output_text.annotation.added");
    writer.key("annotation_index").number(annotations_++).key("annotation").raw(one);
    end_event();
    item_.extra.append(item_.extra.empty() ? "" : ",").append(one);
}

void ResponsesStreamWriter::end(const Ending& ending) {
    if (ending.stop == chat::Stop::refusal && !ending.explanation.empty()) {
        open_item(make_refusal(message_id_, index_));
        put(ending.explanation.bytes);
        close_item();
    }
    const Verdict said = verdict(ending.stop);
    std::string type = "response.";
    json::Writer writer = start_event(type += said.status);
    writer.key("response");
    frame_.write(writer, said.status, output_, &machine_.usage(), nullptr, said.reason);
    end_event();
    output_ = {};
}

void ResponsesStreamWriter::failed(const Error& error) {
    if (sequence_ == 0) response_event("response.created", "in_progress");
    json::Writer writer = start_event("response.failed");
    writer.key("response");
    frame_.write(writer, "failed", output_, nullptr, &error);
    end_event();
    output_ = {};
}

}  // namespace

std::unique_ptr<StreamWriter> stream_writer(const ReplyContext& context) {
    return std::make_unique<ResponsesStreamWriter>(context);
}

std::string error_frame(const Error& error, std::string_view request_id) {
    ReplyContext context;
    context.message_id = request_id;
    ResponsesStreamWriter writer(context);
    writer.fail(error);
    return std::move(writer.output());
}

}  // namespace ccr::dialect::responses_door
