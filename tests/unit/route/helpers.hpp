// SPDX-License-Identifier: MIT
// Directories and requests from their texts.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

#include "common/config/load.hpp"
#include "daemon/chat/request.hpp"
#include "daemon/dialect/anthropic.hpp"
#include "daemon/route/plan.hpp"

namespace ccr::route::testing {

inline std::shared_ptr<const Directory> directory(std::string_view text) {
    const auto loaded = config::load_text(text, "test.json");
    EXPECT_TRUE(loaded.ok()) << (loaded.problems.empty() ? "" : format(loaded.problems.front()));
    auto built = Directory::build(loaded.config);
    EXPECT_TRUE(built) << (built ? "" : built.error().chain());
    return built ? *built : nullptr;
}

inline std::unique_ptr<chat::Request> request(std::string body) {
    auto chat = std::make_unique<chat::Request>();
    const auto decoded = dialect::anthropic::decode_count_request(std::move(body), *chat);
    EXPECT_TRUE(decoded) << (decoded ? "" : decoded.error().chain());
    return chat;
}

// "provider,model" of a plan's target.
inline std::string target(const Plan& plan) {
    if (plan.candidates.empty()) return {};
    return plan.candidates.front().provider->config->name + "," + plan.candidates.front().model;
}

}  // namespace ccr::route::testing
