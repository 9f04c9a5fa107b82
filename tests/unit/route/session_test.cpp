// SPDX-License-Identifier: MIT
#include "daemon/route/session.hpp"

#include <gtest/gtest.h>

namespace ccr::route {
namespace {

struct Case {
    const char* name;
    std::string header;
    std::string user_id;
    std::string id;
};

class SessionId : public testing::TestWithParam<Case> {};

TEST_P(SessionId, IsFound) {
    EXPECT_EQ(session_id(GetParam().header, GetParam().user_id), GetParam().id);
}

const std::string json_user =
    R"({"device_id":"00ff","account_uuid":"","session_id":"11111111-2222-4333-8444-555555555555"})";

INSTANTIATE_TEST_SUITE_P(
    Sources, SessionId,
    testing::Values(Case{"header", "abc-1", json_user, "abc-1"},
                    Case{"header_trimmed", " abc-1 ", "", "abc-1"},
                    Case{"json", "", json_user, "11111111-2222-4333-8444-555555555555"},
                    Case{"old_mark", "", "user_00ff_account__session_abc-2", "abc-2"},
                    Case{"up_to_the_next_mark", "", "u_session_one_session_two", "one"},
                    Case{"none", "", "somebody", ""}, Case{"empty", "", "", ""},
                    Case{"empty_behind_mark", "", "u_session_", ""},
                    Case{"bad_header_then_json", "../../etc", json_user,
                         "11111111-2222-4333-8444-555555555555"},
                    Case{"path_in_mark", "", "u_session_../../../etc/passwd", ""},
                    Case{"path_in_json", "", R"({"session_id":"a/b"})", ""},
                    Case{"dots", "..", "", ""}, Case{"nul", std::string("a\0b", 3), "", ""},
                    Case{"longest", std::string(128, 'a'), "", std::string(128, 'a')},
                    Case{"too_long", std::string(129, 'a'), "", ""},
                    Case{"json_is_no_object", "", "{\"session_id\":", ""},
                    Case{"json_of_another_type", "", R"({"session_id":7})", ""}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace ccr::route
