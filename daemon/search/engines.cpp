// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>

#include "common/text.hpp"
#include "common/url.hpp"
#include "daemon/search/engine.hpp"
#include "daemon/search/plain_text.hpp"

namespace ccr::search {
namespace {

constexpr std::size_t max_age = 60;  // characters

// Codepoints of valid UTF-8.
std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    }));
}

// An engine's own page of HTML, or a gateway's, instead of JSON.
bool is_page(const Reply& reply) {
    return icontains(reply.content_type, "html") || trim(reply.body).starts_with('<');
}

Error refusal(const Engine& engine, const Reply& reply) {
    const std::string name(config::engine_name(engine.id));
    const std::string status = "HTTP status " + std::to_string(reply.status);
    Error error;
    switch (reply.status) {
        case 401:
        case 403:
            error = {ErrorKind::auth, name + " does not accept WebSearch.api_key (" + status + ")"};
            break;
        case 402:
            error = {ErrorKind::billing, name + ": the quota is used up (" + status + ")"};
            break;
        case 429:
            error = {ErrorKind::rate_limited, name + " limits the rate of searches"};
            break;
        case 400:
        case 422:
            error = {ErrorKind::rejected, name + " does not accept the search (" + status + ")"};
            break;
        case 404:
        case 405:
            error = {ErrorKind::malformed,
                     name + " is not at that address (" + status + "); see WebSearch.url"};
            break;
        default:
            error = {ErrorKind::server_error, name + " failed (" + status + ")"};
    }
    return error;
}

std::optional<Error> own_words(const Engine& engine, const Reply& reply) {
    return engine.refusal != nullptr ? engine.refusal(reply) : std::nullopt;
}

// A domain as people write it, without scheme, "*." and the slash behind it.
std::string_view bare(std::string_view domain) {
    domain = trim(domain);
    if (const auto scheme = domain.find("://"); scheme != std::string_view::npos) {
        domain.remove_prefix(scheme + 3);
    }
    if (domain.starts_with("*.")) domain.remove_prefix(2);
    while (domain.ends_with('/'))
        domain.remove_suffix(1);
    return domain;
}

bool below(const Url& url, std::string_view domain) {
    domain = bare(domain);
    const auto slash = domain.find('/');
    const std::string host = lower(domain.substr(0, slash));
    if (host.empty()) return false;
    const bool same = url.host == host || url.host.ends_with("." + host);
    if (!same || slash == std::string_view::npos) return same;
    const std::string_view path = domain.substr(slash);
    const std::string_view target = url.target;
    if (!target.starts_with(path)) return false;
    return target.size() == path.size() || target[path.size()] == '/' || target[path.size()] == '?';
}

bool asked_for(const Query& query, const std::string& url) {
    if (!query.allowed.empty() && !in_domains(url, query.allowed)) return false;
    return query.blocked.empty() || !in_domains(url, query.blocked);
}

std::vector<Hit> cleaned(std::vector<Hit> raw, const Query& query) {
    std::vector<Hit> out;
    for (Hit& hit : raw) {
        if (out.size() == query.max_results) break;
        auto url = plain_url(hit.url);
        if (!url || !asked_for(query, *url)) continue;
        const bool known = std::any_of(out.begin(), out.end(),
                                       [&url](const Hit& other) { return other.url == *url; });
        if (known) continue;
        Hit clean{std::move(*url), plain_text(hit.title, max_title),
                  plain_text(hit.snippet, max_snippet), plain_text(hit.age, max_age)};
        if (clean.title.empty()) clean.title = clean.url;
        out.push_back(std::move(clean));
    }
    return out;
}

}  // namespace

std::span<const Engine> engines() {
    static const std::array<Engine, 4> rows{searxng, brave, tavily, exa};
    return rows;
}

const Engine* find(config::WebSearch::Engine id) {
    const auto rows = engines();
    const auto found =
        std::find_if(rows.begin(), rows.end(), [id](const Engine& row) { return row.id == id; });
    return found == rows.end() ? nullptr : &*found;
}

bool fits(const Engine& engine, std::string_view text) {
    return characters(text) <= engine.longest_query;
}

Result<std::vector<Hit>> read_reply(const Engine& engine, const Query& query, const Reply& reply) {
    if (reply.status != 200) {
        Error error = own_words(engine, reply).value_or(refusal(engine, reply));
        error.upstream_status = reply.status;
        return error;
    }
    json::Document document;
    const auto root = document.parse_view(reply.body);
    if (!root || !root->is_object()) {
        if (auto told = own_words(engine, reply)) return std::move(*told);
        const std::string what = is_page(reply) ? " answered with a page of HTML instead of JSON"
                                                : " answered with something that is no JSON object";
        return Error(ErrorKind::malformed, std::string(config::engine_name(engine.id)) + what);
    }
    return cleaned(engine.hits(*root), query);
}

bool in_domains(std::string_view url, const std::vector<std::string>& domains) {
    const auto parsed = parse_url(url);
    return parsed && std::any_of(domains.begin(), domains.end(),
                                 [&](const std::string& domain) { return below(*parsed, domain); });
}

std::string with_sites(const Query& query, std::size_t longest) {
    std::string sites;
    for (const std::string& domain : query.allowed)
        sites.append(sites.empty() ? "site:" : " OR site:").append(bare(domain));
    if (query.allowed.size() > 1) sites = "(" + sites + ")";
    for (const std::string& domain : query.blocked)
        sites.append(sites.empty() ? "-site:" : " -site:").append(bare(domain));
    if (sites.empty()) return query.text;
    std::string all = query.text + " " + sites;
    return characters(all) <= longest ? all : query.text;
}

std::size_t wanted_results(const Query& query, std::size_t most) {
    const bool filtered = !query.allowed.empty() || !query.blocked.empty();
    return filtered ? most : std::min(query.max_results, most);
}

void write_list(json::Writer& out, std::string_view key, const std::vector<std::string>& list) {
    if (list.empty()) return;
    out.key(key).begin_array();
    for (const std::string& each : list)
        out.string(each);
    out.end_array();
}

}  // namespace ccr::search
