#include <gtest/gtest.h>

#include <cmath>

#include "core/file.hpp"
#include "core/json.hpp"
#include "data/catalogue.hpp"
#include "data/error_text.hpp"
#include "data/front_end.hpp"
#include "temp_folder.hpp"

namespace ditmos::data {
namespace {

const char* const two_windows = "label,x_0,x_1,x_2,y_0,y_1,y_2\na,3,0,1,4,1,1\nb,0,0,2,0,5,0\na,1,1,1,1,1,1\nb,2,2,2,2,2,3\n";

LoadOptions with(const std::string& front_end) {
  LoadOptions options;
  options.front_end = front_end;
  return options;
}

TEST(FrontEndOfData, AnySeriesTakesMagnitudeAndNormalize) {
  TempFolder folder;
  write_file_atomic(folder.path() / "w.csv", two_windows);
  const Dataset d = load_dataset("", folder.path() / "w.csv", with("magnitude"));
  EXPECT_EQ(d.channels, 3);
  EXPECT_EQ(d.channel_names, (std::vector<std::string>{"x", "y", "magnitude"}));
  EXPECT_EQ(d.window(0)[6], 5.0f);
  EXPECT_EQ(Json::parse(d.front_end)["kind"], "magnitude");
  EXPECT_EQ(d.name, "w");
  EXPECT_EQ(load_dataset("", folder.path() / "w.csv", with("none")).front_end, "");
  const Dataset n = load_dataset("", folder.path() / "w.csv", with("normalize"));
  EXPECT_EQ(n.channels, 2);
  EXPECT_NEAR(n.window(0)[0] + n.window(0)[1] + n.window(0)[2], 0, 1e-6);
}

TEST(FrontEndOfData, CompandTakesItsKneeInTheDatasUnit) {
  TempFolder folder;
  const std::string path = (folder.path() / "w.csv").string();
  write_file_atomic(path, two_windows);
  const Dataset d = load_dataset("", path, with("compand:2"));
  EXPECT_EQ(d.channel_names, (std::vector<std::string>{"x", "y"}));
  EXPECT_NEAR(d.window(0)[0], std::log(1 + 3 / 2.0), 1e-6);
  EXPECT_EQ(Json::parse(d.front_end)["factor"], 0.5);
  for (const char* name : {"compand", "compand:", "compand:0", "compand:-3", "compand:2x", "normalize:2"})
    EXPECT_NE(message_of([&] { load_dataset("", path, with(name)); }).find("has no number that it could use"), std::string::npos) << name;
}

TEST(FrontEndOfData, OneThatDoesNotFitIsRefusedWithThePath) {
  TempFolder folder;
  write_file_atomic(folder.path() / "w.csv", two_windows);
  const std::string path = (folder.path() / "w.csv").string();
  EXPECT_EQ(message_of([&] { load_dataset("", path, with("mfcc")); }), path + ": front end \"mfcc\" takes one channel of sound, and the windows have 2");
  EXPECT_NE(message_of([&] { load_dataset("", path, with("mfc")); }).find("unknown front end \"mfc\""), std::string::npos);
}

TEST(FrontEndOfData, ErrorsOfOwnDataNameThePath) {
  TempFolder folder;
  const std::string path = (folder.path() / "w.csv").string();
  write_file_atomic(path, "label,x_0,x_1\n");
  EXPECT_EQ(message_of([&] { load_dataset("", path); }).find(path), 0u);
  write_file_atomic(path, "label,x_0,x_1\na,1,2\na,3,4\n");
  EXPECT_EQ(message_of([&] { load_dataset("", path); }), path + ": there is only one class");
}

}  // namespace
}  // namespace ditmos::data
