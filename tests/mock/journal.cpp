// SPDX-License-Identifier: MIT
#include "tests/mock/journal.hpp"

#include "tests/mock/json_util.hpp"

namespace ccr::mock {
namespace {

std::string headers_json(const Request& request) {
    std::string out = "{";
    for (const auto& [name, value] : request.headers) {
        if (out.size() > 1) out += ',';
        out += quote(name) + ":" + quote(value);
    }
    return out + "}";
}

std::string body_json(const std::string& body, bool raw) {
    if (body.empty()) return "null";
    rapidjson::Document document;
    // The text goes in as it stands: numbers and key order are not re-spelled.
    if (!raw && parse_json(body, document)) return body;
    return quote(body);
}

std::string record_json(const Record& record, bool raw) {
    const auto& request = record.request;
    const auto aborted = record.aborted.load();
    const auto ended = std::to_string(record.ended_after_ms.load());
    std::string out = "{\"seq\":" + std::to_string(record.seq);
    out += ",\"connection_id\":" + std::to_string(record.connection_id);
    out += ",\"method\":" + quote(request.method) + ",\"path\":" + quote(request.path);
    out += ",\"query\":" + quote(request.query) + ",\"headers\":" + headers_json(request);
    out += ",\"body\":" + body_json(request.body, raw);
    out += ",\"finished\":" + std::string(record.finished ? "true" : "false");
    out += ",\"aborted\":" + std::string(aborted ? "true" : "false");
    out += ",\"aborted_after_ms\":" + (aborted ? ended : "null");
    out += ",\"ended_after_ms\":" + ended;
    return out + ",\"bytes_sent\":" + std::to_string(record.bytes_sent.load()) + "}";
}

}  // namespace

std::shared_ptr<Record> Journal::add(Request request, std::uint64_t connection_id,
                                     std::int64_t now_us) {
    auto record = std::make_shared<Record>();
    record->request = std::move(request);
    record->connection_id = connection_id;
    record->arrived_us = now_us;
    const std::lock_guard lock(mutex_);
    record->seq = next_seq_++;
    records_.push_back(record);
    if (records_.size() > keep_) records_.pop_front();
    return record;
}

void Journal::reset() {
    {
        const std::lock_guard lock(mutex_);
        records_.clear();
    }
    for (auto* total : {&connections, &requests, &finished, &aborted, &bad_requests})
        *total = 0;
}

std::string Journal::requests_json(bool raw) const {
    std::vector<std::shared_ptr<Record>> copy;
    {
        const std::lock_guard lock(mutex_);
        copy.assign(records_.begin(), records_.end());
    }
    std::string out = "[";
    for (const auto& record : copy) {
        if (out.size() > 1) out += ",\n";
        out += record_json(*record, raw);
    }
    return out + "]";
}

std::string Journal::stats_json() const {
    std::string out = "{\"connections_open\":" + std::to_string(connections_open.load());
    out += ",\"streams_open\":" + std::to_string(streams_open.load());
    out += ",\"connections\":" + std::to_string(connections.load());
    out += ",\"requests\":" + std::to_string(requests.load());
    out += ",\"finished\":" + std::to_string(finished.load());
    out += ",\"aborted\":" + std::to_string(aborted.load());
    return out + ",\"bad_requests\":" + std::to_string(bad_requests.load()) + "}";
}

}  // namespace ccr::mock
