// SPDX-License-Identifier: MIT
#include "daemon/proxy/local_answer.hpp"

#include "daemon/proxy/client_stream.hpp"

namespace ccr::proxy {
namespace {

void tell_prewarm(const Turn& turn, chat::EventSink& writer) {
    chat::Usage usage;
    usage.input_tokens = turn.estimated_tokens;
    usage.estimated = true;
    writer.on(chat::Finished{chat::Stop::max_tokens});
    writer.on(chat::UsageReported{usage});
    writer.on(chat::Ended{});
}

}  // namespace

asio::awaitable<void> answer_prewarm(Turn& turn) {
    const std::string message_id = turn.worker.loop->ids().message_id();
    const dialect::Encoded nothing_renamed;
    dialect::ReplyContext context;
    context.message_id = message_id;
    context.request_id = turn.reply.request_id();
    context.model = turn.requested_model;
    context.estimated_input_tokens = turn.estimated_tokens;
    context.encoded = &nothing_renamed;
    context.request = turn.chat.get();
    Result<void> sent;
    if (turn.stream) {
        const auto writer = turn.door.stream_writer(context);
        tell_prewarm(turn, *writer);
        ClientStream client(turn);
        sent = co_await client.write(writer->output());
        if (sent) sent = co_await client.finish();
    } else {
        const auto writer = turn.door.body_writer(context);
        tell_prewarm(turn, *writer);
        auto body = writer->finish();
        http::Headers headers{{"content-type", "application/json"}};
        turn.add_headers(headers);
        if (body) {
            sent = co_await turn.reply.send(200, headers, *body);
        } else {
            sent = co_await turn.reply.send_error(body.error(), headers);
        }
    }
    if (!sent) turn.reply.abort();
}

}  // namespace ccr::proxy
