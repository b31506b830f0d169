#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <sstream>

#include "core/file.hpp"
#include "data/catalogue.hpp"
#include "data/error_text.hpp"
#include "data/name_pattern.hpp"
#include "data/recordings.hpp"
#include "data/resample.hpp"
#include "temp_folder.hpp"

namespace ditmos::data {
namespace {

class Recordings : public ::testing::Test {
 protected:
  void put(const std::string& name, const std::string& text) { write_file_atomic(folder_.path() / name, text); }
  /// `rows` samples at 10 Hz: x = start + row, y = -x.
  void put_ramp(const std::string& name, int rows, int start) {
    std::ostringstream out;
    out << "time,x,y,note\n";
    for (int i = 0; i < rows; ++i) out << 0.1 * i << "," << start + i << "," << -(start + i) << ",text\n";
    put(name, out.str());
  }
  Dataset load() { return load_path(folder_.path()); }
  std::string error() { return message_of([&] { load(); }); }
  TempFolder folder_;
};

TEST_F(Recordings, LabelsByFolderWithHopChannelsSignAndScale) {
  put("dataset.toml", "name = \"demo\"\nunit = \"m/s^2\"\nscale = 2\nchannels = [\"-y\", \"x\"]\n[window]\nseconds = 0.4\nhop_seconds = 0.2\n");
  put_ramp("walk/a.csv", 8, 0);
  put_ramp("run/b.csv", 4, 100);
  const Dataset d = load();
  EXPECT_EQ(d.name, "demo");
  EXPECT_EQ(d.classes, (std::vector<std::string>{"run", "walk"}));
  EXPECT_EQ(d.y, (std::vector<std::int32_t>{0, 1, 1, 1}));
  EXPECT_EQ(d.group, (std::vector<std::int32_t>{0, 1, 1, 1}));
  EXPECT_NEAR(d.rate_hz, 10, 1e-6);
  ASSERT_EQ(d.width, 4);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(d.window(2)[i], 2 * (2.0 + static_cast<double>(i)), 1e-4);      // -y = x
    EXPECT_NEAR(d.window(2)[4 + i], 2 * (2.0 + static_cast<double>(i)), 1e-4);
  }
}

TEST_F(Recordings, LabelsByFileName) {
  put("dataset.toml", "channels = [\"x\"]\n[labels]\nby = \"pattern\"\npattern = \"{label}_{group}_*.csv\"\n[group]\nby = \"pattern\"\n[window]\nseconds = 0.4\n");
  put_ramp("walk_anna_1.csv", 4, 0);
  put_ramp("walk_bob_1.csv", 4, 0);
  put_ramp("run_anna_2.csv", 4, 0);
  const Dataset d = load();
  EXPECT_EQ(d.y, (std::vector<std::int32_t>{0, 1, 1}));
  EXPECT_EQ(d.group, (std::vector<std::int32_t>{0, 0, 1}));
  put_ramp("other.csv", 4, 0);
  EXPECT_NE(error().find("does not fit the pattern"), std::string::npos);
}

TEST_F(Recordings, LabelsByIntervalTable) {
  put("dataset.toml", "channels = [\"x\"]\n[labels]\nby = \"table\"\ntable = \"labels.csv\"\n[window]\nseconds = 0.4\n");
  put_ramp("day.csv", 40, 0);
  put_ramp("unlabelled.csv", 40, 0);
  put("labels.csv", "file;start;end;label\nday.csv;0,5;1,4;sit\nday.csv;2;2,9;stand\n");
  const Dataset d = load();
  EXPECT_EQ(d.classes, (std::vector<std::string>{"sit", "stand"}));
  EXPECT_EQ(d.size(), 4u);
  EXPECT_NEAR(d.window(0)[0], 5, 1e-3);
  EXPECT_NEAR(d.window(2)[0], 20, 1e-3);
  put("labels.csv", "file,start,end,label\nday.csv,2,1,sit\n");
  EXPECT_NE(error().find("no interval of seconds"), std::string::npos);
  put("labels.csv", "file,start,stop,label\n");
  EXPECT_NE(error().find("has no column \"end\""), std::string::npos);
}

TEST_F(Recordings, ResamplesToOneRate) {
  put("dataset.toml", "rate_hz = 20\nchannels = [\"x\"]\n[window]\nseconds = 0.5\n");
  put_ramp("a/a.csv", 80, 0);
  put_ramp("b/b.csv", 80, 50);
  const Dataset d = load();
  ASSERT_EQ(d.width, 10);
  EXPECT_EQ(d.rate_hz, 20);
  for (std::size_t i = 0; i < 10; ++i) EXPECT_NEAR(d.window(7)[i], 0.5 * static_cast<double>(70 + i), 2e-3);  // the ends repeat, which the filter feels near them
}

TEST_F(Recordings, BadInputIsOneSentence) {
  put("dataset.toml", "[window]\nseconds = 9\n");
  put_ramp("a/a.csv", 12, 0);
  EXPECT_NE(error().find("\"text\", expected a number"), std::string::npos) << error();
  put("dataset.toml", "channels = [\"x\"]\n[window]\nseconds = 9\n");
  EXPECT_NE(error().find("give no window of 9"), std::string::npos) << error();
  put("dataset.toml", "channels = [\"z\"]\n[window]\nseconds = 0.2\n");
  EXPECT_NE(error().find("has no column to read"), std::string::npos) << error();
  put("dataset.toml", "chanels = [\"x\"]\n[window]\nseconds = 1\n");
  EXPECT_NE(error().find("unknown key \"chanels\""), std::string::npos);
  EXPECT_NE(hint_of([&] { load(); }).find("\"channels\""), std::string::npos);
  put("dataset.toml", "[window]\nseconds = \"long\"\n");
  EXPECT_NE(error().find("\"seconds\" has a wrong value"), std::string::npos);
  put("dataset.toml", "[window\n");
  EXPECT_NE(error().find("dataset.toml: line 1"), std::string::npos);
  put("dataset.toml", "channels = [\"x\"]\n[window]\nseconds = 0.2\n");
  put("a/b.csv", "time,x\n0,1\n0.5,2\n1,3\n");
  EXPECT_NE(error().find("and the recordings before it"), std::string::npos) << error();
  put("a/b.csv", "time,x\n0,1\n0,2\n");
  EXPECT_NE(error().find("time does not rise"), std::string::npos);
  put("a/b.csv", "x\n1\n2\n");
  put("dataset.toml", "channels = [\"x\"]\n[window]\nseconds = 0.2\n");
  EXPECT_NE(error().find("has no time column"), std::string::npos) << error();
  put("a/b.csv", "time,x\n0,1\n0.1,2\n0.2,3\n");
  EXPECT_NE(error().find("only one class"), std::string::npos) << error();
}

TEST(Trigger, WindowsStandAroundPeaks) {
  std::vector<float> x(100, 0.0f);
  x[30] = 5;
  x[33] = 4;   // too near to a higher one
  x[70] = 3;
  x[97] = 9;   // no room for a window
  EXPECT_EQ(find_windows({x}, 0, 100, 10, 10, 2.5), (std::vector<std::size_t>{25, 65}));
  EXPECT_EQ(find_windows({x}, 0, 100, 40, 30, 0), (std::vector<std::size_t>{0, 30, 60}));
  EXPECT_TRUE(find_windows({x}, 0, 5, 10, 10, 0).empty());
}

TEST(Pattern, PlacesTakeTheFirstFit) {
  const auto names = match_pattern("{label}_{group}_*.csv", "walk_anna_take_2.csv");
  ASSERT_TRUE(names);
  EXPECT_EQ(names->at("label"), "walk");
  EXPECT_EQ(names->at("group"), "anna");
  EXPECT_FALSE(match_pattern("{label}.csv", "a.wav"));
  EXPECT_FALSE(match_pattern("{label}x", "x"));
  EXPECT_TRUE(match_pattern("*", ""));
  EXPECT_NE(message_of([] { match_pattern("{label", "x"); }), "");
}

TEST(Resample, KeepsAToneBelowTheLowerHalfRate) {
  std::vector<float> tone(4410);
  for (std::size_t i = 0; i < tone.size(); ++i)
    tone[i] = static_cast<float>(std::sin(2 * std::numbers::pi * 440 * static_cast<double>(i) / 44100));
  const auto out = resample(tone, 44100, 16000);
  ASSERT_EQ(out.size(), 1600u);
  for (std::size_t i = 100; i < 1500; ++i)
    EXPECT_NEAR(out[i], std::sin(2 * std::numbers::pi * 440 * static_cast<double>(i) / 16000), 2e-3);
  std::vector<float> high(4410);
  for (std::size_t i = 0; i < high.size(); ++i)
    high[i] = static_cast<float>(std::sin(2 * std::numbers::pi * 12000 * static_cast<double>(i) / 44100));
  const auto low = resample(high, 44100, 16000);
  for (const float v : std::span(low).subspan(100, 1400)) EXPECT_LT(std::abs(v), 0.02f);
}

}  // namespace
}  // namespace ditmos::data
