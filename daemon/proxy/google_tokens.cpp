// SPDX-License-Identifier: MIT
#include "daemon/proxy/google_tokens.hpp"

#include <algorithm>
#include <utility>

#include "common/digest.hpp"
#include "common/json.hpp"
#include "common/log.hpp"
#include "common/signature.hpp"
#include "common/text.hpp"
#include "daemon/dialect/classify.hpp"
#include "daemon/http/client.hpp"
#include "daemon/net/spawn.hpp"

namespace ccr::proxy {
namespace {

using Account = config::GoogleAccount;
using Clock = std::chrono::steady_clock;

constexpr std::string_view scope_wanted = "https://www.googleapis.com/auth/cloud-platform";
constexpr std::int64_t assertion_lasts = 3600;  // seconds, the most that Google takes
constexpr std::size_t max_answer = std::size_t{64} << 10U;
// Longer than all the limits of a fetch together, which ends by itself.
constexpr Millis patience = GoogleTokens::limit + Millis{1'000};

std::string token_address(const Account& account) {
    return account.token_url.origin() + account.token_url.target;
}

Result<std::string> assertion(const Account& account, WallTime now) {
    const auto issued =
        std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
    std::string head;
    json::Writer header(head);
    header.begin_object().key("alg").string("RS256").key("typ").string("JWT");
    if (!account.key_id.empty()) header.key("kid").string(account.key_id);
    header.end_object();
    std::string body;
    json::Writer claims(body);
    claims.begin_object().key("iss").string(account.client).key("scope").string(scope_wanted);
    claims.key("aud").string(token_address(account)).key("iat").number(std::int64_t{issued});
    claims.key("exp").number(std::int64_t{issued} + assertion_lasts).end_object();
    std::string token = base64url(head) + "." + base64url(body);
    auto signature = sign_rs256(account.private_key.reveal(), token);
    if (!signature) return std::move(signature).error();
    return token + "." + base64url(*signature);
}

std::string fingerprint(const Account& account) {
    std::string all = account.client + '\n' + token_address(account) + '\n';
    all += account.private_key.reveal();
    all += '\n';
    all += account.refresh_token.reveal();
    return sha256(all);
}

}  // namespace

Result<std::string> google_token_form(const Account& account, WallTime now) {
    if (account.kind == Account::Kind::authorized_user) {
        return "grant_type=refresh_token&client_id=" + percent_encode(account.client) +
               "&client_secret=" + percent_encode(account.client_secret.reveal()) +
               "&refresh_token=" + percent_encode(account.refresh_token.reveal());
    }
    auto signed_claims = assertion(account, now);
    if (!signed_claims) return std::move(signed_claims).error();
    return "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=" +
           *signed_claims;
}

Result<GoogleToken> read_google_token(int status, std::string_view body) {
    json::Document document;
    const auto root = document.parse_view(body);
    if (status == 200 && root) {
        GoogleToken out;
        out.value = (*root)["access_token"].str();
        out.lasts = std::chrono::seconds(
            std::clamp<std::int64_t>((*root)["expires_in"].integer().value_or(0), 0, 86'400));
        const bool safe = std::all_of(out.value.begin(), out.value.end(),
                                      [](char c) { return c > 0x20 && c < 0x7F; });
        if (!out.value.empty() && safe) return out;
        return Error(ErrorKind::malformed, "Google's token service answered without a token");
    }
    const std::string word = root ? dialect::sanitise((*root)["error"].str()) : std::string();
    std::string text = "Google's token service answered with HTTP status " + std::to_string(status);
    if (!word.empty()) text += " (" + word + ")";
    const bool ours = status >= 400 && status < 500 && status != 408 && status != 429;
    return Error(ours ? ErrorKind::auth : ErrorKind::server_error, std::move(text));
}

// A request that waits for a token; woken on its own loop.
struct GoogleTokens::Waiting {
    explicit Waiting(net::Loop& own) : loop(own) {}
    net::Loop& loop;
    net::Waiter waiter;
    Result<std::string> answer = std::string();
};

struct GoogleTokens::Entry {
    std::mutex mutex;
    std::string token;
    Clock::time_point expires{};
    std::optional<Error> failure;  // of the last try
    Clock::time_point again{};     // not before that
    bool fetching = false;
    std::vector<std::shared_ptr<Waiting>> waiting;
};

// All that a fetch needs, for it may outlive the request and the configuration that began it.
struct GoogleTokens::Job {
    std::shared_ptr<Entry> entry;
    Account account;
    net::Origin origin;
    net::Pool& pool;
    net::Loop& loop;
};

GoogleTokens::GoogleTokens() = default;
GoogleTokens::~GoogleTokens() = default;

std::shared_ptr<GoogleTokens::Entry> GoogleTokens::entry(const Account& account) {
    const std::string key = fingerprint(account);
    const std::lock_guard lock(mutex_);
    if (entries_.size() >= max_accounts && !entries_.contains(key)) entries_.clear();
    auto& found = entries_[key];
    if (!found) found = std::make_shared<Entry>();
    return found;
}

asio::awaitable<Result<std::string>> GoogleTokens::get(net::Pool& pool, net::Loop& loop,
                                                       const Account& account,
                                                       const net::Origin& origin,
                                                       net::CancelScope* scope) {
    const auto found = entry(account);
    std::shared_ptr<Waiting> waiting;
    {
        const std::lock_guard lock(found->mutex);
        const auto now = Clock::now();
        const bool usable = !found->token.empty() && now + unusable_before < found->expires;
        const bool fresh = usable && now + renew_before < found->expires;
        if (!fresh && !found->fetching && now >= found->again) {
            found->fetching = true;
            net::spawn(loop, "google token",
                       fetch(std::shared_ptr<Job>(new Job{found, account, origin, pool, loop})));
        }
        if (usable) co_return found->token;
        if (!found->fetching) co_return *found->failure;
        waiting = std::make_shared<Waiting>(loop);
        found->waiting.push_back(waiting);
    }
    const auto woken = co_await waiting->waiter.wait(loop, patience, scope);
    // Only then the answer is nobody else's any more.
    if (woken == net::Wake::ready) co_return std::move(waiting->answer);
    if (woken == net::Wake::cancelled) co_return Error(ErrorKind::cancelled, "cancelled");
    co_return Error(ErrorKind::timeout, "Google's token service is too slow");
}

void GoogleTokens::refused(const Account& account, std::string_view token) {
    const auto found = entry(account);
    const std::lock_guard lock(found->mutex);
    if (found->token == token) found->token.clear();
}

asio::awaitable<void> GoogleTokens::fetch(std::shared_ptr<Job> job) {
    const auto form = google_token_form(job->account, std::chrono::system_clock::now());
    if (!form) {
        settle(*job->entry, form.error());
        co_return;
    }
    const http::Headers headers{{"content-type", "application/x-www-form-urlencoded"},
                                {"accept", "application/json"}};
    http::ClientRequest request;
    request.origin = &job->origin;
    request.target = job->account.token_url.target;
    request.headers = &headers;
    request.body = {*form};
    request.timers = {limit / 2, limit / 2, limit / 2};
    http::Exchange exchange(job->pool, job->loop);
    auto head = co_await exchange.send(request);
    if (!head) {
        settle(*job->entry, head.error().wrap("Google's token service: " + head.error().detail));
        co_return;
    }
    auto body = co_await exchange.read_all(limit / 4, max_answer);
    if (!body) {
        settle(*job->entry, body.error().wrap("Google's token service: " + body.error().detail));
        co_return;
    }
    settle(*job->entry, read_google_token(head->status, *body));
}

void GoogleTokens::settle(Entry& entry, Result<GoogleToken> answer) {
    const std::lock_guard lock(entry.mutex);
    const auto now = Clock::now();
    entry.fetching = false;
    if (answer) {
        entry.token = std::move(answer->value);
        entry.expires = now + answer->lasts;
        entry.failure.reset();
        entry.again = {};
    } else {
        log::warn("no token for Google Cloud: " + answer.error().chain());
        entry.failure = answer.error();
        entry.again = now + retry_after;
    }
    for (auto& waiting : std::exchange(entry.waiting, {})) {
        if (entry.failure) {
            waiting->answer = *entry.failure;
        } else {
            waiting->answer = entry.token;
        }
        net::Loop& loop = waiting->loop;
        loop.post([woken = std::move(waiting)] { woken->waiter.wake(); });
    }
}

}  // namespace ccr::proxy
