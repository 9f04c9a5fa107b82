// SPDX-License-Identifier: MIT
#include "daemon/http/parser.hpp"

#include <boost/optional/optional.hpp>
#include <cstring>

#include "common/text.hpp"

namespace ccr::http {
namespace {

std::string_view std_view(boost::beast::string_view text) {
    return {text.data(), text.size()};
}

}  // namespace

HeadScanner::State HeadScanner::scan(std::string_view head) {
    while (seen_ < head.size()) {
        const auto end = head.find('\n', seen_);
        if (end == std::string_view::npos) {
            seen_ = head.size();
            break;
        }
        if (end == 0 || head[end - 1] != '\r') return State::bad;
        const bool blank = end - line_ == 1;
        seen_ = line_ = end + 1;
        if (blank) {
            size_ = end + 1;
            return State::complete;
        }
    }
    return State::more;
}

RequestParser::RequestParser(Request& request, std::size_t header_limit, std::size_t body_limit)
    : request_(request), body_limit_(body_limit) {
    const std::uint32_t limit = static_cast<std::uint32_t>(header_limit);
    this->header_limit(limit + 1);  // the connection has refused a longer head already
    this->body_limit(boost::none);  // counted below, to tell 413 from 400
}

void RequestParser::on_request_impl(beast_http::verb, view method, view target, int version,
                                    code&) {
    request_.method.assign(method.data(), method.size());
    request_.target.assign(target.data(), target.size());
    const auto query = request_.target.find('?');
    request_.path_size = query == std::string::npos ? request_.target.size() : query;
    request_.version = version;
}

void RequestParser::on_field_impl(beast_http::field, view name, view value, code&) {
    if (in_head_) request_.headers.add(std_view(name), std_view(value));  // trailers are dropped
}

std::size_t RequestParser::on_body_impl(view body, code& error) {
    if (body.size() > body_limit_ - request_.body.size()) {
        too_large_ = true;
        error = beast_http::error::body_limit;
        return 0;
    }
    request_.body.append(body.data(), body.size());
    return body.size();
}

std::size_t RequestParser::on_chunk_body_impl(std::uint64_t, view body, code& error) {
    return on_body_impl(body, error);
}

ResponseParser::ResponseParser(std::size_t header_limit, bool answers_head) {
    const std::uint32_t limit = static_cast<std::uint32_t>(header_limit);
    this->header_limit(limit);
    this->body_limit(boost::none);
    this->eager(true);
    this->skip(answers_head);
}

void ResponseParser::on_response_impl(int status, view, int version, code&) {
    head_.status = status;
    head_.version = version;
}

void ResponseParser::on_field_impl(beast_http::field, view name, view value, code&) {
    if (in_head_) head_.headers.add(std_view(name), std_view(value));
}

std::size_t ResponseParser::collect(view body) {
    // The bytes lie in the receive buffer, which is ours to write.
    if (piece_size_ == 0) piece_ = const_cast<char*>(body.data());
    char* const end = piece_ + piece_size_;
    if (end != body.data()) std::memmove(end, body.data(), body.size());
    piece_size_ += body.size();
    return body.size();
}

std::string_view ResponseParser::take() {
    const std::string_view piece(piece_, piece_size_);
    piece_size_ = 0;
    return piece;
}

}  // namespace ccr::http
