// SPDX-License-Identifier: MIT
#include "common/config/load.hpp"

#include <gtest/gtest.h>

#include "tests/unit/config/helpers.hpp"

namespace ccr::config {
namespace {

using testing::load;
using testing::messages;
using Lines = std::vector<std::string>;

constexpr std::string_view provider = "{name:'p',api_base_url:'https://x/v1',models:['m','n']}";

std::string with_provider(std::string_view rest) {
    return "{Providers:[" + std::string(provider) + "],\nRouter:{default:'p,m'},\n" +
           std::string(rest) + "}";
}

TEST(Load, EmptyObjectIsAWorkingConfigWithDefaults) {
    const Loaded loaded = load("{}");
    ASSERT_TRUE(loaded.ok());
    EXPECT_EQ(messages(loaded), Lines{});
    const Config& config = *loaded.config;
    EXPECT_EQ(config.server.host, "127.0.0.1");
    EXPECT_EQ(config.server.port, 3456);
    EXPECT_TRUE(config.server.api_key.empty());
    EXPECT_EQ(config.server.body_limit, 64U << 20U);
    EXPECT_EQ(config.api_timeout, 600s);
    EXPECT_EQ(config.log_level, log::Level::info);
    EXPECT_TRUE(config.providers.empty());
    EXPECT_TRUE(config.router.default_target.empty());
    EXPECT_EQ(config.source, "c.json");
}

TEST(Load, EveryServerKeyTakesEffect) {
    const Loaded loaded = load(R"({
        HOST: "0.0.0.0", PORT: 1, APIKEY: " k ", allowedHosts: ["A.example", " b "], threads: 2, bodyLimitBytes: 2048,
        headerLimitBytes: 4096, maxStreams: 3, clientHeaderTimeoutMs: 101,
        clientBodyTimeoutMs: 102, clientIdleTimeoutMs: 103, clientWriteTimeoutMs: 104,
        drainTimeoutMs: 105, keepAliveAfterMs: 106, pingIntervalMs: 107, API_TIMEOUT_MS: 108,
        connectTimeoutMs: 109, firstByteTimeoutMs: 110, idleTimeoutMs: 0,
        PROXY_URL: "http://u:p@proxy:3128", NO_PROXY: "a, .b", LOG_LEVEL: "Debug",
        Providers: [{name: "p", api_base_url: "https://x", idleTimeoutMs: 7}],
        Router: {default: "p,m"}})");
    EXPECT_EQ(messages(loaded), Lines{});
    ASSERT_TRUE(loaded.ok());
    const Config& config = *loaded.config;
    EXPECT_EQ(config.server.host, "0.0.0.0");
    EXPECT_EQ(config.server.port, 1);
    EXPECT_TRUE(config.server.api_key.matches("k"));
    EXPECT_EQ(config.server.allowed_hosts, (Lines{"a.example", "b"}));
    EXPECT_EQ(config.server.threads, 2U);
    EXPECT_EQ(config.server.body_limit, 2048U);
    EXPECT_EQ(config.server.header_limit, 4096U);
    EXPECT_EQ(config.server.max_streams, 3U);
    EXPECT_EQ(config.server.header_timeout, 101ms);
    EXPECT_EQ(config.server.body_timeout, 102ms);
    EXPECT_EQ(config.server.keep_alive_timeout, 103ms);
    EXPECT_EQ(config.server.write_timeout, 104ms);
    EXPECT_EQ(config.server.drain_timeout, 105ms);
    EXPECT_EQ(config.stream.keep_alive_after, 106ms);
    EXPECT_EQ(config.stream.ping_interval, 107ms);
    EXPECT_EQ(config.api_timeout, 108ms);
    EXPECT_EQ(config.providers[0].timeouts.connect, 109ms);
    EXPECT_EQ(config.providers[0].timeouts.first_byte, 110ms);
    EXPECT_EQ(config.providers[0].timeouts.idle, 7ms);
    EXPECT_EQ(config.proxy.url.reveal(), "http://u:p@proxy:3128");
    EXPECT_FALSE(config.proxy.https_only);
    EXPECT_EQ(config.proxy.no_proxy, (Lines{"a", ".b"}));
    EXPECT_EQ(config.log_level, log::Level::debug);
}

TEST(Load, EveryProviderKeyTakesEffect) {
    const Loaded loaded = load(R"({Providers: [{
        name: " p ", api_base_url: "https://x/v1", api_key: "$K", api_keys: ["k2", "k2", ""],
        models: ["a,b", {name: "c", context_window: 1000, max_tokens: 20, vision: true,
                         tools: "false", thinking: true}],
        maxOutputTokens: 50, headers: {"X-A": "${K}"},
        transformer: {use: ["OpenAI", ["maxtoken", {max_tokens: 40}]],
                      "a,b": {use: [["maxtoken", {max_tokens: "30"}], "cleancache"]}},
        profile: {base: "deepseek", max_tools: 3}}],
        Router: {default: "P, a,b"}})",
                               {{"K", "key-1"}});
    EXPECT_EQ(messages(loaded), Lines{});
    ASSERT_TRUE(loaded.ok());
    const Provider& p = loaded.config->providers.at(0);
    EXPECT_EQ(p.name, "p");
    ASSERT_EQ(p.keys.size(), 2U);
    EXPECT_TRUE(p.keys[0].matches("key-1"));
    EXPECT_TRUE(p.keys[1].matches("k2"));
    ASSERT_EQ(p.models.size(), 2U);
    EXPECT_EQ(p.models[0].name, "a,b");
    EXPECT_EQ(p.models[0].vision, std::nullopt);
    EXPECT_EQ(p.find_model("C")->context_window, 1000U);
    EXPECT_EQ(p.find_model("c")->vision, true);
    EXPECT_EQ(p.find_model("c")->tools, false);
    EXPECT_EQ(p.find_model("c")->thinking, true);
    EXPECT_EQ(p.output_limit("a,b"), 30U);
    EXPECT_EQ(p.output_limit("c"), 20U);
    EXPECT_EQ(p.output_limit("other"), 40U);
    ASSERT_EQ(p.headers.size(), 1U);
    EXPECT_TRUE(p.headers[0].second.matches("key-1"));
    ASSERT_EQ(p.transformers.size(), 4U);
    EXPECT_EQ(p.transformers[3].name, "cleancache");
    EXPECT_EQ(p.transformers[3].model, "a,b");
    EXPECT_EQ(p.profile.name, "deepseek");
    EXPECT_EQ(json5::to_json(p.profile.overrides), R"({"max_tools":3})");
    EXPECT_EQ(loaded.config->router.default_target.text(), "P,a,b");
    EXPECT_EQ(loaded.config->find_provider("P"), &p);
}

