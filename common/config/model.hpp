// SPDX-License-Identifier: MIT
// The configuration as the rest of the program sees it: typed, complete with defaults, checked, and
// immutable from load on (shared as shared_ptr<const Config>, swapped whole by a reload).
// Adding a key: a field here, a row in schema.cpp, one line where build*.cpp reads it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/config/dispatch.hpp"
#include "common/config/json5.hpp"
#include "common/config/pricing.hpp"
#include "common/log.hpp"
#include "common/secret.hpp"
#include "common/time.hpp"
#include "common/url.hpp"

namespace ccr::config {

// The protocol a provider speaks.
enum class Dialect : std::uint8_t { openai_chat, anthropic, openai_responses, gemini };

[[nodiscard]] std::string_view dialect_name(Dialect dialect);  // as `protocol` spells it

// "provider,model": split at the first comma, both parts trimmed; a model may contain commas.
struct TargetRef {
    std::string provider;
    std::string model;
    json5::Position at;  // of the string in the file

    [[nodiscard]] bool empty() const { return provider.empty(); }
    [[nodiscard]] std::string text() const { return provider + "," + model; }
    friend bool operator==(const TargetRef& a, const TargetRef& b) {
        return a.provider == b.provider && a.model == b.model;
    }
};

// Nothing when there is no comma or a part is empty.
[[nodiscard]] std::optional<TargetRef> parse_target(std::string_view text);

struct Transformer {
    std::string name;      // as written; names compare without case
    std::string model;     // empty: for every model of the provider
    json5::Value options;  // object, or null when none were given
    json5::Position at;
};

// What the config says about one model; absent = not said.
struct Model {
    std::string name;
    std::optional<std::uint64_t> context_window;     // tokens
    std::optional<std::uint64_t> max_output_tokens;  // requests asking for more are clamped
    std::optional<bool> vision;                      // accepts images
    std::optional<bool> tools;
    std::optional<bool> thinking;
    json5::Position at;
};

// `profile`: which row of the provider quirk table applies and what differs from it. The overrides
// stay a tree here; whoever owns the quirk table reads them and reports with their positions.
struct ProfileSpec {
    std::string name;        // empty: chosen by provider name and host
    json5::Value overrides;  // object, or null
    json5::Position at;
};

// 0 = no limit, but for connect, which is never 0.
struct UpstreamTimeouts {
    Millis connect{10'000};
    Millis first_byte{120'000};  // until response head and first content
    Millis idle{300'000};        // between bytes of a reply
};

// A URL that names the model, as those of Gemini, Vertex AI and Azure's deployments do: the model
// stands between `before` and one of the others.
struct ModelPath {
    std::string before;
    std::string after;
    std::string after_stream;  // of a streamed reply
};

// How a provider learns who asks.
enum class Auth : std::uint8_t {
    usual,           // Authorization: Bearer, towards Anthropic endpoints x-api-key as well
    goog_api_key,    // x-goog-api-key
    api_key,         // api-key, as Azure has it
    google_account,  // a bearer token that is got for `google`
};

// Credentials of Google Cloud, as the file that Google hands out has them.
struct GoogleAccount {
    enum class Kind : std::uint8_t { none, service_account, authorized_user };
    Kind kind = Kind::none;
    std::string client;    // e-mail of the service account, or client id
    Secret private_key;    // of a service account: PEM
    std::string key_id;    // its id, may be empty
    Secret client_secret;  // of an authorized user
    Secret refresh_token;  // of an authorized user
    Url token_url;         // where tokens are to be had
    std::string project;   // that the file names; may be empty
};

struct Provider {
    std::string name;
    Dialect dialect = Dialect::openai_chat;
    std::string dialect_reason;  // why, for `ccr check`: "protocol", "transformer Anthropic", …
    std::string api_base_url;    // as written
    Url endpoint;                // complete: where requests are POSTed; its query may hold a key
    std::optional<ModelPath> model_path;  // takes the place of endpoint.target
    // Path and query of Responses beside an endpoint of Chat Completions; empty: none is known.
    std::string responses_target;
    Auth auth = Auth::usual;
    GoogleAccount google;            // of Auth::google_account
    bool model_in_url_only = false;  // Vertex's form of the Anthropic format: body without a model
    std::vector<Secret> keys;        // empty: no authentication is sent
    std::vector<Model> models;       // listed models, file order; others are forwarded all the same
    std::vector<std::pair<std::string, Secret>> headers;  // added to each request; may hold keys
    std::vector<Transformer> transformers;
    ProfileSpec profile;
    std::optional<std::uint64_t> max_output_tokens;  // for models without their own
    std::vector<std::pair<std::string, std::uint64_t>> model_limits;  // by maxtoken per model
    UpstreamTimeouts timeouts;
    RateLimit rate_limit;         // the common one with the provider's own values
    unsigned max_concurrent = 0;  // requests at a time; 0: no limit
    std::string ca_file;          // PEM bundle trusted in addition to the system store; empty: none
    std::string tier_name;
    json5::Value tokenizer;        // object, or null: {default?: T, models?: {MODEL: T}} with
                                   // T = {type: "tiktoken", encoding}, checked
    bool bearer_only = false;      // towards Anthropic endpoints: no x-api-key
    bool allow_streaming = false;  // Router.force_non_streaming does not reach it
    // Why nothing can be sent to it ("speaks gemini, which this version does not speak"); empty: it
    // is usable. Its endpoint may be unset. Requests that are routed to it are refused with this.
    std::string unsupported;
    json5::Position at;

    // Path and query for a request to that model, which is percent-encoded where it is named.
    [[nodiscard]] std::string request_target(std::string_view model, bool stream) const;
    // Exact name first, then without case. nullptr: not listed.
    [[nodiscard]] const Model* find_model(std::string_view model) const;
    // The most specific max_tokens clamp for a model: the maxtoken transformer of that model, the
    // model's own entry, then the provider's; nothing = no clamp.
    [[nodiscard]] std::optional<std::uint64_t> output_limit(std::string_view model) const;
};

struct Router {
    // Only default_target is sure to name a provider of the config: a request that takes a route to
    // one that does not exist is refused.
    TargetRef default_target;  // empty(): requests must name a target themselves
    TargetRef background;
    TargetRef think;
    TargetRef long_context;
    TargetRef web_search;
    TargetRef image;
    std::uint64_t long_context_threshold = 60'000;  // tokens
    // Least effort at which adaptive thinking counts as asked for; "never": it never does.
    std::string think_effort = "high";
    bool ignore_direct = false;    // a target named by the client is not followed
    std::vector<TargetRef> tiers;  // order of the tier table; empty: in the order of the routes
    // By "tier-N" (N from 1) or provider name: `Retry` with the tier's own values.
    std::vector<std::pair<std::string, Retry>> tier_retries;
    // Names that clients may use for a target.
    std::vector<std::pair<std::string, TargetRef>> model_aliases;
    bool force_non_streaming = false;  // towards the providers
};

// Who is asked for a target before any rule. It gets a summary of the request and answers
// "provider,model", or nothing.
struct CustomRouter {
    enum class Kind : std::uint8_t {
        none,
        executable,   // one process per request: summary on stdin, target on stdout
        javascript,   // a module in Node's form, in one long-lived node process
        unix_socket,  // HTTP POST over a Unix socket
        http,         // HTTP POST
    };
    Kind kind = Kind::none;
    std::string path;  // of the file or socket; empty for http
    Url url;           // of http
    std::string node;  // the interpreter found for javascript
    Millis budget{250};
};

// The search engine that is asked for models that cannot search the web themselves.
struct WebSearch {
    enum class Engine : std::uint8_t { none, searxng, brave, tavily, exa };
    Engine engine = Engine::none;
    Url url;                      // complete: where searches go
    Secret api_key;               // empty: none is sent
    std::size_t max_results = 5;  // of a search, at most
    Millis timeout{10'000};       // of a search, all in all

    [[nodiscard]] bool configured() const { return engine != Engine::none; }
};

[[nodiscard]] std::string_view engine_name(WebSearch::Engine engine);  // as `engine` spells it

struct Server {
    std::string host = "127.0.0.1";
    std::uint16_t port = 3456;                        // 0: any free port
    Secret api_key;                                   // empty: no key asked for (loopback only)
    std::vector<std::string> allowed_hosts;           // in Host and Origin, besides loopback names
    unsigned threads = 0;                             // event loops; 0: min(4, cores)
    std::size_t body_limit = std::size_t{64} << 20U;  // bytes
    std::size_t header_limit = std::size_t{64} << 10U;  // bytes
    std::size_t max_streams = 4096;                     // requests in flight before 529
    Millis header_timeout{10'000};                      // whole request head
    Millis body_timeout{60'000};                        // request body without progress
    Millis keep_alive_timeout{75'000};                  // between requests
    Millis write_timeout{60'000};                       // a client that does not read
    Millis drain_timeout{600'000};                      // streams running on after the stop signal
};

struct Proxy {
    Secret url;                         // may hold a password; empty: direct
    bool https_only = false;            // found in the environment's HTTPS_PROXY
    std::vector<std::string> no_proxy;  // hosts, .suffixes, *, addresses, CIDR blocks, host:port
};

// Idle upstream connections.
struct Pool {
    std::size_t max_idle_per_host = 64;  // per event loop
    Millis idle_timeout{55'000};
};

struct Stream {
    Millis ping_interval{15'000};     // SSE ping after this much silence
    Millis keep_alive_after{10'000};  // response head is held back this long for the first content
};

// A key that the program knows nothing of, or not yet; kept for tools that rewrite the file.
struct ExtraKey {
    std::string json_path;  // "Router.tierRetries"
    json5::Position at;
    json5::Value value;
};

// A preset that stands in the config itself: one target, and values that replace the client's.
struct InlinePreset {
    std::string name;
    TargetRef route;
    std::optional<std::uint64_t> max_tokens;
    std::optional<double> temperature;
    json5::Position at;
};

struct Config {
    std::string source;  // file it came from
    Server server;
    Router router;
    CustomRouter custom_router;
    WebSearch web_search;
    std::vector<std::pair<std::string, std::vector<TargetRef>>> fallback;  // by route name
    std::vector<Provider> providers;  // names unique without case
    UpstreamTimeouts timeouts;        // of providers without their own
    std::vector<InlinePreset> presets;
    std::vector<PriceRule> prices;
    Dispatch dispatch;
    unsigned usage_retention_days = 400;
    Proxy proxy;
    Pool pool;
    Stream stream;
    Millis api_timeout{600'000};  // walk to the first content, all attempts together
    log::Level log_level = log::Level::info;
    bool non_interactive = false;  // for `ccr code`
    std::string claude_path;       // for `ccr code`
    std::string small_fast_model;  // for `ccr code`
    json5::Value status_line;      // for `ccr code` and `ccr statusline`; null: not set
    // Text that takes the place of a system block in front of its "<env>"; nothing: blocks stay.
    std::optional<std::string> rewrite_system_prompt;
    bool force_image_agent = false;
    std::vector<ExtraKey> extra;

    // Exact name first, then without case. nullptr: no such provider.
    [[nodiscard]] const Provider* find_provider(std::string_view name) const;
};

}  // namespace ccr::config

namespace ccr {
using config::Config;
}
