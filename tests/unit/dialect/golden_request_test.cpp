// SPDX-License-Identifier: MIT
// Golden pairs: tests/data/dialect/request/<name>/{client.json,provider.json}. The client's file
// may begin with a line `// profile model door`; the door is Anthropic's if none is said.
// `@seal:family:payload@` stands for a sealed signature.
// CCR_UPDATE_GOLDEN=1 in the environment writes the provider's side anew; look at the diff.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "daemon/dialect/anthropic.hpp"
#include "daemon/dialect/envelope.hpp"
#include "tests/testing/request_run.hpp"

namespace ccr::dialect {
namespace {

using testing::RequestRun;

const std::filesystem::path directory = CCR_TEST_DATA "/dialect/request";

std::vector<std::string> cases() {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(directory))
        names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
}

std::string with_seals(std::string text) {
    constexpr std::string_view mark = "@seal:";
    for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at)) {
        const auto family = at + mark.size();
        const auto colon = text.find(':', family);
        const auto end = text.find('@', colon);
        const std::string payload = json::unescape(text.substr(colon + 1, end - colon - 1));
        text.replace(
            at, end + 1 - at,
            seal(testing::test_envelope_key, text.substr(family, colon - family), payload));
    }
    return text;
}

Result<Encoded> for_anthropic(RequestRun& run, std::string_view model) {
    EncodeOptions options;
    options.model = model;
    options.profile = profile_named("anthropic");
    options.envelope_key = testing::test_envelope_key;
    return anthropic::encode_request(run.request(), options);
}

class GoldenRequest : public ::testing::TestWithParam<std::string> {};

TEST_P(GoldenRequest, EncodesAsRecorded) {
    std::string client = with_seals(testing::read_file(directory / GetParam() / "client.json"));
    std::string profile = "openai-compatible";
    std::string model = "test-model";
    std::string door = "anthropic";
    if (client.starts_with("//")) {
        std::istringstream first(client.substr(2, client.find('\n') - 2));
        first >> profile >> model >> door;
        client.erase(0, client.find('\n'));
    }
    RequestRun run(client, door);
    ASSERT_TRUE(run.decoded()) << run.decoded().error().detail;
    const auto encoded =
        profile == "anthropic" ? for_anthropic(run, model) : run.encode(profile, model);
    ASSERT_TRUE(encoded) << encoded.error().detail;

    const auto expected_file = directory / GetParam() / "provider.json";
    if (std::getenv("CCR_UPDATE_GOLDEN") != nullptr) {
        std::ofstream(expected_file, std::ios::binary) << testing::pretty(encoded->body);
    }
    EXPECT_EQ(testing::pretty(encoded->body), testing::pretty(testing::read_file(expected_file)));
}

INSTANTIATE_TEST_SUITE_P(Blocks, GoldenRequest, ::testing::ValuesIn(cases()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace ccr::dialect
