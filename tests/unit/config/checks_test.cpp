// SPDX-License-Identifier: MIT
// What is accepted, warned about and refused, where one value depends on another.
#include <gtest/gtest.h>

#include "tests/unit/config/helpers.hpp"

namespace ccr::config {
namespace {

using testing::load;
using testing::messages;
using Lines = std::vector<std::string>;

struct Complaint {
    std::string text;
    Lines problems;
};

void expect_all(const std::vector<Complaint>& complaints) {
    for (const Complaint& c : complaints)
        EXPECT_EQ(messages(load(c.text)), c.problems) << c.text;
}

TEST(Checks, ChecksRoutes) {
    const std::string head =
        "{Providers:[{name:'local',api_base_url:'http://127.0.0.1:1',models:['small','large']},"
        "{name:'any',api_base_url:'http://127.0.0.1:2',models:['small']},"
        "{name:'all',api_base_url:'http://127.0.0.1:3'}],\n";
    expect_all({
        {head + "Router:{default:'locl,small'}}",
         {"2:17: error: Router.default: no provider is named locl (did you mean \"local\"?)"}},
        {head + "Router:{default:'large',think:' Local , small '}}", {}},
        {head + "Router:{default:'small'}}",
         {"2:17: error: Router.default: expected \"provider,model\", or a model that one provider "
          "lists, but local and any list it"}},
        {head + "Router:{default:'all,a,b',think:'local,smal'}}",
         {"2:33: warning: Router.think: provider local does not list model smal; it is sent as it "
          "is (did you mean \"small\"?)"}},
        {head + "Router:{default:',m',image:'',webSearch:' '}}",
         {"2:17: error: Router.default: expected \"provider,model\", or a model that one provider "
          "lists"}},
        {head + "Router:{default:'large',think:'anyy,m',tiers:['large','x,y','local,large']}}",
         {"2:31: warning: Router.think: no provider is named anyy; requests that take this route "
          "are refused (did you mean \"any\"?)",
          "2:55: warning: Router.tiers[1]: no provider is named x; left out",
          "2:61: warning: Router.tiers[2]: local,large stands here twice"}},
        {head + "Router:{default:'large',thinkEffort:'hihg'}}",
         {"2:37: error: Router.thinkEffort: unknown effort; use low, medium, high, xhigh, max or "
          "never (did you mean \"high\"?)"}},
        {head + "Router:{default:'large'},fallback:{thinc:[],default:['x,y']}}",
         {"2:36: warning: fallback.thinc: there is no such route (did you mean \"think\"?)",
          "2:54: warning: fallback.default[0]: no provider is named x; left out"}},
        {head + "Router:{default:'large'},Presets:{'a/b':{route:'large'},c:{},_comment:'x'}}",
         {"2:35: error: Presets.a/b: a preset's name is 1 to 64 letters, digits, dots, underscores "
          "and hyphens, not . or ..",
          "2:57: error: Presets.c: route is missing"}},
    });
}

TEST(Checks, ListensBeyondLoopbackWithAKeyOnly) {
    for (const std::string host : {"0.0.0.0", "::", "192.168.1.5", "router.example"}) {
        const std::string text = "1:8: error: HOST: anyone who can reach " + host +
                                 " could use your provider keys, because APIKEY is not set; set "
                                 "APIKEY, or set HOST to 127.0.0.1";
        for (const std::string key : {"", ", APIKEY: ''", ", APIKEY: '  '"}) {
            const Loaded open = load("{HOST: '" + host + "'" + key + "}");
            EXPECT_EQ(messages(open), Lines{text}) << host;
            EXPECT_FALSE(open.ok());
        }
        EXPECT_EQ(load("{HOST: '" + host + "', APIKEY: 'k'}").config->server.host, host);
    }
    for (const std::string host : {"127.0.0.1", "localhost", "::1", "127.1.2.3"}) {
        EXPECT_EQ(load("{HOST: '" + host + "'}").config->server.host, host);
    }
    EXPECT_EQ(load("{HOST: ''}").config->server.host, "127.0.0.1");
}

TEST(Checks, NamesOfTiersAliasesAndEfforts) {
    const std::string head =
        "{Providers:[{name:'local',tier_name:'gold',api_base_url:'http://x/v1',models:['m']},\n"
        "{name:'other',protocol:'anthropic',api_base_url:'http://y'}],\n";
    expect_all({
        {head + "Router:{default:'m',tierRetries:{'tier-0':{},Gold:{},LOCAL:{},gond:{}}}}",
         {"3:63: warning: Router.tierRetries.gond: no provider or tier_name is called that; write "
          "tier-N or one of them (did you mean \"gold\"?)"}},
        {head + "Router:{default:'m',tierRetries:{gold:{backoff_multiplier:0.5}}}}",
         {"3:59: error: Router.tierRetries.gold.backoff_multiplier: must be between 1 and 100, not "
          "0.5"}},
        {head + "Router:{default:'m',modelAliases:{a:'m','b,c':'m',d:{},e:'locl,m'}}}",
         {"3:41: error: Router.modelAliases.b,c: a name must not be empty or have a comma in it",
          "3:51: error: Router.modelAliases.d: route is missing",
          "3:58: warning: Router.modelAliases.e: no provider is named locl; requests that take "
          "this route are refused (did you mean \"local\"?)"}},
        {"{Providers:[{name:'p',api_base_url:'http://x/v1',force_reasoning_effort:'hihg'},\n"
         "{name:'q',protocol:'anthropic',api_base_url:'http://y',force_reasoning_effort:'low'}],"
         "Router:{default:'p,m'}}",
         {"1:73: error: Providers[0].force_reasoning_effort: unknown effort; use none, minimal, "
          "low, medium, high, xhigh or max (did you mean \"high\"?)",
          "2:79: error: Providers[1].force_reasoning_effort: only providers that speak openai have "
          "it; clients of others say output_config.effort"}},
    });
}

TEST(Checks, TheEnvironmentMayChooseThePort) {
    EXPECT_EQ(load("{PORT: 5}", {{"SERVICE_PORT", "81"}}).config->server.port, 81);
    EXPECT_EQ(load("{PORT: 5}", {{"SERVICE_PORT", ""}}).config->server.port, 5);
    EXPECT_EQ(messages(load("{}", {{"SERVICE_PORT", "http"}})),
              Lines{" error: SERVICE_PORT in the environment: is no port number"});
}

TEST(Checks, RefusesJavaScriptTransformersLoudly) {
    expect_all({
        {"{CUSTOM_ROUTER_PATH: '', transformers: []}", {}},
        {"{transformers: [{path: '/x/t.js', options: {}}]}",
         {"1:17: error: transformers[0]: a JavaScript transformer cannot be loaded; remove it and "
          "use the built-in ones in Providers[].transformer (customparams, sampling, thinktag "
          "...), Providers[].profile or Providers[].headers"}},
        {"{plugins: [{name:'token-speed',enabled:true},{name:'x',enabled:true},{name:'y'}]}",
         {"1:2: warning: plugins: has no effect in this version; GET /v1/latencies has the speed "
          "of "
          "answers; CUSTOM_ROUTER chooses targets",
          "1:46: warning: plugins[1]: plugins cannot be loaded; choose targets by CUSTOM_ROUTER "
          "and "
          "change requests by Providers[].transformer"}},
    });
}

TEST(Checks, RefusesTokenizersThatItCannotRun) {
    const auto with = [](const std::string& tokenizer) {
        return "{Providers:[{name:'p',api_base_url:'https://x',\ntokenizer:" + tokenizer +
               "}],Router:{default:'p,m'}}";
    };
    const std::string instead =
        "; use {type: \"tiktoken\", encoding: \"o200k_base\"}, or remove it: the estimate learns "
        "from the counts that the provider reports";
    expect_all({
        {with("{default:{type:'tiktoken'},models:{m:{type:'tiktoken',encoding:'cl100k_base'}}}"),
         {}},
        {with("{default:{type:'huggingface',model:'a/b'}}"),
         {"2:26: error: Providers[0].tokenizer.default: tokenizers are not downloaded" + instead}},
        {with("{models:{m:{type:'api',url:'http://x'}}}"),
         {"2:28: error: Providers[0].tokenizer.models.m: tokens are not counted by a remote "
          "API" +
          instead}},
        {with("{default:{encoding:'x'}}"),
         {"2:20: error: Providers[0].tokenizer.default: type is missing" + instead}},
        {with("{default:{type:'tiktoken',encoding:'p50k_base'}}"),
         {"2:46: error: Providers[0].tokenizer.default.encoding: unknown encoding; use cl100k_base "
          "or o200k_base (did you mean \"o200k_base\"?)"}},
    });
}

TEST(Checks, RemarksAreNoMistakes) {
    const Loaded loaded = load(
        "{_comment:'x','//':1,$schema:'s',Providers:[{name:'p',api_base_url:'https://x',"
        "headers:{_comment:'h',A:'1'},transformer:{_comment:'t'}}],Router:{default:'p,m',"
        "_comment_a:'r',tierRetries:{_comment:'q',p:{max_retries:1}}}}");
    EXPECT_EQ(messages(loaded), Lines{});
    ASSERT_TRUE(loaded.ok());
    EXPECT_EQ(loaded.config->providers[0].headers.size(), 1U);
    EXPECT_EQ(loaded.config->extra.size(), 7U);
}

TEST(Checks, AnEmptyNumberIsAbsent) {
    const Loaded loaded = load("{PORT:'',LOG:'',Router:{longContextThreshold:''}}");
    EXPECT_EQ(messages(loaded), Lines{});
    EXPECT_EQ(loaded.config->server.port, 3456);
    EXPECT_EQ(loaded.config->router.long_context_threshold, 60'000U);
}

}  // namespace
}  // namespace ccr::config
