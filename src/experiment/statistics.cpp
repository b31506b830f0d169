#include "experiment/statistics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace ditmos::experiment {
namespace {

/// Regularised incomplete beta function by Lentz's continued fraction (Abramowitz and Stegun 26.5.8).
double incomplete_beta(double a, double b, double x) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - incomplete_beta(b, a, 1 - x);
  const double front = std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) + a * std::log(x) + b * std::log(1 - x)) / a;
  constexpr double tiny = 1e-300;
  double c = 1, d = 1 / std::max(1 - (a + b) * x / (a + 1), tiny), fraction = d;
  for (int m = 1; m < 500; ++m) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / std::max(1 + even * d, tiny);
    c = std::max(1 + even / c, tiny);
    fraction *= d * c;
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / std::max(1 + odd * d, tiny);
    c = std::max(1 + odd / c, tiny);
    const double step = d * c;
    fraction *= step;
    if (std::abs(step - 1) < 1e-14) break;
  }
  return front * fraction;
}

}  // namespace

double student_two_sided(double t, double degrees) { return incomplete_beta(degrees / 2, 0.5, degrees / (degrees + t * t)); }

double student_quantile_975(double degrees) {
  double low = 0, high = 1000;
  for (int i = 0; i < 200; ++i) {
    const double middle = (low + high) / 2;
    (student_two_sided(middle, degrees) > 0.05 ? low : high) = middle;
  }
  return (low + high) / 2;
}

Interval interval_of(std::span<const double> values) {
  Interval out;
  out.n = static_cast<int>(values.size());
  if (values.empty()) return out;
  for (const double v : values) out.mean += v / out.n;
  if (out.n < 2) return out;
  double squares = 0;
  for (const double v : values) squares += (v - out.mean) * (v - out.mean);
  out.deviation = std::sqrt(squares / (out.n - 1));
  out.half_width = student_quantile_975(out.n - 1) * out.deviation / std::sqrt(static_cast<double>(out.n));
  return out;
}

std::string percent(const Interval& i) {
  return i.n > 1 ? fmt::format("{:.1f} ± {:.1f}", 100 * i.mean, 100 * i.half_width) : fmt::format("{:.1f}", 100 * i.mean);
}

Json to_json(const Interval& i) { return {{"mean", i.mean}, {"half_width", i.half_width}, {"deviation", i.deviation}, {"n", i.n}}; }

PairedTest paired_test(std::span<const double> a, std::span<const double> b) {
  std::vector<double> differences;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) differences.push_back(a[i] - b[i]);
  PairedTest test;
  test.difference = interval_of(differences);
  const Interval& d = test.difference;
  if (d.n < 2) return test;
  if (d.deviation == 0) {
    test.p = d.mean == 0 ? 1 : 0;
    return test;
  }
  test.p = student_two_sided(d.mean / (d.deviation / std::sqrt(static_cast<double>(d.n))), d.n - 1);
  return test;
}

}  // namespace ditmos::experiment
