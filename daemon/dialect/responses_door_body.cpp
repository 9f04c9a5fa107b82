// SPDX-License-Identifier: MIT
// Blocks to one response object.
#include <optional>
#include <utility>
#include <vector>

#include "daemon/dialect/freeform_input.hpp"
#include "daemon/dialect/responses_door.hpp"
#include "daemon/dialect/responses_door_reply.hpp"
#include "daemon/dialect/tool_arguments.hpp"

namespace ccr::dialect::responses_door {
namespace {

class ResponsesBodyWriter final : public BodyWriter, private BlockSink {
  public:
    explicit ResponsesBodyWriter(const ReplyContext& context)
        : context_(context),
          ids_(context.request, std::string(context.message_id) + "/more"),
          machine_(context, *this) {}

    void on(const chat::Event& event) override { machine_.on(event); }
    Result<std::string> finish() override;
    [[nodiscard]] const chat::Usage& usage() const override { return machine_.usage(); }

  private:
    void begin() override {}
    void open(BlockKind kind, std::string_view id, std::string_view name) override {
        items_.push_back(make_item(kind, id, name, context_.request, context_.message_id, next()));
        places_.next_text();
    }
    void delta(BlockKind kind, chat::Escaped piece) override {
        items_.back().text += piece.bytes;
        if (kind == BlockKind::text) places_.text(piece);
    }
    void signature(std::string_view sealed) override { items_.back().sealed = sealed; }
    void close(BlockKind /*kind*/) override {}
    void foreign(const chat::ForeignBlock& block) override { searches_.read(block, *this); }
    void searched(const chat::Searched& search) override {
        const bool sources = wants_sources(context_.request);
        items_.push_back(make_search(search, sources, context_.message_id, next()));
    }
    void cited(const chat::Cited& cited) override {
        if (cited.url.empty()) return;
        std::string& list = items_.back().extra;
        list.append(list.empty() ? "" : ",").append(annotation(cited, places_.place(cited)));
    }
    void end(const Ending& ending) override { ending_ = ending; }
    void failed(const Error& error) override { error_ = error; }

    [[nodiscard]] std::int64_t next() const { return static_cast<std::int64_t>(items_.size()); }
    Result<void> write_function(json::Writer& writer, Item& item);

    ReplyContext context_;
    ToolIds ids_;  // for calls that were run together; apart from the machine's by its seed
    std::vector<Item> items_;
    ForeignSearches searches_;
    TextPlaces places_;
    std::optional<Error> error_;
    // Its views point into the machine, which is there until we are gone.
    std::optional<Ending> ending_;
    BlockMachine machine_;
};

void unwrap(Item& item) {
    FreeformInput reader;
    std::string input = reader.feed({item.text});
    input += reader.finish();
    item.text = std::move(input);
}

Result<std::string> ResponsesBodyWriter::finish() {
    if (error_) return *error_;
    if (!ending_) return Error(ErrorKind::eof, "the provider's reply broke off");
    if (ending_->stop == chat::Stop::refusal && !ending_->explanation.empty()) {
        items_.push_back(make_refusal(context_.message_id, next()));
        items_.back().text = ending_->explanation.bytes;
    }
    std::string output;
    json::Writer writer(output);
    for (Item& item : items_) {
        if (item.kind == ItemKind::function) {
            if (auto written = write_function(writer, item); !written) {
                return std::move(written).error();
            }
            continue;
        }
        if (item.kind == ItemKind::custom) unwrap(item);
        write_item(writer, item, true);
    }
    std::string out;
    json::Writer whole(out);
    const Verdict said = verdict(ending_->stop);
    ResponseFrame(context_).write(whole, said.status, output, &machine_.usage(), nullptr,
                                  said.reason);
    return out;
}

Result<void> ResponsesBodyWriter::write_function(json::Writer& writer, Item& item) {
    auto inputs = read_arguments(json::unescape(item.text));
    // Cut off by the token limit it is shown as far as it came; a broken one may come right at a
    // second try.
    const bool cut = ending_->stop == chat::Stop::max_tokens;
    if (!inputs) {
        if (!cut && !context_.bad_arguments_as_text) return std::move(inputs).error();
        write_item(writer, item, true);
        return {};
    }
    std::size_t number = 0;
    for (const std::string& arguments : *inputs) {
        if (number > 0) {
            item.call_id = ids_.assign({});
            item.id += "_more";
        }
        item.text = json::escape(arguments);
        write_item(writer, item, true);
        ++number;
    }
    return {};
}

}  // namespace

std::unique_ptr<BodyWriter> body_writer(const ReplyContext& context) {
    return std::make_unique<ResponsesBodyWriter>(context);
}

}  // namespace ccr::dialect::responses_door
