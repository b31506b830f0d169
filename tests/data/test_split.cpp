#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/random.hpp"
#include "data/error_text.hpp"
#include "data/split.hpp"

namespace ditmos::data {
namespace {

/// `per_class` windows a class, groups of `group_size` windows of one class.
Dataset make(int classes, int per_class, int group_size) {
  Dataset d;
  d.name = "made";
  d.channels = 1;
  d.width = 1;
  int group = 0;
  for (int c = 0; c < classes; ++c) {
    d.classes.push_back("c" + std::to_string(c));
    for (int i = 0; i < per_class; ++i) {
      if (i % group_size == 0) ++group;
      d.x.push_back(0);
      d.y.push_back(c);
      d.group.push_back(group);
    }
  }
  return d;
}

void expect_partition(const Dataset& d, const Split& s) {
  std::vector<std::uint32_t> all;
  for (const auto* part : {&s.train, &s.validation, &s.test}) {
    EXPECT_TRUE(std::is_sorted(part->begin(), part->end()));
    all.insert(all.end(), part->begin(), part->end());
  }
  std::sort(all.begin(), all.end());
  ASSERT_EQ(all.size(), d.size());
  for (std::size_t i = 0; i < all.size(); ++i) ASSERT_EQ(all[i], i);
}

std::vector<int> count_classes(const Dataset& d, const std::vector<std::uint32_t>& part) {
  std::vector<int> count(d.classes.size());
  for (const auto i : part) ++count[static_cast<std::size_t>(d.y[i])];
  return count;
}

std::set<int> groups_of(const Dataset& d, const std::vector<std::uint32_t>& part) {
  std::set<int> ids;
  for (const auto i : part) ids.insert(d.group[i]);
  return ids;
}

void expect_groups_apart(const Dataset& d, const Split& s) {
  const auto a = groups_of(d, s.train), b = groups_of(d, s.validation), c = groups_of(d, s.test);
  std::set<int> all(a);
  all.insert(b.begin(), b.end());
  all.insert(c.begin(), c.end());
  EXPECT_EQ(all.size(), a.size() + b.size() + c.size());
}

TEST(Split, WindowRandomKeepsTheShareOfEveryClass) {
  const Dataset d = make(4, 100, 5);
  SplitOptions options;
  const Split s = make_split(d, options);
  expect_partition(d, s);
  EXPECT_EQ(count_classes(d, s.test), std::vector<int>(4, 20));
  EXPECT_EQ(count_classes(d, s.validation), std::vector<int>(4, 12));
}

TEST(Split, SameSeedSameSplitOtherSeedAnother) {
  const Dataset d = make(3, 40, 4);
  for (const std::string protocol : {"window-random", "group"}) {
    SplitOptions options;
    options.protocol = protocol;
    const Split a = make_split(d, options), b = make_split(d, options);
    EXPECT_EQ(a.test, b.test);
    EXPECT_EQ(a.train, b.train);
    options.seed = 2;
    EXPECT_NE(make_split(d, options).test, a.test) << protocol;
  }
}

TEST(Split, ARareClassStaysInTraining) {
  Dataset d = make(2, 30, 3);
  d.classes.push_back("rare");
  d.x.push_back(0);
  d.y.push_back(2);
  d.group.push_back(1000);
  for (const std::string protocol : {"window-random", "group", "paper"}) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      SplitOptions options;
      options.protocol = protocol;
      options.seed = seed;
      EXPECT_EQ(count_classes(d, make_split(d, options).train)[2], 1) << protocol << " " << seed;
    }
  }
}

TEST(Split, PaperChoosesOnTheTestPart) {
  const Dataset d = make(3, 50, 5);
  SplitOptions options;
  options.protocol = "paper";
  const Split s = make_split(d, options);
  EXPECT_EQ(s.validation, s.test);
  EXPECT_EQ(s.train.size() + s.test.size(), d.size());
  EXPECT_TRUE(is_optimistic("paper"));
  EXPECT_FALSE(is_optimistic("group"));
}

