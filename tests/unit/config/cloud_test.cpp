// SPDX-License-Identifier: MIT
// Providers whose URL names the model: Gemini, Vertex AI, Azure.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "common/config/load.hpp"

namespace ccr::config {
namespace {

Loaded load(const std::string& provider) {
    return load_text(
        "{Providers:[{name:'p',models:['m']," + provider + "}],Router:{default:'p,m'}}",
        "config.json");
}

std::string problems_of(const Loaded& loaded) {
    std::string out;
    for (const Problem& problem : loaded.problems)
        out += format(problem) + "\n";
    return out;
}

// A key pair is not needed to read credentials, only to sign with them.
const std::string account =
    R"({"type":"service_account","project_id":"proj","client_email":"a@b","private_key":"SECRET",)"
    R"("token_uri":"https://oauth2.googleapis.com/token"})";

TEST(CloudProvider, GeminiTargetsFromAnyFormOfTheUrl) {
    struct Case {
        const char* url;
        const char* whole;
        const char* streamed;
    };
    const std::vector<Case> cases{
        {"https://generativelanguage.googleapis.com/v1beta/models/",
         "/v1beta/models/g:generateContent", "/v1beta/models/g:streamGenerateContent?alt=sse"},
        {"https://generativelanguage.googleapis.com", "/v1beta/models/g:generateContent",
         "/v1beta/models/g:streamGenerateContent?alt=sse"},
        {"https://generativelanguage.googleapis.com/v1", "/v1/models/g:generateContent",
         "/v1/models/g:streamGenerateContent?alt=sse"},
        {"https://x/gw/v1beta/models/other:streamGenerateContent?alt=sse&key=SECRET&y=1",
         "/gw/v1beta/models/g:generateContent?y=1",
         "/gw/v1beta/models/g:streamGenerateContent?alt=sse&y=1"},
        {"https://x/gw/", "/gw/v1beta/models/g:generateContent",
         "/gw/v1beta/models/g:streamGenerateContent?alt=sse"},
    };
    for (const Case& c : cases) {
        const Loaded loaded =
            load(std::string("protocol:'gemini',api_key:'k',api_base_url:'") + c.url + "'");
        ASSERT_TRUE(loaded.ok()) << problems_of(loaded);
        const Provider& provider = loaded.config->providers[0];
        EXPECT_EQ(provider.request_target("g", false), c.whole) << c.url;
        EXPECT_EQ(provider.request_target("models/g", true), c.streamed) << c.url;
        EXPECT_EQ(provider.auth, Auth::goog_api_key);
        EXPECT_NE(provider.endpoint.target.find("/models/{model}:generateContent"),
                  std::string::npos);
        EXPECT_EQ(problems_of(loaded).find("SECRET"), std::string::npos);
        const bool warned = problems_of(loaded).find("the key in the URL") != std::string::npos;
        EXPECT_EQ(warned, std::string(c.url).find("key=") != std::string::npos);
    }
}

TEST(CloudProvider, ModelNamesCannotLeaveTheirSegment) {
    const Loaded loaded = load("protocol:'gemini',api_base_url:'https://x'");
    ASSERT_TRUE(loaded.ok());
    EXPECT_EQ(loaded.config->providers[0].request_target("../x?y=\r\n#:%", false),
              "/v1beta/models/..%2Fx%3Fy%3D%0D%0A%23%3A%25:generateContent");
}

TEST(CloudProvider, AzureTargets) {
    struct Case {
        const char* url;
        const char* target;
    };
    const std::vector<Case> cases{
        {"https://r.openai.azure.com",
         "/openai/deployments/m%20x/chat/completions?api-version=2024-10-21"},
        {"https://r.openai.azure.com/openai/?api-version=2025-01-01-preview",
         "/openai/deployments/m%20x/chat/completions?api-version=2025-01-01-preview"},
        {"https://r.openai.azure.com/openai/deployments/d",
         "/openai/deployments/d/chat/completions?api-version=2024-10-21"},
        {"https://r.openai.azure.com/openai/deployments/d/chat/completions?api-version=v",
         "/openai/deployments/d/chat/completions?api-version=v"},
        {"https://r.openai.azure.com/openai/v1", "/openai/v1/chat/completions"},
    };
    for (const Case& c : cases) {
        const Loaded loaded = load(std::string("api_key:'k',api_base_url:'") + c.url + "'");
        ASSERT_TRUE(loaded.ok()) << problems_of(loaded);
        EXPECT_EQ(loaded.config->providers[0].request_target("m x", true), c.target) << c.url;
        EXPECT_EQ(loaded.config->providers[0].auth, Auth::api_key);
    }
    // Responses names the model in its body; a URL with a deployment in it leaves no choice.
    const auto beside = [](const std::string& url) {
        return load("api_key:'k',api_base_url:'" + url + "'").config->providers[0].responses_target;
    };
    EXPECT_EQ(beside("https://r.openai.azure.com"), "/openai/v1/responses");
    EXPECT_EQ(beside("https://r.openai.azure.com/openai/v1/?api-version=preview"),
              "/openai/v1/responses");
    EXPECT_EQ(beside("https://r.openai.azure.com/openai/deployments/d"), "");
    const Loaded entra =
        load("api_key:'k',auth_header:'authorization',api_base_url:'https://r.openai.azure.com'");
    ASSERT_TRUE(entra.ok());
    EXPECT_EQ(entra.config->providers[0].auth, Auth::usual);
}

TEST(CloudProvider, AzureInTheResponsesFormat) {
    for (const auto& [url, target] : std::initializer_list<std::pair<std::string, std::string>>{
             {"https://r.openai.azure.com", "/openai/v1/responses"},
             {"https://r.openai.azure.com/openai/deployments/d/chat/completions?api-version=v",
              "/openai/v1/responses"},
             {"https://r.openai.azure.com/openai/responses?api-version=2025-04-01-preview",
              "/openai/responses?api-version=2025-04-01-preview"}}) {
        const Loaded loaded =
            load("api_key:'k',protocol:'openai-responses',api_base_url:'" + url + "'");
        ASSERT_TRUE(loaded.ok()) << problems_of(loaded);
        EXPECT_EQ(loaded.config->providers[0].request_target("m", true), target) << url;
        EXPECT_EQ(loaded.config->providers[0].auth, Auth::api_key);
    }
}

std::string google(const std::string& form, const std::string& more) {
    return "transformer:{use:['" + form + "']},google:{credentials:'" + account + "'" + more + "}";
}

TEST(CloudProvider, VertexTargets) {
    struct Case {
        std::string provider;
        const char* host;
        const char* target;
    };
    const std::vector<Case> cases{
        {google("vertex-gemini", ""), "us-central1-aiplatform.googleapis.com",
         "/v1beta1/projects/proj/locations/us-central1/publishers/google/models/"
         "m:streamGenerateContent?alt=sse"},
        {google("Vertex-Claude", ",location:'global',project:'other'"), "aiplatform.googleapis.com",
         "/v1/projects/other/locations/global/publishers/anthropic/models/m:streamRawPredict"},
        {google("vertex-openai", ""), "us-central1-aiplatform.googleapis.com",
         "/v1/projects/proj/locations/us-central1/endpoints/openapi/chat/completions"},
        {google("vertex-gemini", "") + ",api_base_url:'https://proxy.example/v1'", "proxy.example",
         "/v1/projects/proj/locations/us-central1/publishers/google/models/"
         "m:streamGenerateContent?alt=sse"},
    };
    for (const Case& c : cases) {
        const Loaded loaded = load(c.provider);
        ASSERT_TRUE(loaded.ok()) << problems_of(loaded);
        const Provider& provider = loaded.config->providers[0];
        EXPECT_EQ(provider.unsupported, "");
        EXPECT_EQ(provider.endpoint.host, c.host);
        EXPECT_EQ(provider.request_target("m", true), c.target);
        EXPECT_EQ(provider.auth, Auth::google_account);
        EXPECT_EQ(provider.google.client, "a@b");
    }
    EXPECT_TRUE(load(google("vertex-claude", "")).config->providers[0].model_in_url_only);
}

TEST(CloudProvider, CredentialsComeFromAFileToo) {
    const auto file = std::filesystem::temp_directory_path() / "ccr-cloud-test-account.json";
    std::ofstream(file) << account;
    const Loaded loaded =
        load("protocol:'vertex-gemini',google:{credentials:'" + file.string() + "'}");
    std::filesystem::remove(file);
    ASSERT_TRUE(loaded.ok()) << problems_of(loaded);
    EXPECT_EQ(loaded.config->providers[0].google.kind, GoogleAccount::Kind::service_account);
}

TEST(CloudProvider, UnusableCredentialsAreNamedAndNotShown) {
    for (const std::string& bad :
         {std::string("/no/such/file.json"), std::string(R"({"type":"service_account"})"),
          std::string(R"({"type":"external_account","x":"SECRET"})"),
          std::string(R"({"type":"service_account","client_email":"a","private_key":"SECRET",)"
                      R"("token_uri":"http://evil.example/"})")}) {
        const Loaded loaded =
            load("protocol:'vertex-gemini',google:{project:'p',credentials:'" + bad + "'}");
        EXPECT_FALSE(loaded.ok()) << bad;
        EXPECT_NE(problems_of(loaded).find("google.credentials"), std::string::npos);
        EXPECT_EQ(problems_of(loaded).find("SECRET"), std::string::npos);
    }
}

}  // namespace
}  // namespace ccr::config
