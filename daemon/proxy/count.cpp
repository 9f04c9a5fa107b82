// SPDX-License-Identifier: MIT
#include "daemon/proxy/count.hpp"

#include "daemon/http/client.hpp"
#include "daemon/proxy/upstream_headers.hpp"

namespace ccr::proxy {
namespace {

// Clients ask for dozens of counts before they show anything; a slow one is worse than an estimate.
constexpr Millis limit{5'000};
constexpr std::size_t max_body = std::size_t{64} * 1024;

std::string count_target(const config::Provider& provider) {
    const std::string& target = provider.endpoint.target;
    const auto query = target.find('?');
    std::string path = target.substr(0, query) + "/count_tokens";
    if (query != std::string::npos) path += target.substr(query);
    return path;
}

}  // namespace

asio::awaitable<Result<std::string>> count_upstream(Worker& worker, const Snapshot& snapshot,
                                                    const route::Target& target,
                                                    chat::Request& chat,
                                                    const http::Headers& client,
                                                    http::Reply& reply) {
    if (target.provider->config->model_path) {
        co_return Error(ErrorKind::not_supported, "this provider counts no tokens");
    }
    dialect::EncodeOptions options;
    options.model = target.model;
    options.profile = &target.provider->profile;
    options.envelope_key = worker.shared->envelope_key;
    const auto body = target.provider->dialect->splice(chat, options);
    if (!body) co_return body.error();
    const std::string path = count_target(*target.provider->config);
    const auto headers = upstream_headers(*target.provider, client, false, true);

    http::ClientRequest request;
    request.origin = &snapshot.origin(*target.provider);
    request.target = path;
    request.headers = &headers;
    request.body = {body->body};
    request.timers.connect = limit;
    request.timers.head = limit;
    http::Exchange exchange(*worker.shared->pool, *worker.loop);
    reply.on_peer_gone([&exchange] { exchange.cancel(); });
    auto head = co_await exchange.send(request);
    Result<std::string> answer = Error(ErrorKind::server_error, "no count from the provider");
    if (head && head->status == 200) answer = co_await exchange.read_all(limit, max_body);
    reply.on_peer_gone(nullptr);
    if (!head) co_return std::move(head).error();
    co_return answer;
}

}  // namespace ccr::proxy