TEST(Split, GroupKeepsGroupsWholeAndClassesBalanced) {
  const Dataset d = make(5, 120, 6);
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    SplitOptions options;
    options.protocol = "group";
    options.seed = seed;
    const Split s = make_split(d, options);
    expect_partition(d, s);
    expect_groups_apart(d, s);
    for (const int n : count_classes(d, s.test)) EXPECT_NEAR(n, 24, 6);
    for (const int n : count_classes(d, s.validation)) EXPECT_NEAR(n, 14, 6);
  }
}

TEST(Split, GroupOfUnequalGroupsLosesNoClass) {
  Random random(7);
  Dataset d;
  d.name = "uneven";
  d.channels = d.width = 1;
  d.classes = {"a", "b", "c", "d"};
  for (int g = 0; g < 40; ++g) {
    const auto windows = 1 + random.below(30);
    const auto label = static_cast<int>(random.below(4));
    for (std::uint64_t i = 0; i < windows; ++i) {
      d.x.push_back(0);
      d.y.push_back(random.uniform() < 0.8 ? label : (label + 1) % 4);
      d.group.push_back(g);
    }
  }
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    SplitOptions options;
    options.protocol = "group";
    options.seed = seed;
    const Split s = make_split(d, options);
    expect_partition(d, s);
    expect_groups_apart(d, s);
    const auto all = count_classes(d, [&] {
      std::vector<std::uint32_t> every(d.size());
      for (std::size_t i = 0; i < every.size(); ++i) every[i] = static_cast<std::uint32_t>(i);
      return every;
    }());
    const auto test = count_classes(d, s.test), train = count_classes(d, s.train);
    for (std::size_t c = 0; c < 4; ++c) {
      EXPECT_GT(train[c], 0);
      EXPECT_NEAR(static_cast<double>(test[c]) / all[c], 0.2, 0.12);
    }
  }
}

TEST(Split, LeaveOneGroupOutHoldsOutThatGroup) {
  Dataset d = make(2, 40, 10);
  for (std::size_t i = 0; i < d.size(); ++i) d.group[i] = static_cast<int>(i % 5) * 7;
  SplitOptions options;
  options.protocol = "leave-one-group-out";
  options.held_out = 3;
  const Split s = make_split(d, options);
  expect_partition(d, s);
  expect_groups_apart(d, s);
  EXPECT_EQ(groups_of(d, s.test), std::set<int>{21});
  options.held_out = 5;
  EXPECT_NE(message_of([&] { make_split(d, options); }).find("groups 0 to 4"), std::string::npos);
}

TEST(Split, OfficialTakesThePublishersTestPart) {
  Dataset d = make(2, 40, 4);
  d.group.clear();
  for (std::size_t i = 0; i < d.size(); ++i) d.official.push_back(i % 2);
  SplitOptions options;
  options.protocol = "official";
  const Split s = make_split(d, options);
  expect_partition(d, s);
  EXPECT_EQ(s.test.size(), 40u);
  for (const auto i : s.test) EXPECT_EQ(i % 2, 1u);
  EXPECT_EQ(s.validation.size(), 6u);
}

TEST(Split, RefusalsSayWhatIsThereAndWhatIsNeeded) {
  Dataset d = make(2, 10, 10);
  SplitOptions options;
  options.protocol = "group";
  EXPECT_NE(message_of([&] { make_split(d, options); }).find("needs at least 3 groups, and made has 2"), std::string::npos);
  d.group.clear();
  EXPECT_NE(message_of([&] { make_split(d, options); }).find("made has none"), std::string::npos);
  options.protocol = "official";
  EXPECT_NE(message_of([&] { make_split(d, options); }).find("publisher's split"), std::string::npos);
  options.protocol = "windowrandom";
  EXPECT_NE(hint_of([&] { make_split(d, options); }).find("did you mean \"window-random\""), std::string::npos);
  options.protocol = "window-random";
  options.test_share = 1.0;
  EXPECT_NE(message_of([&] { make_split(d, options); }).find("test share"), std::string::npos);
  Dataset apart = make(3, 10, 10);  // a class a group: none can be held out
  options = {};
  options.protocol = "group";
  EXPECT_NE(message_of([&] { make_split(apart, options); }).find("leaves no test part"), std::string::npos);
}

}  // namespace
}  // namespace ditmos::data
