#include "experiment/statistics.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace ditmos::experiment {
namespace {

TEST(Statistics, StudentAgainstPublishedTables) {
  EXPECT_NEAR(student_quantile_975(1), 12.706, 1e-3);
  EXPECT_NEAR(student_quantile_975(2), 4.303, 1e-3);
  EXPECT_NEAR(student_quantile_975(4), 2.776, 1e-3);
  EXPECT_NEAR(student_quantile_975(30), 2.042, 1e-3);
  EXPECT_NEAR(student_two_sided(1, 1), 0.5, 1e-9);
  EXPECT_NEAR(student_two_sided(0, 7), 1, 1e-12);
  EXPECT_NEAR(student_two_sided(1.96, 1e6), 0.05, 1e-4);
}

TEST(Statistics, IntervalByHand) {
  const Interval i = interval_of(std::vector<double>{1, 2, 3});
  EXPECT_DOUBLE_EQ(i.mean, 2);
  EXPECT_DOUBLE_EQ(i.deviation, 1);
  EXPECT_NEAR(i.half_width, 4.3027 / std::sqrt(3.0), 1e-3);
  EXPECT_EQ(interval_of(std::vector<double>{5}).half_width, 0);
  EXPECT_EQ(interval_of({}).n, 0);
}

TEST(Statistics, PairedTestByHand) {
  // Differences 1, 2, 3: t = 2 / (1 / sqrt 3) = 3.4641, 2 degrees of freedom; P = 1 - t / sqrt(t^2 + 2).
  const PairedTest t = paired_test(std::vector<double>{2, 4, 6}, std::vector<double>{1, 2, 3});
  EXPECT_DOUBLE_EQ(t.difference.mean, 2);
  EXPECT_NEAR(t.p, 1 - std::sqrt(12.0) / std::sqrt(14.0), 1e-9);
  EXPECT_EQ(paired_test(std::vector<double>{1, 1}, std::vector<double>{1, 1}).p, 1);
  EXPECT_EQ(paired_test(std::vector<double>{2, 2}, std::vector<double>{1, 1}).p, 0);
  EXPECT_EQ(paired_test(std::vector<double>{2}, std::vector<double>{1}).p, 1);
}

}  // namespace
}  // namespace ditmos::experiment
