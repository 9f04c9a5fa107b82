// SPDX-License-Identifier: MIT
#include "common/error_body.hpp"

#include <gtest/gtest.h>

namespace ccr {
namespace {

TEST(ErrorBody, IsTheEnvelopeWithTheKindsType) {
    EXPECT_EQ(error_body(Error(ErrorKind::not_found, "model: \"x\""), "req_1"),
              R"({"type":"error","error":{"type":"not_found_error","message":"model: \"x\""},)"
              R"("request_id":"req_1"})");
}

TEST(ErrorBody, CarriesOurCodesAndNoneOfAProvider) {
    Error error(ErrorKind::not_found, "no such thread");
    error.code = "thread_not_found";
    EXPECT_NE(error_body(error, "r").find(R"("details":{"error_code":"thread_not_found"})"),
              std::string::npos);
    error.kind = ErrorKind::model_missing;
    EXPECT_EQ(error_body(error, "r").find("details"), std::string::npos);
}

TEST(ErrorBody, IsValidUtf8WhateverTheMessage) {
    EXPECT_NE(error_body(Error(ErrorKind::internal, "a\xFF"), "r").find("a\xEF\xBF\xBD"),
              std::string::npos);
}

}  // namespace
}  // namespace ccr
