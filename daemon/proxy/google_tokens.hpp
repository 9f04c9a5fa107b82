// SPDX-License-Identifier: MIT
// Access tokens for Google Cloud: got with a service account's signature or a user's refresh token,
// kept until shortly before they expire, and renewed while the old one still serves. However many
// requests need one, it is asked for once.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/config/model.hpp"
#include "common/result.hpp"
#include "common/time.hpp"
#include "daemon/net/loop.hpp"
#include "daemon/net/pool.hpp"
#include "daemon/net/waiter.hpp"

namespace ccr::proxy {

namespace asio = boost::asio;

// The request that a token is asked for with: application/x-www-form-urlencoded. Pure.
// ErrorKind::config if the account's key cannot sign.
[[nodiscard]] Result<std::string> google_token_form(const config::GoogleAccount& account,
                                                    WallTime now);

struct GoogleToken {
    std::string value;
    std::chrono::seconds lasts{0};
};
// Of the answer to it. The error says in Google's word why there is none, and nothing secret.
[[nodiscard]] Result<GoogleToken> read_google_token(int status, std::string_view body);

// One for the process; any thread.
class GoogleTokens {
  public:
    static constexpr std::size_t max_accounts = 64;
    static constexpr Millis limit{10'000};       // for a token, from the first that waits for it
    static constexpr Millis retry_after{5'000};  // until a failure is tried again
    static constexpr std::chrono::minutes renew_before{5};
    static constexpr std::chrono::seconds unusable_before{30};  // a request may be on its way

    GoogleTokens();
    GoogleTokens(const GoogleTokens&) = delete;
    GoogleTokens& operator=(const GoogleTokens&) = delete;
    ~GoogleTokens();

    // `origin` is that of account.token_url; both are copied. Ends early on the scope's cancel.
    [[nodiscard]] asio::awaitable<Result<std::string>> get(net::Pool& pool, net::Loop& loop,
                                                           const config::GoogleAccount& account,
                                                           const net::Origin& origin,
                                                           net::CancelScope* scope);
    // Google did not take it: the next request gets another.
    void refused(const config::GoogleAccount& account, std::string_view token);

  private:
    struct Waiting;
    struct Entry;
    struct Job;

    [[nodiscard]] std::shared_ptr<Entry> entry(const config::GoogleAccount& account);
    static asio::awaitable<void> fetch(std::shared_ptr<Job> job);
    static void settle(Entry& entry, Result<GoogleToken> answer);

    std::mutex mutex_;                                       // of the map
    std::map<std::string, std::shared_ptr<Entry>> entries_;  // by a hash of the credentials
};

}  // namespace ccr::proxy
