// SPDX-License-Identifier: MIT
// GET /ui: the dashboard, one page that is part of the program (data/ui/dashboard.html). The page
// holds nothing secret and no key is asked for it; what it shows it asks of the endpoints, with the
// key that its reader types in.
#include <algorithm>

#include "common/digest.hpp"
#include "common/text.hpp"
#include "daemon/api/endpoints.hpp"
#include "daemon/api/ui_page.hpp"

namespace ccr::api {
namespace {

// What is between `<tag>` and `</tag>`, as a browser takes it for the hash.
constexpr std::string_view inside(std::string_view page, std::string_view open,
                                  std::string_view close) {
    const auto from = page.find(open) + open.size();
    return page.substr(from, page.find(close, from) - from);
}

constexpr std::string_view style = inside(ui_page, "<style>", "</style>");
constexpr std::string_view script = inside(ui_page, "<script>", "</script>");
static_assert(!style.empty() && !script.empty());

// CSP's hash of a text: base64 with its padding, of which SHA-256 always needs one character.
std::string source_of(std::string_view text) {
    std::string hash = base64url(sha256(text));
    std::replace(hash.begin(), hash.end(), '-', '+');
    std::replace(hash.begin(), hash.end(), '_', '/');
    return "'sha256-" + hash + "='";
}

// Only the page's own style and script, by their hashes, and only this router to talk to.
std::string policy() {
    return "default-src 'none'; style-src " + source_of(style) + "; script-src " +
           source_of(script) +
           "; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
}

}  // namespace

asio::awaitable<void> get_ui(proxy::Worker&, http::Request&, http::Reply& reply) {
    static const std::string security = policy();
    const http::Headers headers{
        {"content-type", "text/html; charset=utf-8"},  {"content-security-policy", security},
        {"x-content-type-options", "nosniff"},         {"referrer-policy", "no-referrer"},
        {"cross-origin-opener-policy", "same-origin"}, {"cache-control", "no-cache"}};
    auto sent = co_await reply.send(200, headers, ui_page);
    if (!sent) reply.abort();
}

}  // namespace ccr::api
