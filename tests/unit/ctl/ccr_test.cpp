// SPDX-License-Identifier: MIT
// The built `ccr` as a user runs it: output, messages and exit codes.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace ccr {
namespace {

struct Ran {
    int code = -1;
    std::string out;  // both streams where the command line joins them
};

// `environment` is shell syntax in front of the command.
Ran run(const std::string& arguments, const std::string& environment = "") {
    std::string line = environment;
    line += " '" CCR_BUILD_DIR "/ctl/ccr' ";
    line += arguments;
    Ran ran;
    FILE* pipe = ::popen(line.c_str(), "r");
    if (pipe == nullptr) return ran;
    char piece[4096];
    for (std::size_t n = std::fread(piece, 1, sizeof piece, pipe); n > 0;
         n = std::fread(piece, 1, sizeof piece, pipe)) {
        ran.out.append(piece, n);
    }
    const int status = ::pclose(pipe);
    if (WIFEXITED(status)) ran.code = WEXITSTATUS(status);
    return ran;
}

class Ccr : public ::testing::Test {
  protected:
    void SetUp() override {
        std::string pattern = (std::filesystem::temp_directory_path() / "ccr-ctl-XXXXXX").string();
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        directory_ = pattern;
    }
    void TearDown() override { std::filesystem::remove_all(directory_); }
    // The path of a private config file with this text.
    std::string config(std::string_view text) {
        const std::filesystem::path path = directory_ / "config.json";
        std::ofstream(path) << text;
        std::filesystem::permissions(path, std::filesystem::perms::owner_read);
        return path.string();
    }

