#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "data/catalogue.hpp"
#include "data/split.hpp"
#include "shared_data.hpp"

namespace ditmos::data {
namespace {

std::size_t count_groups(const Dataset& d) { return std::set<int>(d.group.begin(), d.group.end()).size(); }

TEST(RealData, SpeechCommandsBySpeaker) {
  REQUIRE_SHARED("speech-commands");
  const Dataset d = load_dataset("speech-commands", shared_data() / "speech-commands");
  EXPECT_EQ(d.size(), 2400u);
  EXPECT_EQ(d.classes.size(), 12u);
  EXPECT_EQ(d.channels, 10);
  EXPECT_EQ(d.width, 49);
  SplitOptions options;
  options.protocol = "group";
  const Split s = make_split(d, options);
  std::set<int> train;
  for (const auto i : s.train) train.insert(d.group[i]);
  for (const auto i : s.test) EXPECT_EQ(train.count(d.group[i]), 0u);
  EXPECT_NEAR(static_cast<double>(s.test.size()), 480, 60);
}

TEST(RealData, BonnSegmentsAreCutIntoWindows) {
  REQUIRE_SHARED("eeg-bonn");
  const Dataset d = load_dataset("eeg-bonn", shared_data() / "eeg-bonn");
  EXPECT_EQ(d.size(), 4000u);
  EXPECT_EQ(count_groups(d), 500u);
  EXPECT_EQ(d.classes[4], "E_S");
}

TEST(RealData, UeaArchive) {
  REQUIRE_SHARED("ucr");
  const Dataset uwave = load_dataset("uwave", shared_data() / "ucr");
  EXPECT_EQ(uwave.size(), 440u);
  EXPECT_EQ(uwave.channels, 3);
  EXPECT_EQ(uwave.width, 315);
  EXPECT_EQ(std::count(uwave.official.begin(), uwave.official.end(), 1), 320);
  const Dataset motions = load_dataset("basic-motions", shared_data() / "ucr");
  EXPECT_EQ(motions.window_size(), 600u);
  EXPECT_EQ(motions.size(), 80u);
  const Dataset vowels = load_dataset("japanese-vowels", shared_data() / "ucr");
  EXPECT_EQ(vowels.width, 29);
  EXPECT_EQ(vowels.size(), 640u);
}

TEST(RealData, FashionMnistWhereThePackageIsInstalled) {
  if (find_data(find_entry("fashion-mnist")).empty()) GTEST_SKIP() << "Debian's dataset-fashion-mnist is absent";
  const Dataset d = load_dataset("fashion-mnist", {});
  EXPECT_EQ(d.size(), 70000u);
  EXPECT_EQ(d.height, 28);
  EXPECT_EQ(std::count(d.y.begin(), d.y.end(), 9), 7000);
}

}  // namespace
}  // namespace ditmos::data
