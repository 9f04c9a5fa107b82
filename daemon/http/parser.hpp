// SPDX-License-Identifier: MIT
// Beast's parsers, fed with bytes, writing into our messages. On top of Beast, a request head is
// checked byte by byte first: what other servers might read differently is refused, not guessed.
// Private to http/.
#pragma once

#include <boost/beast/http/basic_parser.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/result.hpp"
#include "daemon/http/message.hpp"

namespace ccr::http {

namespace beast_http = boost::beast::http;

// Finds the end of a message head as its bytes come in, looking at each byte once.
class HeadScanner {
  public:
    enum class State { more, complete, bad };

    // `head` is all bytes so far, from the message's first one.
    [[nodiscard]] State scan(std::string_view head);
    // Size of the head with its blank line, once complete.
    [[nodiscard]] std::size_t size() const { return size_; }

  private:
    std::size_t seen_ = 0;
    std::size_t line_ = 0;  // where the current line begins
    std::size_t size_ = 0;
};

// The strict check of a complete request head: exact blanks in the request line, token names, no
// folding, no control characters, one Host, at most one Content-Length, not both framings. 400,
// or 505 for another HTTP version (see HeadFault).
struct HeadFault {
    int status = 0;  // 0: none
    std::string_view message;
};
[[nodiscard]] HeadFault check_request_head(std::string_view head);

class RequestParser final : public beast_http::basic_parser<true> {
  public:
    RequestParser(Request& request, std::size_t header_limit, std::size_t body_limit);

    [[nodiscard]] bool too_large() const { return too_large_; }

  private:
    using view = boost::beast::string_view;
    using code = boost::beast::error_code;
    void on_request_impl(beast_http::verb, view method, view target, int version, code&) override;
    void on_response_impl(int, view, int, code&) override {}
    void on_field_impl(beast_http::field, view name, view value, code&) override;
    void on_header_impl(code&) override { in_head_ = false; }
    void on_body_init_impl(const boost::optional<std::uint64_t>&, code&) override {}
    std::size_t on_body_impl(view body, code& error) override;
    void on_chunk_header_impl(std::uint64_t, view, code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, view body, code& error) override;
    void on_finish_impl(code&) override {}

    Request& request_;
    std::size_t body_limit_;
    bool in_head_ = true;
    bool too_large_ = false;
};

// Body bytes stay where they were received: the pieces of one put() are moved together in place.
class ResponseParser final : public beast_http::basic_parser<false> {
  public:
    ResponseParser(std::size_t header_limit, bool answers_head);

    [[nodiscard]] ResponseHead& head() { return head_; }
    // The body bytes found since the last take, inside the buffer given to put().
    [[nodiscard]] std::string_view take();

  private:
    using view = boost::beast::string_view;
    using code = boost::beast::error_code;
    void on_request_impl(beast_http::verb, view, view, int, code&) override {}
    void on_response_impl(int status, view, int version, code&) override;
    void on_field_impl(beast_http::field, view name, view value, code&) override;
    void on_header_impl(code&) override { in_head_ = false; }
    void on_body_init_impl(const boost::optional<std::uint64_t>&, code&) override {}
    std::size_t on_body_impl(view body, code&) override { return collect(body); }
    void on_chunk_header_impl(std::uint64_t, view, code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, view body, code&) override {
        return collect(body);
    }
    void on_finish_impl(code&) override {}
    std::size_t collect(view body);

    ResponseHead head_;
    char* piece_ = nullptr;
    std::size_t piece_size_ = 0;
    bool in_head_ = true;
};

}  // namespace ccr::http
