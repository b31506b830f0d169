// Sets that are not at hand: small files in their exact published layout.
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "core/file.hpp"
#include "data/catalogue.hpp"
#include "data/error_text.hpp"
#include "data/mat_writer.hpp"
#include "temp_folder.hpp"

namespace ditmos::data {
namespace {

class PublishedLayout : public ::testing::Test {
 protected:
  void put(const std::string& name, const std::string& text) { write_file_atomic(folder_.path() / name, text); }
  TempFolder folder_;
};

TEST_F(PublishedLayout, UciHar) {
  const auto put_part = [&](const std::string& part, const std::string& labels, const std::string& people, int n) {
    put(part + "/y_" + part + ".txt", labels);
    put(part + "/subject_" + part + ".txt", people);
    int signal = 0;
    for (const std::string sensor : {"body_acc", "body_gyro", "total_acc"})
      for (const std::string axis : {"x", "y", "z"}) {
        std::ostringstream out;
        for (int i = 0; i < n; ++i) {
          for (int k = 0; k < 128; ++k) out << "  " << 100 * signal + i << ".5e+000";
          out << "\n";
        }
        put(part + "/Inertial Signals/" + sensor + "_" + axis + "_" + part + ".txt", out.str());
        ++signal;
      }
  };
  put_part("train", "1\n2\n3\n4\n5\n6\n", "1\n1\n3\n3\n3\n5\n", 6);
  put_part("test", "2\n", "9\n", 1);
  const Dataset d = load_dataset("uci-har", folder_.path());
  EXPECT_EQ(d.size(), 7u);
  EXPECT_EQ(d.channels, 9);
  EXPECT_EQ(d.window(2)[8 * 128], 802.5f);
  EXPECT_EQ(d.official.back(), 1);
  EXPECT_EQ(d.group, (std::vector<std::int32_t>{0, 0, 1, 1, 1, 2, 3}));
  put("test/y_test.txt", "7\n");
  EXPECT_NE(message_of([&] { load_dataset("uci-har", folder_.path()); }).find("expected 1 to 6"), std::string::npos);
}

TEST_F(PublishedLayout, UscHad) {
  for (int activity = 1; activity <= 12; ++activity) {
    std::vector<double> readings(450 * 6);
    for (std::size_t i = 0; i < readings.size(); ++i) readings[i] = activity * 10.0 + static_cast<double>(i / 450);
    write_mat(folder_.path() / "Subject1" / ("a" + std::to_string(activity) + "t1.mat"),
              {mat_texts("title", 1, 1, {"USC Human Motion Database"}), mat_array("sensor_readings", {450, 6}, readings)});
  }
  const Dataset d = load_dataset("usc-had", folder_.path());
  EXPECT_EQ(d.size(), 36u);  // 450 samples: windows at 0, 100 and 200
  EXPECT_EQ(d.channels, 6);
  EXPECT_EQ(d.width, 200);
  EXPECT_EQ(std::count(d.y.begin(), d.y.end(), 4), 3);
  EXPECT_EQ(*std::max_element(d.group.begin(), d.group.end()), 11);
  put("Subject1/strange.mat", "");
  EXPECT_NE(message_of([&] { load_dataset("usc-had", folder_.path()); }).find("aACTIVITYtTRIAL.mat"), std::string::npos);
}

TEST_F(PublishedLayout, WisdmWithItsDamagedRecords) {
  std::ostringstream out;
  const auto run = [&](int user, const char* activity, int samples) {
    for (int i = 0; i < samples; ++i)
      out << user << "," << activity << "," << 1000000000LL + i * 50000000LL << ",-0.69,12.68," << i << ".5;\n";
  };
  run(33, "Jogging", 400);
  out << "11,Walking,1867172313000,4.4,4.4,;\n";  // a value is missing
  run(33, "Walking", 250);
  out << "5,Walking,1000000000,1,2,3;5,Walking,1050000000,1,2,3;\n";  // two records on a line
  run(7, "Walking", 200);
  put("WISDM_ar_v1.1_raw.txt", out.str());
  const Dataset d = load_dataset("wisdm", folder_.path());
  EXPECT_EQ(d.classes, (std::vector<std::string>{"Jogging", "Walking"}));
  EXPECT_EQ(d.y, (std::vector<std::int32_t>{0, 0, 1, 1}));
  EXPECT_EQ(d.group, (std::vector<std::int32_t>{0, 0, 0, 1}));
  EXPECT_EQ(d.window(1)[2 * 200], 200.5f);
  EXPECT_NE(d.provenance.find("(1 damaged records skipped)"), std::string::npos);
}

TEST_F(PublishedLayout, Deap) {
  std::vector<signed char> data(std::size_t{40} * 40 * 8064, 1);
  std::vector<double> ratings(40 * 4, 3.0);
  std::size_t dims[] = {40, 40, 8064};
  // MATLAB's order: trial fastest, then channel, then sample. Trial 7, channel 2 is 11 after the baseline.
  for (std::size_t k = 384; k < 8064; ++k) data[7 + 40 * (2 + 40 * k)] = 11;
  ratings[7] = 8;            // valence of trial 7
  ratings[40 + 9] = 6;       // arousal of trial 9
  write_mat(folder_.path() / "s01.mat", {Mat_VarCreate("data", MAT_C_INT8, MAT_T_INT8, 3, dims, data.data(), 0), mat_array("labels", {40, 4}, ratings)});
  LoadOptions options;
  options.window_seconds = 4;
  const Dataset d = load_dataset("deap-valence", folder_.path(), options);
  EXPECT_EQ(d.size(), 40u * 15);
  EXPECT_EQ(d.channels, 32);
  EXPECT_EQ(d.width, 512);
  EXPECT_EQ(std::count(d.y.begin(), d.y.end(), 1), 15);
  EXPECT_EQ(d.y[7 * 15], 1);
  EXPECT_EQ(d.window(7 * 15)[2 * 512], 10.0f);
  EXPECT_NEAR(d.window(7 * 15)[3 * 512], 0.0f, 1e-6f);  // less a mean, so equal but for rounding
  write_mat(folder_.path() / "s01.mat", {mat_array("data", {2, 3}, std::vector<double>(6)), mat_array("labels", {40, 4}, ratings)});
  EXPECT_NE(message_of([&] { load_dataset("deap-valence", folder_.path()); }).find("data is 2 x 3, expected 40 x 40 x 8064"), std::string::npos);
}

}  // namespace
}  // namespace ditmos::data