struct Complaint {
    std::string text;
    Lines problems;
};

void expect_all(const std::vector<Complaint>& complaints) {
    for (const Complaint& c : complaints)
        EXPECT_EQ(messages(load(c.text)), c.problems) << c.text;
}

TEST(Load, ReportsWrongTypesAndRanges) {
    expect_all({
        {"[]", {"1:1: error: expected an object, found an array"}},
        {"{PORT: 70000}", {"1:8: error: PORT: must be between 0 and 65535, not 70000"}},
        {"{PORT: -1}", {"1:8: error: PORT: must be between 0 and 65535, not -1"}},
        {"{PORT: 1.5}", {"1:8: error: PORT: expected a whole number, found a number"}},
        {"{PORT: NaN}", {"1:8: error: PORT: expected a whole number, found a number"}},
        {"{PORT: 'x'}", {"1:8: error: PORT: expected a whole number, found a string"}},
        {"{PORT: [1]}", {"1:8: error: PORT: expected a whole number, found an array"}},
        {"{LOG: 2}", {"1:7: error: LOG: expected true or false, found a number"}},
        {"{APIKEY: 5}", {"1:10: error: APIKEY: expected a string, found a number"}},
        {"{allowedHosts: [1]}",
         {"1:17: error: allowedHosts[0]: expected a string, found a number"}},
        {"{idleTimeoutMs: true}",
         {"1:17: error: idleTimeoutMs: expected a number of milliseconds, found a boolean"}},
        {"{Providers: {}}", {"1:13: error: Providers: expected an array, found an object"}},
        {"{Providers: [1]}", {"1:14: error: Providers[0]: expected an object, found a number"}},
        {"{Router: 'p,m'}", {"1:10: error: Router: expected an object, found a string"}},
        {"{LOG_LEVEL: 'inof'}",
         {"1:13: error: LOG_LEVEL: unknown level; use trace, debug, info, warn, error, critical "
          "or off (did you mean \"info\"?)"}},
    });
}

