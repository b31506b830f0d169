#include "method/augment.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace ditmos::method {
namespace {

double deviation_of(const data::Dataset& dataset, std::span<const std::uint32_t> rows) {
  double sum = 0, squares = 0;
  for (const std::uint32_t row : rows)
    for (const float v : dataset.window(row)) {
      sum += static_cast<double>(v);
      squares += static_cast<double>(v) * static_cast<double>(v);
    }
  const double n = static_cast<double>(rows.size() * dataset.window_size());
  return std::sqrt(std::max(0.0, squares / n - sum / n * (sum / n)));
}

bool has_axes(const data::Dataset& d) {
  return d.height == 1 && d.channels % 3 == 0 && d.front_end.empty() && (d.unit == "m/s^2" || d.unit == "g");
}

/// Rodrigues' rotation about a random axis.
std::array<double, 9> random_rotation(double degrees, Random& random) {
  double x = random.normal(), y = random.normal(), z = random.normal();
  const double length = std::max(std::sqrt(x * x + y * y + z * z), 1e-12);
  x /= length;
  y /= length;
  z /= length;
  const double angle = degrees * random.normal() * std::numbers::pi / 180, c = std::cos(angle), s = std::sin(angle), k = 1 - c;
  return {c + x * x * k, x * y * k - z * s, x * z * k + y * s, y * x * k + z * s, c + y * y * k, y * z * k - x * s, z * x * k - y * s, z * y * k + x * s, c + z * z * k};
}

}  // namespace

Augmentation::Augmentation(const data::Dataset& dataset, const Config::Recipe& recipe, std::span<const std::uint32_t> train)
    : dataset_(&dataset), gain_(recipe.gain), warp_(recipe.warp), rotation_(has_axes(dataset) ? recipe.rotation : 0), mask_(recipe.mask), shift_(recipe.shift) {
  if (recipe.noise > 0 && !train.empty()) noise_ = recipe.noise * deviation_of(dataset, train);
}

void Augmentation::apply(std::span<const float> window, Random& random, float* out) const {
  move(window, random, out);
  if (rotation_ > 0) rotate(random, out);
  const auto factor = static_cast<float>(gain_ > 0 ? 1 + gain_ * random.normal() : 1.0);
  if (gain_ > 0)
    for (float* v = out; v != out + window.size(); ++v) *v *= factor;
  if (mask_ > 0) blank(random, out);
  if (noise_ > 0)
    for (float* v = out; v != out + window.size(); ++v) *v += static_cast<float>(noise_ * random.normal());
}

void Augmentation::move(std::span<const float> window, Random& random, float* out) const {
  const int width = dataset_->width, height = dataset_->height;
  const auto draw_shift = [&](int length) {
    const int most = std::min(shift_, length - 1);
    return most > 0 ? static_cast<int>(random.below(static_cast<std::uint64_t>(2 * most + 1))) - most : 0;
  };
  const int across = draw_shift(width), down = height > 1 ? draw_shift(height) : 0;
  thread_local std::vector<int> left;
  thread_local std::vector<float> part;  // weight of the sample to the right
  const auto n = static_cast<std::size_t>(width);
  left.resize(n);
  part.assign(n, 0.0f);
  if (warp_ > 0 && width > 1) {
    const double speed = std::clamp(warp_ * random.normal(), -0.5, 0.5), bend = std::clamp(warp_ * random.normal(), -0.4, 0.4);
    const double phase = random.uniform(0, 2 * std::numbers::pi), turn = 2 * std::numbers::pi / width, middle = (width - 1) / 2.0;
    const double at_middle = std::sin(turn * middle + phase);
    for (std::size_t t = 0; t < n; ++t) {
      const double at = static_cast<double>(t) - middle;
      const double from = std::clamp(middle + (1 + speed) * at + bend / turn * (std::sin(turn * static_cast<double>(t) + phase) - at_middle) + across, 0.0, width - 1.0);
      left[t] = std::min(static_cast<int>(from), width - 2);
      part[t] = static_cast<float>(from - left[t]);
    }
  } else {
    for (std::size_t t = 0; t < n; ++t) left[t] = std::clamp(static_cast<int>(t) + across, 0, width - 1);
  }
  for (int c = 0; c < dataset_->channels; ++c)
    for (int h = 0; h < height; ++h) {
      const int from = c * height + std::clamp(h + down, 0, height - 1);
      const float* line = window.data() + static_cast<std::ptrdiff_t>(from) * width;
      for (std::size_t t = 0; t < n; ++t) {
        const float* at = line + left[t];
        *out++ = part[t] > 0 ? at[0] + part[t] * (at[1] - at[0]) : at[0];
      }
    }
}

void Augmentation::rotate(Random& random, float* window) const {
  const auto width = static_cast<std::ptrdiff_t>(dataset_->width);
  for (int sensor = 0; sensor < dataset_->channels / 3; ++sensor, window += 3 * width) {
    std::array<float, 9> r{};
    const auto exact = random_rotation(rotation_, random);
    for (std::size_t i = 0; i < 9; ++i) r[i] = static_cast<float>(exact[i]);
    float *x = window, *y = window + width, *z = window + 2 * width;
    for (std::ptrdiff_t t = 0; t < width; ++t) {
      const float a = x[t], b = y[t], c = z[t];
      x[t] = r[0] * a + r[1] * b + r[2] * c;
      y[t] = r[3] * a + r[4] * b + r[5] * c;
      z[t] = r[6] * a + r[7] * b + r[8] * c;
    }
  }
}

void Augmentation::blank(Random& random, float* window) const {
  const int width = dataset_->width, length = static_cast<int>(mask_ * width * random.uniform());
  const auto first = static_cast<std::ptrdiff_t>(random.below(static_cast<std::uint64_t>(width - length + 1)));
  for (int line = 0; line < dataset_->channels * dataset_->height; ++line, window += width) {
    float sum = 0;
    for (int t = 0; t < width; ++t) sum += window[t];
    std::fill_n(window + first, length, sum / static_cast<float>(width));
  }
}

double mixing_share(double alpha, Random& random) {
  // Johnk 1964: u^(1/alpha) / (u^(1/alpha) + v^(1/alpha)) is Beta(alpha, alpha) where the sum is at most 1.
  for (int trial = 0; trial < 1000; ++trial) {
    const double u = std::pow(random.uniform(), 1 / alpha), v = std::pow(random.uniform(), 1 / alpha);
    if (u + v > 0 && u + v <= 1) return std::max(u, v) / (u + v);
  }
  return 1;
}

}  // namespace ditmos::method
