// SPDX-License-Identifier: MIT
// A search engine's answer, and a text and a URL of a stranger's page: hits that keep to what was
// asked for and are plain text, or an error in words.
#include <algorithm>
#include <string>

#include "common/text.hpp"
#include "common/utf8.hpp"
#include "daemon/search/engine.hpp"
#include "daemon/search/plain_text.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace {

using namespace ccr;
using fuzz::check;

void check_text(std::string_view text, std::size_t max) {
    check(utf8::valid(text), "a text is valid");
    const auto characters =
        static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
            return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
        }));
    check(characters <= max + 1, "it keeps to its length");  // and "…" behind it
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        check(c >= 0x20 && c != 0x7F, "no control characters");
        const char next = i + 1 < text.size() ? text[i + 1] : ' ';
        const bool name = (next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z');
        check(c != '<' || (!name && next != '/' && next != '!' && next != '?'), "no tags");
    }
    check(text.find("\u202E") == std::string_view::npos, "nothing that turns text around");
}

void check_url(std::string_view url) {
    const std::string scheme = lower(url.substr(0, url.find(':')));
    check(scheme == "http" || scheme == "https", "a page of the web");
    for (const char c : url)
        check(c > 0x20 && c < 0x7F && c != '"' && c != '<' && c != '>', "visible ASCII");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto input = fuzz::steered(data, size);
    const auto rows = search::engines();
    const search::Engine& engine = rows[input.steer % rows.size()];
    search::Query query;
    query.max_results = 1U + (input.steer >> 4U) % 4U;
    if ((input.steer & 4U) != 0) query.allowed = {"example.com", "*.b.org/docs"};
    if ((input.steer & 8U) != 0) query.blocked = {"https://bad.example.com/"};
    search::Reply reply;
    reply.status = (input.steer & 128U) != 0 ? 400 + input.steer % 32 : 200;
    reply.body = input.input;

    const auto hits = search::read_reply(engine, query, reply);
    if (!hits) {
        check(!hits.error().detail.empty(), "an error says why");
    } else {
        check(hits->size() <= query.max_results, "no more than asked for");
        for (const search::Hit& hit : *hits) {
            check_url(hit.url);
            check_text(hit.title, std::max(search::max_title, hit.url.size()));
            check_text(hit.snippet, search::max_snippet);
            check(query.allowed.empty() || search::in_domains(hit.url, query.allowed), "allowed");
            check(!search::in_domains(hit.url, query.blocked), "not blocked");
        }
    }
    check_text(search::plain_text(input.input, 20), 20);
    if (const auto url = search::plain_url(input.input)) check_url(*url);
    return 0;
}