TEST(Load, TakesNumbersAndBooleansFromStrings) {
    const Loaded loaded = load("{PORT:'$P',LOG:'$L'}", {{"P", "81"}, {"L", "false"}});
    ASSERT_TRUE(loaded.ok());
    EXPECT_EQ(loaded.config->server.port, 81);
    EXPECT_EQ(loaded.config->log_level, log::Level::warn);
}

TEST(Load, WarnsOfUnknownKeysAndKeepsThem) {
    const Loaded loaded = load("{PROT: {a: [1]},\n zzzzzzz: 1, port: 5}");
    EXPECT_EQ(messages(loaded),
              (Lines{"1:2: warning: PROT: unknown key, ignored (did you mean \"PORT\"?)",
                     "2:2: warning: zzzzzzz: unknown key, ignored",
                     "2:14: warning: port: unknown key, ignored (did you mean \"PORT\"?)"}));
    ASSERT_TRUE(loaded.ok());
    EXPECT_EQ(loaded.config->server.port, 3456);
    ASSERT_EQ(loaded.config->extra.size(), 3U);
    EXPECT_EQ(loaded.config->extra[0].json_path, "PROT");
    EXPECT_EQ(json5::to_json(loaded.config->extra[0].value), R"({"a":[1]})");
    expect_all(
        {{"{Providers:[{name:'p',api_base_url:'https://x',api_kee:'a'}],Router:{default:"
          "'p,m'}}",
          {"1:48: warning: Providers[0].api_kee: unknown key, ignored (did you mean "
           "\"api_key\"?)"}}});
}

TEST(Load, AcceptsBothSpellingsAndPrefersTheProperOne) {
    const std::string list = "[" + std::string(provider) + "]";
    const Loaded alias = load("{providers:" + list + ",router:{default:'p,m'}}");
    EXPECT_EQ(messages(alias), Lines{});
    ASSERT_TRUE(alias.ok());
    EXPECT_EQ(alias.config->providers.size(), 1U);
    EXPECT_EQ(messages(load("{providers:[],\nProviders:" + list + ",Router:{default:'p,m'}}")),
              (Lines{"1:2: warning: providers: ignored, because Providers at line 2 means the "
                     "same"}));
}

TEST(Load, NullMeansAbsent) {
    const Loaded loaded = load(with_provider("PORT:null,PROXY_URL:null,allowedHosts:null"));
    EXPECT_EQ(messages(loaded), Lines{});
    EXPECT_TRUE(loaded.ok());
}

TEST(Load, UndefinedVariablesAreErrorsOnlyWhereTheyMatter) {
    const std::string hint = "; set it in the environment or as a credential, or give a default: ";
    expect_all({
        {"{APIKEY: '$NO'}",
         {"1:10: error: APIKEY: variable NO is not defined" + hint + "${NO:-...}"}},
        {"{PROXY_URL: 'http://${NO}:1'}",
         {"1:13: error: PROXY_URL: variable NO is not defined" + hint + "${NO:-...}",
          "1:13: error: PROXY_URL: " + parse_url("http://${NO}:1").error().detail}},
        {"{CLAUDE_PATH: '$NO'}",
         {"1:15: warning: CLAUDE_PATH: variable NO is not defined; the text is left as it is"}},
    });
}

