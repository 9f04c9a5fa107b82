// SPDX-License-Identifier: MIT
// Every key that is accepted as effective changes the model: one case per row of the schema, false
// for the plain config and true with the key. A row without a case fails the test.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "common/config/schema.hpp"
#include "tests/unit/config/effects.hpp"
#include "tests/unit/config/helpers.hpp"

namespace ccr::config {
namespace {

const Provider& p(const Config& c) {
    return c.providers.at(0);
}
const Model& m(const Config& c) {
    return p(c).models.at(0);
}
bool has_price(const Config& c) {
    return find_price(c, p(c), "m") != nullptr;
}
bool first(const std::vector<std::string>& list, std::string_view value) {
    return !list.empty() && list[0] == value;
}
bool has_transformer(const Config& c, std::string_view name, std::string_view model) {
    return std::any_of(p(c).transformers.begin(), p(c).transformers.end(),
                       [&](const Transformer& t) { return t.name == name && t.model == model; });
}
bool counts_with(const Config& c, std::string_view scope, std::string_view member,
                 std::string_view value) {
    const json5::Value* at = p(c).tokenizer.find(scope);
    if (at != nullptr && scope == "models") at = at->find("m");
    const json5::Value* found = at == nullptr ? nullptr : at->find(member);
    return found != nullptr && found->text == value;
}

Retry tier(const Config& c) {
    return c.router.tier_retries.empty() ? Retry() : c.router.tier_retries[0].second;
}
std::string alias(const Config& c) {
    if (c.router.model_aliases.empty()) return "";
    const auto& [name, target] = c.router.model_aliases[0];
    return name + "=" + target.text();
}

const std::string data = std::string(CCR_TEST_DATA) + "/config/";
const std::string vertex =
    "protocol:'vertex-gemini',google:{credentials:"
    "'{\"type\":\"authorized_user\",\"client_id\":\"id\",\"refresh_token\":\"r\"}',";

const std::vector<Effect>& top_level() {
    static const std::vector<Effect> effects{
        {"HOST", "HOST:'::1'", [](const Config& c) { return c.server.host == "::1"; }},
        {"PORT", "PORT:'1'", [](const Config& c) { return c.server.port == 1; }},
        {"APIKEY", "CLIENT_API_KEY:'k'",
         [](const Config& c) { return c.server.api_key.matches("k"); }},
        {"allowedHosts", "allowedHosts:['A']",
         [](const Config& c) { return first(c.server.allowed_hosts, "a"); }},
        {"pricing", "pricing:{m:{input:1,output:2}}", has_price},
        {"Usage", "Usage:{retentionDays:9}",
         [](const Config& c) { return c.usage_retention_days == 9; }},
        {"Usage.retentionDays", "Usage:{retention_days:9}",
         [](const Config& c) { return c.usage_retention_days == 9; }},
        {"WebSearch.url", "WebSearch:{engine:'searxng',url:'http://s'}",
         [](const Config& c) { return c.web_search.url.host == "s"; }},
        {"WebSearch.api_key", "WebSearch:{engine:'exa',apiKey:'k'}",
         [](const Config& c) { return c.web_search.api_key.matches("k"); }},
        {"WebSearch.max_results", "WebSearch:{engine:'exa',apiKey:'k',maxResults:6}",
         [](const Config& c) { return c.web_search.max_results == 6; }},
        {"WebSearch.timeout_ms", "WebSearch:{engine:'exa',apiKey:'k',timeoutMs:113}",
         [](const Config& c) { return c.web_search.timeout == 113ms; }},
        {"threads", "threads:2", [](const Config& c) { return c.server.threads == 2; }},
        {"bodyLimitBytes", "MAX_REQUEST_BODY_BYTES:2048",
         [](const Config& c) { return c.server.body_limit == 2048; }},
        {"headerLimitBytes", "headerLimitBytes:4096",
         [](const Config& c) { return c.server.header_limit == 4096; }},
        {"maxStreams", "maxStreams:3", [](const Config& c) { return c.server.max_streams == 3; }},
        {"clientHeaderTimeoutMs", "clientHeaderTimeoutMs:101",
         [](const Config& c) { return c.server.header_timeout == 101ms; }},
        {"clientBodyTimeoutMs", "clientBodyTimeoutMs:102",
         [](const Config& c) { return c.server.body_timeout == 102ms; }},
        {"clientIdleTimeoutMs", "clientIdleTimeoutMs:103",
         [](const Config& c) { return c.server.keep_alive_timeout == 103ms; }},
        {"clientWriteTimeoutMs", "clientWriteTimeoutMs:104",
         [](const Config& c) { return c.server.write_timeout == 104ms; }},
        {"drainTimeoutMs", "drainTimeoutMs:105",
         [](const Config& c) { return c.server.drain_timeout == 105ms; }},
        {"keepAliveAfterMs", "keepAliveAfterMs:106",
         [](const Config& c) { return c.stream.keep_alive_after == 106ms; }},
        {"pingIntervalMs", "pingIntervalMs:107",
         [](const Config& c) { return c.stream.ping_interval == 107ms; }},
        {"LOG", "LOG:false", [](const Config& c) { return c.log_level == log::Level::warn; }},
        {"LOG_LEVEL", "LOG_LEVEL:'fatal'",
         [](const Config& c) { return c.log_level == log::Level::critical; }},
        {"API_TIMEOUT_MS", "API_TIMEOUT_MS:'108'",
         [](const Config& c) { return c.api_timeout == 108ms; }},
        {"connectTimeoutMs", "connectTimeoutMs:109",
         [](const Config& c) { return p(c).timeouts.connect == 109ms; }},
        {"firstByteTimeoutMs", "firstByteTimeoutMs:110",
         [](const Config& c) { return p(c).timeouts.first_byte == 110ms; }},
        {"idleTimeoutMs", "idleTimeoutMs:111",
         [](const Config& c) { return p(c).timeouts.idle == 111ms; }},
        {"PROXY_URL", "https_proxy:'p:1'",
         [](const Config& c) { return c.proxy.url.matches("http://p:1"); }},
        {"NO_PROXY", "no_proxy:'a'", [](const Config& c) { return first(c.proxy.no_proxy, "a"); }},
        {"POOL_MAX_IDLE_PER_HOST", "POOL_MAX_IDLE_PER_HOST:5",
         [](const Config& c) { return c.pool.max_idle_per_host == 5; }},
        {"POOL_IDLE_TIMEOUT_MS", "POOL_IDLE_TIMEOUT_MS:112",
         [](const Config& c) { return c.pool.idle_timeout == 112ms; }},
        {"fallback", "fallback:{think:['p,m']}",
         [](const Config& c) { return c.fallback.size() == 1; }},
        {"fallback.*", "fallback:{think:['p,m']}",
         [](const Config& c) { return !c.fallback.empty() && c.fallback[0].first == "think"; }},
        {"fallback.*[]", "fallback:{think:['m']}",
         [](const Config& c) {
             return !c.fallback.empty() && c.fallback[0].second.at(0).text() == "p,m";
         }},
        {"CUSTOM_ROUTER", "CUSTOM_ROUTER:'http://127.0.0.1:1/x'",
         [](const Config& c) { return c.custom_router.url.target == "/x"; }},
        {"CUSTOM_ROUTER_PATH", "CUSTOM_ROUTER_PATH:'unix:/s'",
         [](const Config& c) { return c.custom_router.path == "/s"; }},
        {"customRouterTimeoutMs", "customRouterTimeoutMs:20",
         [](const Config& c) { return c.custom_router.budget == 20ms; }},
        {"Presets", "presets:{x:{route:'m'}}", [](const Config& c) { return !c.presets.empty(); }},
        {"Presets.*", "Presets:{x:{route:'m'}}",
         [](const Config& c) { return !c.presets.empty() && c.presets[0].name == "x"; }},
        {"Presets.*.route", "Presets:{x:{route:'m'}}",
         [](const Config& c) { return !c.presets.empty() && c.presets[0].route.text() == "p,m"; }},
        {"Presets.*.max_tokens", "Presets:{x:{route:'m',maxTokens:5}}",
         [](const Config& c) { return !c.presets.empty() && c.presets[0].max_tokens == 5U; }},
        {"Presets.*.temperature", "Presets:{x:{route:'m',temperature:0.5}}",
         [](const Config& c) { return !c.presets.empty() && c.presets[0].temperature == 0.5; }},
        {"REWRITE_SYSTEM_PROMPT", "REWRITE_SYSTEM_PROMPT:'" + data + "prompt.txt'",
         [](const Config& c) { return c.rewrite_system_prompt == "You are careful.\n"; }},
        {"NON_INTERACTIVE_MODE", "NON_INTERACTIVE_MODE:true",
         [](const Config& c) { return c.non_interactive; }},
        {"CLAUDE_PATH", "CLAUDE_PATH:'/c'", [](const Config& c) { return c.claude_path == "/c"; }},
        {"ANTHROPIC_SMALL_FAST_MODEL", "ANTHROPIC_SMALL_FAST_MODEL:'h'",
         [](const Config& c) { return c.small_fast_model == "h"; }},
        {"StatusLine", "StatusLine:{enabled:true}",
         [](const Config& c) { return c.status_line.is_object(); }},
        {"forceUseImageAgent", "forceUseImageAgent:'true'",
         [](const Config& c) { return c.force_image_agent; }},
        // Setting it is refused, which Checks tests; an empty list is not.
        {"transformers", "transformers:[]", nullptr},
        {"transformers[]", "transformers:[]", nullptr},
    };
    return effects;
}

const std::vector<Effect>& of_provider() {
    static const std::vector<Effect> effects{
        {"Providers[].api_key", "api_key:'k'",
         [](const Config& c) { return p(c).keys.size() == 1; }},
        {"Providers[].api_keys", "api_keys:['k','l']",
         [](const Config& c) { return p(c).keys.size() == 2; }},
        {"Providers[].protocol", "protocol:'anthropic'",
         [](const Config& c) { return p(c).dialect == Dialect::anthropic; }},
        {"Providers[].maxOutputTokens", "max_tokens:5",
         [](const Config& c) { return p(c).output_limit("x") == 5U; }},
        {"Providers[].headers", "extra_headers:{A:'1'}",
         [](const Config& c) { return p(c).headers.size() == 1; }},
        {"Providers[].headers.*", "headers:{A:'1'}",
         [](const Config& c) {
             return !p(c).headers.empty() && p(c).headers[0].second.matches("1");
         }},
        {"Providers[].anthropic_version", "anthropic_version:'2023-01-01'",
         [](const Config& c) {
             return !p(c).headers.empty() && p(c).headers[0].first == "anthropic-version";
         }},
        {"Providers[].auth_header", "authHeader:'Authorization'",
         [](const Config& c) { return p(c).bearer_only; }},
        {"Providers[].transformer", "transformer:{use:['groq']}",
         [](const Config& c) { return has_transformer(c, "groq", ""); }},
        {"Providers[].transformer.use", "transformer:{use:['groq']}",
         [](const Config& c) { return has_transformer(c, "groq", ""); }},
        {"Providers[].transformer.use[]", "transformer:{use:[['groq']]}",
         [](const Config& c) { return has_transformer(c, "groq", ""); }},
        {"Providers[].transformer.*", "transformer:{x:{use:['groq']}}",
         [](const Config& c) { return has_transformer(c, "groq", "x"); }},
        {"Providers[].transformer.*.use", "transformer:{x:{use:['groq']}}",
         [](const Config& c) { return has_transformer(c, "groq", "x"); }},
        {"Providers[].transformer.*.use[]", "transformer:{x:{use:[['groq',{}]]}}",
         [](const Config& c) { return has_transformer(c, "groq", "x"); }},
        {"Providers[].profile", "profile:'vllm'",
         [](const Config& c) { return p(c).profile.name == "vllm"; }},
        {"Providers[].google", vertex + "project:'pr'}",
         [](const Config& c) { return p(c).auth == Auth::google_account; }},
        {"Providers[].google.credentials", vertex + "project:'pr'}",
         [](const Config& c) { return p(c).google.client == "id"; }},
        {"Providers[].google.project", vertex + "project:'pr'}",
         [](const Config& c) { return p(c).endpoint.target.find("/pr/") != std::string::npos; }},
        {"Providers[].google.location", vertex + "project:'pr',location:'lo'}",
         [](const Config& c) { return p(c).endpoint.target.find("/lo/") != std::string::npos; }},
        {"Providers[].tls", "tls:{ca_file:'" + data + "prompt.txt'}",
         [](const Config& c) { return !p(c).ca_file.empty(); }},
        {"Providers[].tls.ca_file", "tls:{ca_file:'" + data + "prompt.txt'}",
         [](const Config& c) { return p(c).ca_file.ends_with("prompt.txt"); }},
        {"Providers[].connectTimeoutMs", "connectTimeoutMs:101",
         [](const Config& c) { return p(c).timeouts.connect == 101ms; }},
        {"Providers[].firstByteTimeoutMs", "firstByteTimeoutMs:102",
         [](const Config& c) { return p(c).timeouts.first_byte == 102ms; }},
        {"Providers[].idleTimeoutMs", "idleTimeoutMs:103",
         [](const Config& c) { return p(c).timeouts.idle == 103ms; }},
        {"Providers[].tier_name", "tier_name:'t'",
         [](const Config& c) { return p(c).tier_name == "t"; }},
        {"Providers[].allow_streaming", "allowStreaming:true",
         [](const Config& c) { return p(c).allow_streaming; }},
        {"Providers[].tokenizer", "tokenizer:{default:{type:'tiktoken'}}",
         [](const Config& c) { return p(c).tokenizer.is_object(); }},
        {"Providers[].pricing", "pricing:{input:1,output:2}", has_price},
        {"Providers[].model_pricing", "modelPricing:{m:{input:1,output:2}}", has_price},
        {"Providers[].tokenizer.default", "tokenizer:{default:{type:'tiktoken'}}",
         [](const Config& c) { return p(c).tokenizer.find("default") != nullptr; }},
        {"Providers[].tokenizer.default.type", "tokenizer:{default:{type:'tiktoken'}}",
         [](const Config& c) { return counts_with(c, "default", "type", "tiktoken"); }},
        {"Providers[].tokenizer.default.encoding",
         "tokenizer:{default:{type:'tiktoken',encoding:'cl100k_base'}}",
         [](const Config& c) { return counts_with(c, "default", "encoding", "cl100k_base"); }},
        {"Providers[].tokenizer.models", "tokenizer:{models:{m:{type:'tiktoken'}}}",
         [](const Config& c) { return p(c).tokenizer.find("models") != nullptr; }},
        {"Providers[].tokenizer.models.*", "tokenizer:{models:{m:{type:'tiktoken'}}}",
         [](const Config& c) { return counts_with(c, "models", "type", "tiktoken"); }},
        {"Providers[].tokenizer.models.*.type", "tokenizer:{models:{m:{type:'tiktoken'}}}",
         [](const Config& c) { return counts_with(c, "models", "type", "tiktoken"); }},
        {"Providers[].tokenizer.models.*.encoding",
         "tokenizer:{models:{m:{type:'tiktoken',encoding:'o200k_base'}}}",
         [](const Config& c) { return counts_with(c, "models", "encoding", "o200k_base"); }},
        // Read only to be refused, see Checks.
        {"Providers[].tokenizer.default.*", "", nullptr},
        {"Providers[].tokenizer.models.*.*", "", nullptr},
        {"Providers[].onRateLimit", "onRateLimit:'wait'",
         [](const Config& c) { return p(c).rate_limit.policy == OnRateLimit::wait; }},
        {"Providers[].maxWaitMs", "maxWaitMs:3",
         [](const Config& c) { return p(c).rate_limit.max_wait == 3ms; }},
        {"Providers[].honorRateLimitHeaders", "honor_ratelimit_headers:false",
         [](const Config& c) { return !p(c).rate_limit.honor_headers; }},
        {"Providers[].force_reasoning_effort", "force_reasoning_effort:'High'",
         [](const Config& c) {
             return has_transformer(c, "forceeffort", "") &&
                    p(c).transformers[0].options.find("effort")->text == "high";
         }},
        {"Providers[].maxConcurrent", "maxConcurrent:4",
         [](const Config& c) { return p(c).max_concurrent == 4; }},
    };
    return effects;
}

const std::vector<Effect>& of_model() {
    static const std::vector<Effect> effects{
        {"Providers[].models[].contextWindow", "context_window:5",
         [](const Config& c) { return m(c).context_window == 5U; }},
        {"Providers[].models[].maxOutputTokens", "max_output_tokens:6",
         [](const Config& c) { return p(c).output_limit("m") == 6U; }},
        {"Providers[].models[].vision", "vision:false",
         [](const Config& c) { return m(c).vision == false; }},
        {"Providers[].models[].tools", "tools:true",
         [](const Config& c) { return m(c).tools == true; }},
        {"Providers[].models[].thinking", "thinking:true",
         [](const Config& c) { return m(c).thinking == true; }},
        {"Providers[].models[].pricing", "pricing:{input:1,output:2}", has_price},
    };
    return effects;
}

const std::vector<Effect>& of_router() {
    static const std::vector<Effect> effects{
        {"Router.background", "background:'p,x'",
         [](const Config& c) { return c.router.background.model == "x"; }},
        {"Router.think", "think:'p,x'", [](const Config& c) { return !c.router.think.empty(); }},
        {"Router.thinkEffort", "thinkEffort:'Never'",
         [](const Config& c) { return c.router.think_effort == "never"; }},
        {"Router.longContext", "longContext:'p,x'",
         [](const Config& c) { return !c.router.long_context.empty(); }},
        {"Router.longContextThreshold", "longContextThreshold:'5'",
         [](const Config& c) { return c.router.long_context_threshold == 5; }},
        {"Router.webSearch", "web_search:'p,x'",
         [](const Config& c) { return !c.router.web_search.empty(); }},
        {"Router.webSearch.enabled", "webSearch:{enabled:true,search_provider:'p,x'}",
         [](const Config& c) { return !c.router.web_search.empty(); }},
        {"Router.webSearch.search_provider", "webSearch:{enabled:true,search_provider:'p,x'}",
         [](const Config& c) { return c.router.web_search.model == "x"; }},
        {"Router.image", "image:'p,x'", [](const Config& c) { return !c.router.image.empty(); }},
        {"Router.ignoreDirect", "ignoreDirect:true",
         [](const Config& c) { return c.router.ignore_direct; }},
        {"Router.forceNonStreaming", "forceNonStreaming:true",
         [](const Config& c) { return c.router.force_non_streaming; }},
        {"Router.tiers", "tiers:['p,m','p,x']",
         [](const Config& c) { return c.router.tiers.size() == 2; }},
        {"Router.tiers[]", "tiers:['m']",
         [](const Config& c) {
             return !c.router.tiers.empty() && c.router.tiers[0].text() == "p,m";
         }},
        {"Router.promotion", "promotion:'all'",
         [](const Config& c) { return c.dispatch.promotion.mode == PromotionMode::all; }},
        {"Router.strictTierOrder", "strictTierOrder:true",
         [](const Config& c) { return c.dispatch.promotion.mode == PromotionMode::off; }},
        {"Router.tierRetries", "tierRetries:{'tier-0':{max_retries:5}}",
         [](const Config& c) { return !c.router.tier_retries.empty(); }},
        {"Router.tierRetries.*", "tierRetries:{p:{maxRetries:5}}",
         [](const Config& c) {
             return !c.router.tier_retries.empty() && c.router.tier_retries[0].first == "p";
         }},
        {"Router.tierRetries.*.max_retries", "tierRetries:{p:{maxRetries:5}}",
         [](const Config& c) {
             return !c.router.tier_retries.empty() &&
                    c.router.tier_retries[0].second.max_retries == 5;
         }},
        {"Router.tierRetries.*.base_backoff_ms", "tierRetries:{p:{baseBackoffMs:5}}",
         [](const Config& c) { return tier(c).base_delay == 5ms; }},
        {"Router.tierRetries.*.backoff_multiplier", "tierRetries:{p:{backoff_multiplier:'1.5'}}",
         [](const Config& c) { return tier(c).growth == 1.5; }},
        {"Router.tierRetries.*.max_backoff_ms", "tierRetries:{p:{max_backoff_ms:5}}",
         [](const Config& c) { return tier(c).max_delay == 5ms; }},
        {"Router.modelAliases", "modelAliases:{a:'m'}",
         [](const Config& c) { return !c.router.model_aliases.empty(); }},
        {"Router.modelAliases.*", "modelAliases:{a:'p,x'}",
         [](const Config& c) { return alias(c) == "a=p,x"; }},
        {"Router.modelAliases.*.route", "modelAliases:{a:{route:'p,x'}}",
         [](const Config& c) { return alias(c) == "a=p,x"; }},
    };
    return effects;
}

struct Places {
    std::string top;
    std::string provider;
    std::string model;
    std::string router;
};

Loaded with(const Places& at) {
    return testing::load("{Providers:[{name:'p',api_base_url:'https://x/v1',models:[{name:'m'," +
                         at.model + "}]," + at.provider + "}],Router:{default:'p,m'," + at.router +
                         "}," + at.top + "}");
}

void expect_effects(const std::vector<Effect>& effects, std::string Places::*place) {
    const Loaded plain = with({});
    ASSERT_TRUE(plain.ok());
    for (const Effect& effect : effects) {
        if (effect.holds == nullptr) continue;
        Places at;
        at.*place = effect.text;
        const Loaded loaded = with(at);
        for (const Problem& problem : loaded.problems)
            EXPECT_EQ(problem.severity, Severity::warning) << format(problem);
        ASSERT_TRUE(loaded.ok()) << effect.path;
        EXPECT_FALSE(effect.holds(*plain.config)) << effect.path;
        EXPECT_TRUE(effect.holds(*loaded.config)) << effect.path;
    }
}

TEST(Effects, TopLevelKeys) {
    expect_effects(top_level(), &Places::top);
}
TEST(Effects, DispatchKeys) {
    expect_effects(dispatch_effects(), &Places::top);
}
TEST(Effects, ProviderKeys) {
    expect_effects(of_provider(), &Places::provider);
}
TEST(Effects, ModelKeys) {
    expect_effects(of_model(), &Places::model);
}
TEST(Effects, RouterKeys) {
    expect_effects(of_router(), &Places::router);
}

TEST(Effects, EveryEffectiveKeyHasACase) {
    // What the plain config is made of: no test of a provider works without them.
    std::set<std::string_view> covered{"Providers",
                                       "Providers[]",
                                       "Providers[].name",
                                       "Providers[].api_base_url",
                                       "Providers[].models",
                                       "Providers[].models[]",
                                       "Providers[].models[].name",
                                       "WebSearch",
                                       "WebSearch.engine",
                                       "Router",
                                       "Router.default"};
    for (const auto* list :
         {&top_level(), &of_provider(), &of_model(), &of_router(), &dispatch_effects()}) {
        for (const Effect& effect : *list)
            covered.insert(effect.path);
    }
    for (const Key& key : schema()) {
        if (key.use != Use::active) continue;
        EXPECT_EQ(covered.count(key.path), 1U) << key.path << " has no case in effects_test.cpp";
    }
    for (const std::string_view path : covered)
        EXPECT_NE(find_key(path), nullptr) << path << " is no key";
}

}  // namespace
}  // namespace ccr::config
