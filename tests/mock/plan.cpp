// SPDX-License-Identifier: MIT
#include "tests/mock/plan.hpp"

#include <zlib.h>

#include <array>
#include <cstdio>
#include <stdexcept>

namespace ccr::mock {

struct PlanBuilder::Deflate {
    z_stream stream{};
    Deflate() {
        constexpr int gzip_window = 15 + 16;
        if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, gzip_window, 8,
                         Z_DEFAULT_STRATEGY) != Z_OK)
            throw std::runtime_error("deflateInit2 failed");
    }
    ~Deflate() { deflateEnd(&stream); }
    Deflate(const Deflate&) = delete;
    Deflate& operator=(const Deflate&) = delete;
};

PlanBuilder::PlanBuilder() : plan_(std::make_shared<Plan>()) {}
PlanBuilder::~PlanBuilder() = default;

void PlanBuilder::gzip() {
    deflate_ = std::make_unique<Deflate>();
}

std::string PlanBuilder::compress(std::string_view bytes, bool last) {
    // zlib's input pointer is not const in its default build, so it reads a copy.
    std::string input(bytes);
    std::string out;
    std::array<unsigned char, 16384> block;
    auto& z = deflate_->stream;
    z.next_in = reinterpret_cast<unsigned char*>(input.data());
    z.avail_in = static_cast<unsigned>(input.size());
    do {
        z.next_out = block.data();
        z.avail_out = static_cast<unsigned>(block.size());
        deflate(&z, last ? Z_FINISH : Z_SYNC_FLUSH);
        out.append(reinterpret_cast<const char*>(block.data()), block.size() - z.avail_out);
    } while (z.avail_out == 0);
    return out;
}

void PlanBuilder::head(int status, const HeaderList& headers, Framing framing, std::size_t length) {
    std::string text = "HTTP/1.1 " + std::to_string(status) + " ";
    text.append(reason_phrase(status)).append("\r\n");
    for (const auto& [name, value] : headers)
        text.append(name).append(": ").append(value).append("\r\n");
    if (deflate_) text += "content-encoding: gzip\r\n";
    if (framing == Framing::chunked) text += "transfer-encoding: chunked\r\n";
    if (framing == Framing::length) text += "content-length: " + std::to_string(length) + "\r\n";
    if (framing == Framing::until_close) close_at_end();
    if (plan_->close_at_end) text += "connection: close\r\n";
    framing_ = framing;
    has_head_ = true;
    raw(text + "\r\n");
}

void PlanBuilder::response(int status, const HeaderList& headers, std::string_view body) {
    const std::string bytes = deflate_ ? compress(body, true) : std::string(body);
    head(status, headers, Framing::length, bytes.size());
    deflate_.reset();
    if (!bytes.empty()) raw(bytes);
}

void PlanBuilder::body(std::string_view bytes) {
    if (deflate_)
        framed(compress(bytes, false));
    else
        framed(bytes);
}

void PlanBuilder::framed(std::string_view bytes) {
    if (bytes.empty()) return;
    if (framing_ != Framing::chunked) return raw(bytes);
    std::array<char, 24> size{};
    std::snprintf(size.data(), size.size(), "%zx\r\n", bytes.size());
    raw(std::string(size.data()).append(bytes).append("\r\n"));
}

void PlanBuilder::raw(std::string_view bytes) {
    if (mergeable_) {
        plan_->steps.back().bytes.append(bytes);
        return;
    }
    plan_->steps.push_back({StepKind::send, drip_ms_, piece_, std::string(bytes), {}});
    mergeable_ = true;
}

void PlanBuilder::delay(std::uint32_t ms) {
    plan_->steps.push_back({StepKind::delay, ms, 0, {}, {}});
    mergeable_ = false;
}

void PlanBuilder::drip(std::uint32_t piece, std::uint32_t ms) {
    piece_ = piece;
    drip_ms_ = ms;
    mergeable_ = false;
}

void PlanBuilder::wait(std::function<bool()> ready, std::uint32_t timeout_ms,
                       std::string otherwise) {
    plan_->steps.push_back({StepKind::wait, timeout_ms, 0, std::move(otherwise), std::move(ready)});
    mergeable_ = false;
}

void PlanBuilder::fault(StepKind kind) {
    plan_->steps.push_back({kind, 0, 0, {}, {}});
    mergeable_ = false;
}

PlanPtr PlanBuilder::finish() {
    if (has_head_ && deflate_) framed(compress({}, true));
    if (has_head_ && framing_ == Framing::chunked) raw("0\r\n\r\n");
    return plan_;
}

PlanPtr PlanBuilder::abandon() {
    return plan_;
}

std::string sse_data(std::string_view data, std::string_view eol) {
    std::string out("data: ");
    return out.append(data).append(eol).append(eol);
}

std::string sse_event(std::string_view event, std::string_view data, std::string_view eol) {
    std::string out("event: ");
    return out.append(event).append(eol).append(sse_data(data, eol));
}

std::string json_response(int status, std::string_view body, const HeaderList& headers) {
    PlanBuilder builder;
    HeaderList all{{"content-type", "application/json"}};
    all.insert(all.end(), headers.begin(), headers.end());
    builder.response(status, all, body);
    return builder.finish()->steps.front().bytes;
}

std::string_view reason_phrase(int status) {
    switch (status) {
        case 200:
            return "OK";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 408:
            return "Request Timeout";
        case 413:
            return "Payload Too Large";
        case 429:
            return "Too Many Requests";
        case 500:
            return "Internal Server Error";
        case 502:
            return "Bad Gateway";
        case 503:
            return "Service Unavailable";
        case 504:
            return "Gateway Timeout";
        default:
            return "Status";
    }
}

}  // namespace ccr::mock
