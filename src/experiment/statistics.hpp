#pragma once
#include <span>
#include <string>

#include "core/json.hpp"

namespace ditmos::experiment {

/// Mean with the half width of its 95 % confidence interval (Student's t, n - 1 degrees of freedom); half width 0 for one value.
struct Interval {
  int n = 0;
  double mean = 0, half_width = 0, deviation = 0;  ///< deviation: of the sample
};
Interval interval_of(std::span<const double> values);
/// "81.1 ± 3.9" of shares 0.811 ± 0.039; of one value without the half width.
std::string percent(const Interval& interval);
Json to_json(const Interval& interval);

/// Paired t-test: mean of a[i] - b[i], its interval, and the two-sided p-value of no difference (1 for fewer than two pairs, 0 for
/// equal differences that are not 0).
struct PairedTest {
  Interval difference;
  double p = 1;
};
PairedTest paired_test(std::span<const double> a, std::span<const double> b);

/// P(|T| > t) for Student's t.
double student_two_sided(double t, double degrees);
/// The t above which 2.5 % lie.
double student_quantile_975(double degrees);

}  // namespace ditmos::experiment
