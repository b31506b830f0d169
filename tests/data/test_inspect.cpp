#include <gtest/gtest.h>

#include <limits>

#include "data/catalogue.hpp"
#include "data/inspect.hpp"
#include "shared_data.hpp"

namespace ditmos::data {
namespace {

Dataset made() {
  Dataset d;
  d.name = "made";
  d.channels = 1;
  d.width = 4;
  d.classes = {"a", "b"};
  for (int i = 0; i < 40; ++i) {
    const auto v = static_cast<float>(i);
    d.x.insert(d.x.end(), {v, v + 1, -v, v / 2});
    d.y.push_back(i % 2);
    d.group.push_back(i / 20);
  }
  return d;
}

TEST(Inspect, CountsWhatIsWrong) {
  Dataset d = made();
  std::copy_n(d.x.begin(), 4, d.x.begin() + 4 * 21);      // an equal window of the other class and group
  std::fill_n(d.x.begin() + 4 * 5, 4, 100.0f);            // constant, and clipped at the channel's most
  d.x[4 * 7] = std::numeric_limits<float>::quiet_NaN();
  const Inspection r = inspect(d);
  EXPECT_EQ(r.windows, 40u);
  EXPECT_EQ(r.groups, 2u);
  EXPECT_EQ(r.classes[0].windows, 20u);
  EXPECT_EQ(r.classes[0].groups, 2u);
  EXPECT_EQ(r.duplicates, 1u);
  EXPECT_EQ(r.conflicting, 1u);
  EXPECT_EQ(r.across_groups, 1u);
  EXPECT_EQ(r.constant, 1u);
  EXPECT_EQ(r.channels[0].clipped, 1u);
  EXPECT_EQ(r.not_finite_first, std::vector<std::size_t>{7});
  EXPECT_EQ(r.leakage, 1.0);  // two groups, both on either side of a window-random split
  EXPECT_NE(r.warnings[0].find("window 7"), std::string::npos);
  EXPECT_EQ(to_json(r, d)["duplicates"], 1);
}

TEST(Inspect, UnimibsDuplicatesAndLeakage) {
  REQUIRE_SHARED("unimib-shar");
  const Dataset d = load_dataset("unimib-shar", shared_data() / "unimib-shar");
  const Inspection r = inspect(d);
  EXPECT_EQ(r.duplicates, 46u);
  EXPECT_GT(r.leakage, 0.5);
}

}  // namespace
}  // namespace ditmos::data