    std::filesystem::path directory_;
};

TEST_F(Ccr, PrintsItsVersion) {
    EXPECT_EQ(run("version").out, "ccr " CCR_VERSION "\n");
    EXPECT_EQ(run("-v").out, "ccr " CCR_VERSION "\n");
    EXPECT_EQ(run("--version").code, 0);
    EXPECT_EQ(run("version --json").out, "{\"version\":\"" CCR_VERSION "\"}\n");
}

TEST_F(Ccr, HelpGoesToStdoutAndFitsATerminal) {
    const Ran ran = run("--help 2>/dev/null");
    EXPECT_EQ(ran.code, 0);
    EXPECT_EQ(run("-h 2>/dev/null").out, ran.out);
    std::size_t start = 0;
    for (std::size_t end = ran.out.find('\n'); end != std::string::npos;
         end = ran.out.find('\n', start)) {
        EXPECT_LE(end - start, 80U) << ran.out.substr(start, end - start);
        start = end + 1;
    }
    for (const char* command : {"activate", "check", "config", "version"}) {
        EXPECT_NE(ran.out.find(command), std::string::npos) << command;
    }
}

TEST_F(Ccr, UsageErrorsExitWithTwoAndExplain) {
    EXPECT_EQ(run("2>/dev/null").code, 2);
    EXPECT_EQ(run("check --bogus 2>/dev/null").code, 2);
    const Ran unknown = run("bogus 2>&1");
    EXPECT_EQ(unknown.code, 2);
    EXPECT_EQ(unknown.out, "ccr: unknown command bogus; ccr -h lists them\n");
}

TEST_F(Ccr, CheckShowsWhereRequestsWillGo) {
    const std::string path = config(
        "{Providers:[{name:'p',api_base_url:'https://api.example/v1?key=canary',api_key:'canary',"
        "models:['m']}],Router:{default:'p,m'}}");
    const Ran ran = run("check " + path + " 2>&1");
    EXPECT_EQ(ran.code, 0);
    EXPECT_EQ(ran.out, path +
                           ": ok\n"
                           "  p  POST https://api.example/v1/chat/completions  (openai, from "
                           "default)\n"
                           "  default route  p,m\n");
    const Ran json = run("check --json " + path + " 2>&1");
    EXPECT_EQ(json.out,
              "{\"file\":\"" + path +
                  "\",\"ok\":true,\"problems\":[],\"providers\":[{\"name\":\"p\",\"protocol\":"
                  "\"openai\",\"protocol_from\":\"default\",\"endpoint\":"
                  "\"https://api.example/v1/chat/completions\",\"keys\":1,\"models\":[\"m\"]}],"
                  "\"routes\":{\"default\":\"p,m\"}}\n");
}

TEST_F(Ccr, CheckPrintsEveryProblemAndExitsWith78) {
    const std::string path = config("{PORT: 'x',\n PROT: 1}");
    const Ran ran = run("check " + path + " 2>&1");
    EXPECT_EQ(ran.code, 78);
    EXPECT_EQ(ran.out, path + ":1:8: error: PORT: expected a whole number, found a string\n" +
                           path +
                           ":2:2: warning: PROT: unknown key, ignored (did you mean \"PORT\"?)\n");
    const Ran json = run("check --json " + path + " 2>&1");
    EXPECT_EQ(json.code, 78);
    EXPECT_EQ(json.out,
              "{\"file\":\"" + path +
                  "\",\"ok\":false,\"problems\":[{\"severity\":\"error\","
                  "\"file\":\"" +
                  path +
                  "\",\"line\":1,\"column\":8,\"path\":\"PORT\",\"message\":\"expected a whole "
                  "number, found a string\",\"suggestion\":\"\"},{\"severity\":\"warning\","
                  "\"file\":\"" +
                  path +
                  "\",\"line\":2,\"column\":2,\"path\":\"PROT\",\"message\":\"unknown key, "
                  "ignored\",\"suggestion\":\"PORT\"}]}\n");
}

TEST_F(Ccr, ConfigPathFollowsTheSearchOrder) {
    EXPECT_EQ(run("config path", "env -u CCR_CONFIG HOME=/h").out,
              "/h/.claude-code-router/config.json\n");
    EXPECT_EQ(run("config path", "CCR_CONFIG=/c.json").out, "/c.json\n");
    EXPECT_EQ(run("config path --config o.json", "CCR_CONFIG=/c.json").out, "o.json\n");
}

TEST_F(Ccr, ActivatePrintsWhatAShellCanEvaluate) {
    const std::string path = config("{PORT: 4000, APIKEY: \"it's $home\", API_TIMEOUT_MS: 5000}");
    const Ran ran = run("activate --config " + path, "env -u NO_PROXY no_proxy=corp.example");
    EXPECT_EQ(ran.code, 0);
    EXPECT_EQ(ran.out,
              "export ANTHROPIC_BASE_URL='http://127.0.0.1:4000'\n"
              "export ANTHROPIC_AUTH_TOKEN='it'\\''s $home'\n"
              "export ANTHROPIC_API_KEY=''\n"
              "export API_TIMEOUT_MS='5000'\n"
              "export NO_PROXY='corp.example,127.0.0.1,localhost'\n"
              "export DISABLE_TELEMETRY='true'\n"
              "export DISABLE_ERROR_REPORTING='true'\n"
              "export DISABLE_COST_WARNINGS='true'\n"
              "export CLAUDE_CODE_GATEWAY_HINT_HEADERS='1'\n"
              "unset CLAUDE_CODE_USE_BEDROCK CLAUDE_CODE_USE_VERTEX\n");
    EXPECT_EQ(run("env --config " + path, "env -u NO_PROXY no_proxy=corp.example").out, ran.out);
}

TEST_F(Ccr, ActivateNamesAnAddressThatAClientCanReach) {
    const auto base = [this](std::string_view text) {
        std::filesystem::remove(directory_ / "config.json");
        const std::string out = run("activate --config " + config(text)).out;
        return out.substr(0, out.find('\n'));
    };
    EXPECT_EQ(base("{HOST:'0.0.0.0',APIKEY:'k'}"),
              "export ANTHROPIC_BASE_URL='http://127.0.0.1:3456'");
    EXPECT_EQ(base("{HOST:'::',APIKEY:'k'}"), "export ANTHROPIC_BASE_URL='http://[::1]:3456'");
    EXPECT_EQ(base("{HOST:'10.0.0.1',APIKEY:'k'}"),
              "export ANTHROPIC_BASE_URL='http://10.0.0.1:3456'");
}

TEST_F(Ccr, ActivatePrintsNothingToEvaluateWhenTheConfigIsBad) {
    EXPECT_EQ(run("activate --config /no/such 2>/dev/null").out, "");
    EXPECT_EQ(run("activate --config /no/such 2>/dev/null").code, 78);
    const Ran ran = run("activate --config " + config("{PORT: 0}") + " 2>/dev/null");
    EXPECT_EQ(ran.code, 78);
    EXPECT_EQ(ran.out, "");
}

}  // namespace
}  // namespace ccr
