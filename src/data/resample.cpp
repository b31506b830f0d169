#include "data/resample.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "frontend/stream.hpp"

namespace ditmos::data {
namespace {

constexpr double most_samples = 1e9;

void check_rates(double from_hz, double to_hz, double seconds) {
  if (!(from_hz > 0 && to_hz > 0) || seconds * to_hz > most_samples)
    throw Error("cannot bring " + std::to_string(seconds) + " s from " + std::to_string(from_hz) + " Hz to " +
                std::to_string(to_hz) + " Hz: expected rates above 0 and at most 1e9 samples");
}

}  // namespace

std::vector<float> resample(std::span<const float> samples, double from_hz, double to_hz) {
  check_rates(from_hz, to_hz, static_cast<double>(samples.size()) / std::max(from_hz, 1e-12));
  if (from_hz == to_hz || samples.empty()) return {samples.begin(), samples.end()};
  const auto count = static_cast<std::size_t>(std::floor(static_cast<double>(samples.size()) * to_hz / from_hz));
  const auto last = static_cast<std::ptrdiff_t>(samples.size()) - 1;
  std::vector<float> out(count);
  for (std::size_t i = 0; i < count; ++i) {
    const double at = static_cast<double>(i) * from_hz / to_hz, base = std::floor(at);
    const frontend::SincWeights w = frontend::sinc_weights(at - base, from_hz, to_hz);
    double sum = 0;
    for (int k = -w.reach; k <= w.reach; ++k)
      sum += w.weights[static_cast<std::size_t>(k + w.reach)] * static_cast<double>(samples[static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(base) + k, 0, last))]);
    out[i] = static_cast<float>(sum);
  }
  return out;
}

std::vector<float> resample_times(std::span<const float> samples, std::span<const double> seconds, double to_hz) {
  if (samples.empty()) return {};
  const double span = seconds.back() - seconds.front();
  check_rates(1, to_hz, span);
  const auto count = static_cast<std::size_t>(std::floor(span * to_hz + 1e-6)) + 1;
  std::vector<float> out(count);
  std::size_t right = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const double t = seconds.front() + static_cast<double>(i) / to_hz;
    while (right + 1 < seconds.size() && seconds[right] < t) ++right;
    const std::size_t left = right == 0 ? 0 : right - 1;
    const double gap = seconds[right] - seconds[left];
    const double share = gap > 0 ? std::clamp((t - seconds[left]) / gap, 0.0, 1.0) : 1;
    out[i] = static_cast<float>((1 - share) * static_cast<double>(samples[left]) + share * static_cast<double>(samples[right]));
  }
  return out;
}

}  // namespace ditmos::data
