#include "method/cka.hpp"

#include <cmath>
#include <vector>

namespace ditmos::method {
namespace {

std::vector<double> centred(std::span<const float> x, std::size_t dims) {
  const std::size_t n = x.size() / dims;
  std::vector<double> out(x.begin(), x.end());
  for (std::size_t d = 0; d < dims; ++d) {
    double mean = 0;
    for (std::size_t i = 0; i < n; ++i) mean += out[i * dims + d];
    mean /= static_cast<double>(n);
    for (std::size_t i = 0; i < n; ++i) out[i * dims + d] -= mean;
  }
  return out;
}

/// Squared Frobenius norm of Y'X.
double cross_norm(const std::vector<double>& x, std::size_t x_dims, const std::vector<double>& y, std::size_t y_dims) {
  const std::size_t n = x.size() / x_dims;
  std::vector<double> product(x_dims * y_dims);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t b = 0; b < y_dims; ++b)
      for (std::size_t a = 0; a < x_dims; ++a) product[b * x_dims + a] += y[i * y_dims + b] * x[i * x_dims + a];
  double sum = 0;
  for (const double v : product) sum += v * v;
  return sum;
}

}  // namespace

double linear_cka(std::span<const float> x, std::size_t x_dims, std::span<const float> y, std::size_t y_dims) {
  if (!x_dims || !y_dims || x.empty() || y.empty()) return 0;
  const std::vector<double> a = centred(x, x_dims), b = centred(y, y_dims);
  const double scale = std::sqrt(cross_norm(a, x_dims, a, x_dims)) * std::sqrt(cross_norm(b, y_dims, b, y_dims));
  return scale > 0 ? cross_norm(a, x_dims, b, y_dims) / scale : 0;
}

}  // namespace ditmos::method