TEST(Load, ChecksProviders) {
    expect_all({
        {"{Providers:[{}]}",
         {"1:1: warning: Router.default: not set: only requests that name \"provider,model\" can "
          "be answered",
          "1:13: error: Providers[0]: name is missing",
          "1:13: error: Providers[0]: api_base_url is missing"}},
        {"{Providers:[{name:'a,b',api_base_url:null}],Router:{default:''}}",
         {"1:19: error: Providers[0].name: must not contain a comma: routes are written "
          "\"provider,model\"",
          "1:38: error: Providers[0]: api_base_url is missing"}},
        {"{Providers:[{name:1,api_base_url:2}],Router:{default:'p,m'}}",
         {"1:19: error: Providers[0].name: expected a string, found a number",
          "1:34: error: Providers[0].api_base_url: expected a URL, found a number",
          "1:54: error: Router.default: no provider is named p"}},
        {"{Providers:[{name:'p',api_base_url:'https://x',models:['a','a',{}]}],"
         "Router:{default:'p,a'}}",
         {"1:60: warning: Providers[0].models[1]: model a is listed twice",
          "1:64: error: Providers[0].models[2]: name is missing"}},
        {"{Providers:[{name:'p',api_base_url:'https://x',headers:{'a b':'1',Host:'2',\n"
         "c:'x\\ny'},api_key:'a\\nb'}],Router:{default:'p,a'}}",
         {"1:57: error: Providers[0].headers.a b: not a valid header name",
          "1:67: error: Providers[0].headers.Host: this header cannot be set",
          "2:3: error: Providers[0].headers.c: contains a character that no header can carry",
          "2:19: error: Providers[0].api_key: contains a character that no header can carry"}},
        {"{Providers:[{name:'p',api_base_url:'https://x',tls:{ca_file:'/no/such'}}],"
         "Router:{default:'p,a'}}",
         {"1:61: error: Providers[0].tls.ca_file: cannot read /no/such"}},
        {"{Providers:[{name:'p',api_base_url:'https://x',tls:{insecure:true}}],"
         "Router:{default:'p,a'}}",
         {"1:53: warning: Providers[0].tls.insecure: unknown key, ignored"}},
        {"{Providers:[{name:'p',api_base_url:'https://x',profile:[]}],Router:{default:'p,a'}}",
         {"1:56: error: Providers[0].profile: expected a profile's name or an object of "
          "overrides, found an array"}},
    });
}

TEST(Load, OfTwoProvidersWithOneNameTheLastStays) {
    const Loaded loaded = load(
        "{Providers:[{name:'p',api_base_url:'https://one'},\n{name:'p',api_base_url:'https://two'}"
        "],Router:{default:'p,m'}}");
    EXPECT_EQ(messages(loaded),
              (Lines{"2:1: warning: Providers[1]: provider p replaces the one of the same name at "
                     "line 1"}));
    ASSERT_TRUE(loaded.ok());
    ASSERT_EQ(loaded.config->providers.size(), 1U);
    EXPECT_EQ(loaded.config->providers[0].endpoint.host, "two");
}

TEST(Load, ChecksTransformers) {
    const auto with = [](const std::string& transformer) {
        return "{Providers:[{name:'p',api_base_url:'https://x',\ntransformer:" + transformer +
               "}],Router:{default:'p,m'}}";
    };
    expect_all({
        {with("{use:['DeepSeek','openrouter',['groq'],['reasoning',{enable:true}],['cerebras',{}]"
              "]}"),
         {}},
        {with("{use:[['Anthropic',{UseBearer:true}]],m:{use:['OpenAI']}}"), {}},
        {with("{use:['TOOLUSE',['openrouter',{provider:{}}],['customparams',{a:{b:1}}],"
              "['sampling',{top_k:5,temperature:'0.5'}],['thinktag',{mode:'Keep',tags:['x']}]]}"),
         {}},
        {with("{use:[['Anthropic',{UseBearer:'x'}]]}"),
         {"2:43: error: Providers[0].transformer.use[0].UseBearer: expected true or false"}},
        {with("{use:['tooluze']}"),
         {"2:19: error: Providers[0].transformer.use[0]: there is no transformer tooluze; remove "
          "it, or say what the provider needs by customparams, Providers[].profile or "
          "Providers[].headers (did you mean \"tooluse\"?)"}},
        {with("{use:[['deepseek',{x:1}],['sampling',{top:1}]]}"),
         {"2:32: error: Providers[0].transformer.use[0].x: transformer deepseek has no such option",
          "2:51: error: Providers[0].transformer.use[1].top: transformer sampling has no such "
          "option (did you mean \"top_p\"?)"}},
        {with("{use:[['thinktag',{mode:'drop'}],['sampling',{top_p:'x'}]]}"),
         {"2:37: error: Providers[0].transformer.use[0].mode: expected one of strip convert keep",
          "2:65: error: Providers[0].transformer.use[1].top_p: expected a number"}},
        {with("{use:['maxtoken',['maxtoken',{max_tokens:0}]]}"),
         {"2:19: error: Providers[0].transformer.use[0]: maxtoken needs {max_tokens: ...}",
          "2:54: error: Providers[0].transformer.use[1].max_tokens: expected a whole number from 1 "
          "to 1000000000"}},
        {with("{m:{use:[5]}}"),
         {"2:22: error: Providers[0].transformer.m.use[0]: expected a name or [\"name\", "
          "{options}], found a number"}},
        {with("{m:{use:['gemini']}}"),
         {"2:22: error: Providers[0].transformer.m.use[0]: a provider speaks one protocol: "
          "transformer "
          "gemini cannot stand in the list of one model; make a provider of its own for that "
          "model"}},
        {with("{use:'deepseek'}"),
         {"2:18: error: Providers[0].transformer.use: expected an array, found a string"}},
    });
}

