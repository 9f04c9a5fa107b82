// SPDX-License-Identifier: MIT
#include "daemon/stats/exposition.hpp"

#include <gtest/gtest.h>

#include <array>

#include "daemon/stats/book.hpp"

namespace ccr::stats {
namespace {

TEST(Exposition, EscapesLabelValues) {
    Exposition out(Format::prometheus_text);
    out.family(Kind::gauge, "g", "a\nb \"c\"");
    out.sample({{"l", "a\"b\\c\nd"}}, std::uint64_t{1});
    EXPECT_EQ(out.finish(), "# HELP g a\\nb \"c\"\n# TYPE g gauge\ng{l=\"a\\\"b\\\\c\\nd\"} 1\n");
}

TEST(Exposition, BoundsHaveNoExponent) {
    Exposition out(Format::open_metrics);
    out.family(Kind::histogram, "h", "h");
    const std::array<double, 3> bounds{0.00025, 0.0005, 600};
    const std::array<std::uint64_t, 4> counts{1, 0, 0, 0};
    out.histogram({"l", "v"}, bounds, counts, 0);
    const std::string page = out.finish();
    for (const std::string bound : {"0.00025", "0.0005", "600.0"})
        EXPECT_NE(page.find("le=\"" + bound + "\"} 1"), std::string::npos) << page;
}

TEST(Exposition, TheFormatIsChosenByAccept) {
    EXPECT_EQ(format_for(""), Format::prometheus_text);
    EXPECT_EQ(format_for("*/*"), Format::prometheus_text);
    EXPECT_EQ(format_for("application/openmetrics-text;version=1.0.0;q=0.5,text/plain;q=0.3"),
              Format::open_metrics);
}

TEST(Reason, EveryKindOfErrorHasOne) {
    EXPECT_EQ(reason_of(ErrorKind::timeout), Reason::timeout);
    EXPECT_EQ(reason_of(ErrorKind::resolve), Reason::connect);
    EXPECT_EQ(reason_of(ErrorKind::connect), Reason::connect);
    EXPECT_EQ(reason_of(ErrorKind::tls), Reason::tls);
    EXPECT_EQ(reason_of(ErrorKind::eof), Reason::reset);
    EXPECT_EQ(reason_of(ErrorKind::rate_limited), Reason::rate_limited);
    EXPECT_EQ(reason_of(ErrorKind::overloaded), Reason::overloaded);
    EXPECT_EQ(reason_of(ErrorKind::server_error), Reason::server_error);
    EXPECT_EQ(reason_of(ErrorKind::billing), Reason::auth);
    EXPECT_EQ(reason_of(ErrorKind::model_missing), Reason::not_found);
    EXPECT_EQ(reason_of(ErrorKind::rejected), Reason::invalid_request);
    EXPECT_EQ(reason_of(ErrorKind::context_overflow), Reason::context_overflow);
    EXPECT_EQ(reason_of(ErrorKind::malformed), Reason::malformed);
    EXPECT_EQ(reason_of(ErrorKind::cancelled), Reason::cancelled);
}

}  // namespace
}  // namespace ccr::stats
