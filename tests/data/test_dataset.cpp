#include <gtest/gtest.h>

#include <limits>
#include <set>

#include "core/error.hpp"
#include "data/catalogue.hpp"
#include "data/dataset.hpp"
#include "data/error_text.hpp"

namespace ditmos::data {
namespace {

Dataset small() {
  Dataset d;
  d.name = "small";
  d.channels = 2;
  d.width = 3;
  d.x.assign(4 * 6, 1.0f);
  d.y = {0, 1, 0, 1};
  d.classes = {"a", "b"};
  return d;
}

TEST(Validate, SaysWhichWindowAndWhichValue) {
  Dataset d = small();
  EXPECT_NO_THROW(validate(d));
  d.x[6 + 4] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(message_of([&] { validate(d); }), "small: window 1, channel 1, position 1 is not a number");
  d = small();
  d.y[2] = 2;
  EXPECT_EQ(message_of([&] { validate(d); }), "small: window 2 has label 2, expected 0 to 1");
  d = small();
  d.y = {0, 0, 0, 0};
  EXPECT_EQ(message_of([&] { validate(d); }), "small: class \"b\" has no window");
  d = small();
  d.x.pop_back();
  EXPECT_EQ(message_of([&] { validate(d); }), "small: 23 values for 4 windows of 6");
  d = small();
  d.classes = {"a"};
  d.y = {0, 0, 0, 0};
  EXPECT_EQ(message_of([&] { validate(d); }), "small: there is only one class");
  d = small();
  d.group = {1, 2};
  EXPECT_EQ(message_of([&] { validate(d); }), "small: 2 group ids for 4 labels");
}

TEST(Synthetic, IsTheSameForTheSameSeedAndBalanced) {
  LoadOptions options;
  options.windows = 192;
  const Dataset a = load_dataset("synthetic", {}, options);
  const Dataset b = load_dataset("synthetic", {}, options);
  EXPECT_EQ(a.x, b.x);
  options.seed = 2;
  EXPECT_NE(load_dataset("synthetic", {}, options).x, a.x);
  EXPECT_EQ(a.channels, 3);
  EXPECT_EQ(a.width, 128);
  EXPECT_EQ(a.size(), 192u);
  EXPECT_EQ(std::set<int>(a.group.begin(), a.group.end()).size(), 12u);
  EXPECT_EQ(std::count(a.y.begin(), a.y.end(), 3), 24);
}

TEST(Catalogue, UnknownNameGetsTheNearest) {
  EXPECT_NE(message_of([] { load_dataset("unimib-sha", {}, {}); }).find("unknown data set"), std::string::npos);
  EXPECT_NE(hint_of([] { load_dataset("unimib-sha", {}, {}); }).find("unimib-shar"), std::string::npos);
  EXPECT_NE(message_of([] { load_dataset("", "/no/such/place", {}); }).find("no such file or folder"), std::string::npos);
}

}  // namespace
}  // namespace ditmos::data