TEST(Load, FindsTheProxy) {
    const auto proxy = [](std::string_view text, testing::Variables values) {
        const Loaded loaded = load(text, std::move(values));
        if (!loaded.ok()) return messages(loaded).front();
        return std::string(loaded.config->proxy.url.reveal()) +
               (loaded.config->proxy.https_only ? " https only" : "") + " not " +
               std::to_string(loaded.config->proxy.no_proxy.size());
    };
    EXPECT_EQ(proxy("{}", {}), " not 0");
    EXPECT_EQ(proxy("{PROXY_URL:'p:1'}", {{"HTTPS_PROXY", "http://e:2"}}), "http://p:1 not 0");
    EXPECT_EQ(proxy("{httpsProxy:'http://p:1'}", {{"NO_PROXY", "a,b"}}), "http://p:1 not 2");
    EXPECT_EQ(proxy("{}", {{"HTTPS_PROXY", "http://e:2"}}), "http://e:2 https only not 0");
    EXPECT_EQ(proxy("{NO_PROXY:['a']}", {{"https_proxy", "e:2"}, {"no_proxy", "x,y"}}),
              "http://e:2 https only not 1");
    EXPECT_EQ(proxy("{PROXY_URL:'https://p:1'}", {}),
              "1:12: error: PROXY_URL: a proxy is reached by http://, not https://");
}

TEST(Load, AllProblemsComeAtOnceInFileOrder) {
    const Loaded loaded = load(
        "{\n"
        "  Router: {default: 'nobody,m'},\n"
        "  PORT: 'x',\n"
        "  Providers: [{name: 'p'}],\n"
        "  LOGG: 1,\n"
        "}");
    EXPECT_FALSE(loaded.ok());
    EXPECT_EQ(messages(loaded),
              (Lines{"2:21: error: Router.default: no provider is named nobody",
                     "3:9: error: PORT: expected a whole number, found a string",
                     "4:15: error: Providers[0]: api_base_url is missing",
                     "5:3: warning: LOGG: unknown key, ignored (did you mean \"LOG\"?)"}));
}

// Loads a config in which the canary stands where `before` and `after` put it.
void expect_kept_quiet(std::string before, std::string_view after) {
    const std::string canary = "canary-5ec2e7";
    before += ":'";
    before += canary;
    before += '\'';
    before += after;
    for (const std::string& line : messages(load(before))) {
        EXPECT_EQ(line.find(canary), std::string::npos) << line;
    }
}

TEST(Load, NeverRepeatsASecret) {
    for (const std::string key :
         {"PORT", "LOG", "LOG_LEVEL", "APIKEY", "PROXY_URL", "idleTimeoutMs", "Providers", "Router",
          "unknown", "allowedHosts", "transformers", "threads"}) {
        expect_kept_quiet("{" + key, "}");
    }
    for (const std::string key : {"api_key", "api_keys", "headers", "models", "protocol", "profile",
                                  "transformer", "tls", "api_base_url"}) {
        expect_kept_quiet("{Providers:[{name:'p'," + key, "}]}");
    }
}

}  // namespace
}  // namespace ccr::config
