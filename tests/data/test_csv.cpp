#include <gtest/gtest.h>

#include "data/catalogue.hpp"
#include "core/file.hpp"
#include "data/error_text.hpp"
#include "data/formats/csv_dataset.hpp"
#include "temp_folder.hpp"

namespace ditmos::data {
namespace {

Dataset parse(const std::string& text, const LoadOptions& options = {}) { return parse_csv_dataset(text, "t.csv", options); }

TEST(Csv, ARowAWindowWithChannelsFromTheHeader) {
  const Dataset d = parse("label,subject,x_0,x_1,y_0,y_1\nwalk,s1,1,2,3,4\nrun,s2,5,6,7,8\nwalk,s1,9,10,11,12\n");
  EXPECT_EQ(d.channels, 2);
  EXPECT_EQ(d.width, 2);
  EXPECT_EQ(d.channel_names, (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(d.classes, (std::vector<std::string>{"run", "walk"}));
  EXPECT_EQ(d.y, (std::vector<std::int32_t>{1, 0, 1}));
  EXPECT_EQ(d.group, (std::vector<std::int32_t>{0, 1, 0}));
  EXPECT_EQ(d.x, (Values{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}));
}

TEST(Csv, InterleavedColumnsAreSortedByChannelAndNumber) {
  const Dataset d = parse("x10,y10,x2,y2,class\n1,2,3,4,a\n5,6,7,8,b\n");
  EXPECT_EQ(d.channels, 2);
  EXPECT_EQ(d.x, (Values{3, 1, 4, 2, 7, 5, 8, 6}));
}

TEST(Csv, ASpreadsheetExportWithSemicolonsAndDecimalCommas) {
  const Dataset d = parse("\xef\xbb\xbf\"Label\";\"v1\";\"v2\"\r\n\"go; \"\"now\"\"\";1,5;-2,25\r\nstop;3;1e-3\r\n;;\r\n");
  EXPECT_EQ(d.classes, (std::vector<std::string>{"go; \"now\"", "stop"}));
  EXPECT_EQ(d.x, (Values{1.5f, -2.25f, 3.0f, 0.001f}));
  EXPECT_EQ(parse("sep=;\r\nlabel;v1\r\na;1,5\r\nb;2\r\n").x, (Values{1.5f, 2.0f}));
  EXPECT_EQ(parse("label\tv1\na\t1.5\rb\t2\r\n").x, (Values{1.5f, 2.0f}));  // mixed line ends
}

TEST(Csv, ALongTableIsSortedByTime) {
  const Dataset d = parse(
      "window,time_ms,label,ax,ay\n"
      "1,20,a,3,30\n1,0,a,1,10\n1,10,a,2,20\n"
      "2,0,b,4,40\n2,10,b,5,50\n2,20,b,6,60\n");
  EXPECT_EQ(d.channels, 2);
  EXPECT_EQ(d.width, 3);
  EXPECT_EQ(d.channel_names, (std::vector<std::string>{"ax", "ay"}));
  EXPECT_NEAR(d.rate_hz, 100, 1e-9);
  EXPECT_EQ(d.x, (Values{1, 2, 3, 10, 20, 30, 4, 5, 6, 40, 50, 60}));
}

TEST(Csv, WindowIdsMayRestartInEachRecordingAndRowsMayInterleave) {
  const Dataset d = parse("window,recording,label,v\n1,r1,a,1\n1,r2,b,3\n1,r1,a,2\n1,r2,b,4\n");
  EXPECT_EQ(d.size(), 2u);
  EXPECT_EQ(d.x, (Values{1, 2, 3, 4}));
}

TEST(Csv, UnequalWindowsAreCutOrPaddedOnRequest) {
  const std::string text = "window,label,v\n1,a,1\n1,a,2\n1,a,3\n2,b,4\n";
  EXPECT_EQ(message_of([&] { parse(text); }), "t.csv: window \"2\" has 1 rows and window \"1\" 3");
  LoadOptions options;
  options.length = 2;
  EXPECT_EQ(parse(text, options).x, (Values{1, 2, 4, 4}));
}

TEST(Csv, SplitColumnIsTheOfficialSplit) {
  EXPECT_EQ(parse("label,split,v\na,train,1\nb,test,2\n").official, (std::vector<std::int8_t>{0, 1}));
  EXPECT_NE(message_of([] { parse("label,split,v\na,third,1\n"); }).find("expected train or test"), std::string::npos);
}

TEST(Csv, BadInputIsOneSentence) {
  EXPECT_EQ(message_of([] { parse("label,v1,v2\na,1,2\nb,3\n"); }), "t.csv: line 3 has 2 cells, expected 3 as the header has");
  EXPECT_EQ(message_of([] { parse("label,v1\na,1\nb,x7\n"); }), "t.csv: line 3, column \"v1\" is \"x7\", expected a number");
  EXPECT_EQ(message_of([] { parse("label,v1\na,\n"); }), "t.csv: line 2, column \"v1\" is empty, expected a number");
  EXPECT_EQ(message_of([] { parse("1,2,3\n4,5,6\n"); }), "t.csv: the header names no label column");
  EXPECT_EQ(message_of([] { parse("label\na\n"); }), "t.csv: there is no column of values beside the labels");
  EXPECT_EQ(message_of([] { parse(""); }), "t.csv has no rows");
  EXPECT_EQ(message_of([] { parse("label,v\n\"a,1\n"); }), "t.csv: line 2 has a quote that is never closed");
  EXPECT_EQ(message_of([] { parse("\xff\xfel\0a\0"); }), "t.csv is UTF-16 text, expected UTF-8");
  EXPECT_EQ(message_of([] { parse("window,label,v\n1,a,1\n1,b,2\n"); }),
            "t.csv: line 3: window \"1\" has label \"b\" here and \"a\" before");
  EXPECT_NE(message_of([] { parse("label,v1\na,1,5\nb,2\n"); }), "");  // a decimal comma among commas
}

TEST(Csv, OneClassOnlyIsRefusedWhenLoaded) {
  TempFolder folder;
  write_file_atomic(folder.path() / "a.csv", "label,v1\na,1\na,2\n");
  EXPECT_NE(message_of([&] { load_path(folder.path() / "a.csv"); }).find("there is only one class"), std::string::npos);
}

TEST(CsvSlow, TenMillionRows) {
  constexpr std::size_t windows = 100'000, length = 100;
  std::string text = "window,label,v\n";
  for (std::size_t w = 0; w < windows; ++w) {
    const std::string row = std::to_string(w) + (w % 2 ? ",b,0.5\n" : ",a,-1\n");
    for (std::size_t i = 0; i < length; ++i) text += row;
  }
  const Dataset d = parse(text);
  ASSERT_EQ(d.size(), windows);
  EXPECT_EQ(d.width, static_cast<int>(length));
  EXPECT_EQ(d.window(windows - 1)[length - 1], 0.5f);
}

TEST(Csv, AnEmptyTableAndNotANumberAreRefusedWhenLoaded) {
  TempFolder folder;
  write_file_atomic(folder.path() / "a.csv", "label,v1\n");
  const std::string path = (folder.path() / "a.csv").string();
  EXPECT_NE(message_of([&] { load_path(path); }).find(path), std::string::npos);
  write_file_atomic(folder.path() / "a.csv", "label,v1,v2\na,1,nan\nb,2,3\n");
  EXPECT_EQ(message_of([&] { load_path(path); }), path + ": window 0, channel 0, position 1 is not a number");
}

}  // namespace
}  // namespace ditmos::data
