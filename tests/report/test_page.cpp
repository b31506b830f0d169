#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "browser.hpp"
#include "core/file.hpp"
#include "report/chart.hpp"
#include "report/format.hpp"
#include "report/page.hpp"
#include "report/paper.hpp"
#include "report/terminal.hpp"
#include "temp_folder.hpp"

namespace ditmos::report {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Html, EscapesMarkupAndMendsBrokenBytes) {
  EXPECT_EQ(escape_html("<a href=\"x\">'&'</a>"), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;");
  EXPECT_EQ(escape_html("é\xff\xc3(\x01z\n"), "é\xef\xbf\xbd\xef\xbf\xbd(z\n");
  EXPECT_EQ(escape_html("\xed\xa0\x80"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd") << "a surrogate is no character";
  EXPECT_EQ(escape_html("\xf0\x9f\x99\x82"), "\xf0\x9f\x99\x82");
  EXPECT_EQ(escape_html("\xf0\x9f"), "\xef\xbf\xbd\xef\xbf\xbd");
}

TEST(Page, NoTextCanCloseTheScriptOrBecomeMarkup) {
  const std::string evil = "</script><script>alert(1)</script>";
  Page page(evil, evil);
  page.section(evil);
  page.text(evil);
  page.charts({bar_chart(evil, {evil}, {{evil, {1.0}, {}}}, {})});
  const std::string html = page.html();
  EXPECT_THAT(html, Not(HasSubstr("<script>alert")));
  EXPECT_THAT(html, HasSubstr("\\u003c/script>"));
}

TEST(Page, AsksForNothingFromTheNetwork) {
  Page page("offline");
  page.charts({bar_chart("bars", {"a"}, {{"s", {1.0}, {}}}, {})});
  const std::string html = page.html();
  for (const char* part : {"<link rel=stylesheet", "<script src", "@import", "url(http"}) EXPECT_THAT(html, Not(HasSubstr(part)));
}

TEST(Page, LeavesTheChartLibraryOutWhereThereIsNoChart) {
  Page page("plain");
  page.text("nothing to draw");
  EXPECT_LT(page.html().size(), 40000u);
}

TEST(Browser, ShowsTheErrorOfAPage) {
  REQUIRE_CHROMIUM();
  const TempFolder folder;
  Page page("broken");
  page.script("throw new Error('on purpose');");
  write_file_atomic(folder.path() / "page.html", page.html());
  EXPECT_THAT(open_in_chromium("file://" + (folder.path() / "page.html").string()).console, HasSubstr("on purpose"));
}

TEST(Chart, MissingFiguresAreNullsAndEmptyCells) {
  const Chart chart = bar_chart("t", {"a", "b"}, {{"s", {0.5, NAN}, {}}}, {Unit::percent, "", "", false});
  EXPECT_TRUE(chart.option["series"][0]["data"][1].is_null());
  EXPECT_EQ(chart.data.rows[0][1].text, "50.0 %");
  EXPECT_EQ(chart.data.rows[1][1].text, "");
}

TEST(Chart, IntervalsLieAlongTheAxisOfValues) {
  const std::vector<BarSeries> series = {{"s", {0.5}, {{0.4, 0.6}}}};
  const Chart flat = bar_chart("t", {"a"}, series, {Unit::percent, "", "", true});
  EXPECT_EQ(flat.option["series"][1]["encode"]["x"], Json::array({1, 2}));
  const Chart upright = bar_chart("t", {"a"}, series, {Unit::percent, "", "", false});
  EXPECT_EQ(upright.option["series"][1]["encode"]["y"], Json::array({1, 2}));
  EXPECT_EQ(flat.data.rows[0][1].text, "50.0 % [40.0 %, 60.0 %]");
}

TEST(Chart, MemoryMapPutsABufferWhereThePlanDoes) {
  const Chart chart = memory_map("m", {{"x", 16, 32, 1, 2}}, {"one", "two"}, 64);
  EXPECT_EQ(chart.option["series"][0]["data"][0]["value"], Json::array({1, 2, 16.0, 48.0}));
  EXPECT_EQ(chart.option["xAxis"]["data"], Json::array({"one", "two", "2"})) << "a life past the last named step widens the axis";
  EXPECT_EQ(chart.option["tooltip"]["formatter"]["args"][0].size(), 3u);
}

TEST(Format, CountsBytesPercentNumbers) {
  EXPECT_EQ(format_count(222928), "222,928");
  EXPECT_EQ(format_count(-1234), "-1,234");
  EXPECT_EQ(format_count(999), "999");
  EXPECT_EQ(format_bytes(1812), "1,812 B");
  EXPECT_EQ(format_bytes(171968), "167.9 KiB");
  EXPECT_EQ(format_percent(0.8624), "86.2 %");
  EXPECT_EQ(format_number(0.62, 3), "0.62");
  EXPECT_EQ(format_number(10.0, 3), "10");
}

TEST(Terminal, AlignsByWhatIsSeenAndKeepsColourOutOfPipes) {
  Table table;
  table.columns = {{"name", false, {}}, {"n", true, {}}};
  table.rows = {{"é", "1"}, {"語", "22"}, {"\x1b[31mred", "333"}, {"short"}};
  const std::string plain = text_table(table);
  EXPECT_EQ(plain,
            "name        n\n"
            "é           1\n"
            "語         22\n"
            "?[31mred  333\n"
            "short\n");
  EXPECT_THAT(text_table(table, true), HasSubstr("\033[1m"));
}

TEST(Paper, GivesThePublishedFigureOfADataSet) {
  EXPECT_EQ(paper_accuracy("DiTMoS", "unimib-shar"), 0.862);
  EXPECT_EQ(paper_accuracy("without adversarial training", "deap"), 0.563);
  EXPECT_TRUE(std::isnan(paper_accuracy("DiTMoS", "dsads")));
  EXPECT_TRUE(std::isnan(paper_accuracy("no such method", "deap")));
}

}  // namespace
}  // namespace ditmos::report
