// SPDX-License-Identifier: MIT
#include "daemon/proxy/adapt.hpp"

#include <gtest/gtest.h>

namespace ccr::proxy {
namespace {

Error refused(const char* feature) {
    return {ErrorKind::capability, std::string("capability_rejected: ") + feature};
}

TEST(Adapt, KnowsEachFeatureByItsToken) {
    EXPECT_EQ(refused_feature(refused("cache_control_field")), feature::cache_control);
    EXPECT_EQ(refused_feature(refused("thinking_type:enabled")), feature::thinking_enabled);
    EXPECT_EQ(refused_feature(refused("thinking_type:adaptive")), feature::thinking_adaptive);
    EXPECT_EQ(refused_feature(refused("effort_unsupported")), feature::effort);
    EXPECT_EQ(refused_feature(refused("structured_outputs_unsupported")), feature::schema);
    EXPECT_EQ(refused_feature(refused("image_block")), feature::images);
    EXPECT_EQ(refused_feature(refused("document_block")), feature::documents);
    EXPECT_EQ(refused_feature(refused("thinking_signature")), feature::signatures);
    EXPECT_EQ(refused_feature(refused("mid_conv_system")), feature::mid_system);
    EXPECT_EQ(refused_feature(refused("reasoning_summary")), feature::summary);
    EXPECT_EQ(refused_feature(refused("media_budget")), 0U);
    EXPECT_EQ(refused_feature(Error(ErrorKind::capability, "images?")), 0U);
}

TEST(Adapt, LeavesFeaturesOutOfATranslatedRequest) {
    chat::Request chat;
    dialect::Profile profile;
    profile.thinking = dialect::ThinkingStyle::reasoning_effort;
    profile.cache_breakpoints = true;
    dialect::Overlay overlay;
    EXPECT_TRUE(leave_out(feature::effort | feature::images | feature::cache_control, false, chat,
                          profile, overlay));
    EXPECT_EQ(profile.thinking, dialect::ThinkingStyle::none);
    EXPECT_FALSE(profile.images);
    EXPECT_TRUE(overlay.drop_cache_control);
    EXPECT_FALSE(profile.cache_breakpoints);
    EXPECT_TRUE(leave_out(feature::schema, false, chat, profile, overlay));
    EXPECT_EQ(profile.json_output, dialect::JsonOutput::json_object);
    EXPECT_TRUE(leave_out(feature::summary, false, chat, profile, overlay));
    EXPECT_FALSE(profile.reasoning_summary);
    EXPECT_FALSE(leave_out(feature::summary, true, chat, profile, overlay));
}

TEST(Adapt, FlipsTheWayToAskForThinking) {
    chat::Request chat;
    chat.max_tokens = 32'000;
    for (const bool adaptive : {true, false}) {
        dialect::Profile profile;
        dialect::Overlay overlay;
        const auto refused = adaptive ? feature::thinking_adaptive : feature::thinking_enabled;
        EXPECT_TRUE(leave_out(refused, true, chat, profile, overlay));
        ASSERT_EQ(overlay.members.size(), 1U);
        EXPECT_EQ(overlay.members[0].key, "thinking");
        EXPECT_EQ(overlay.members[0].value->find("type")->text, adaptive ? "enabled" : "adaptive");
    }
    chat.max_tokens = 1000;
    dialect::Profile profile;
    dialect::Overlay overlay;
    EXPECT_TRUE(leave_out(feature::thinking_adaptive, true, chat, profile, overlay));
    EXPECT_EQ(overlay.thinking, false) << "no room for a budget";
}

TEST(Adapt, GoesDownToTheOlderFormatOnce) {
    chat::Request chat;
    dialect::Profile profile;
    dialect::Overlay overlay;
    EXPECT_TRUE(leave_out(feature::effort, true, chat, profile, overlay));
    EXPECT_EQ(profile.anthropic_level, dialect::AnthropicLevel::y2024);
    EXPECT_FALSE(leave_out(feature::schema, true, chat, profile, overlay));
    EXPECT_FALSE(leave_out(feature::documents, true, chat, profile, overlay));
}

TEST(Adapt, ReadsHowMuchOutputIsAllowed) {
    const auto allowed = [](const char* text) {
        return allowed_max_tokens(Error(ErrorKind::max_tokens, text));
    };
    EXPECT_EQ(allowed("input length and `max_tokens` exceed context limit: 1000 + 8000 > 8192"),
              6192);
    EXPECT_EQ(allowed("max_tokens: 64000 > 8192, which is the maximum allowed number of output "
                      "tokens for m"),
              8192);
    EXPECT_EQ(allowed("input length and `max_tokens` exceed context limit: 7500 + 800 > 8192"),
              std::nullopt);
    EXPECT_EQ(allowed("too much"), std::nullopt);
}

}  // namespace
}  // namespace ccr::proxy
