#include "nn/layers/input_norm.hpp"

#include <cmath>

namespace ditmos::nn {
namespace {

/// Means of v - shift and of its square over all samples of a channel.
template <class T>
std::pair<double, double> channel_moments(const Maps<T>& input, int c, T shift, const KernelTable<T>& kernels) {
  double first = 0, second = 0;
  const int positions = input.shape().height * input.shape().width;
  for (int g = 0; g < input.groups(); ++g) {
    alignas(64) T sums[2 * kLanes] = {};
    kernels.moments({input.group(g) + static_cast<std::size_t>(c) * input.plane_size(), positions, shift, sums});
    for (int lane = 0; lane < input.lanes(g); ++lane) {
      first += static_cast<double>(sums[lane]);
      second += static_cast<double>(sums[kLanes + lane]);
    }
  }
  const double count = static_cast<double>(input.samples()) * positions;
  return {first / count, second / count};
}

}  // namespace

template <class T>
void InputNorm<T>::measure(const Maps<T>& input, Mode mode, const KernelTable<T>& kernels) {
  const double count = static_cast<double>(input.samples()) * input.shape().height * input.shape().width;
  for (int c = 0; c < input.shape().channels; ++c) {
    double mean = static_cast<double>(norm_.mean[c]), variance = static_cast<double>(norm_.variance[c]);
    if (mode == Mode::train) {
      // The second pass looks at deviations from the mean: raw windows may lie far from 0.
      mean = static_cast<double>(input.data()[static_cast<std::size_t>(c) * input.plane_size()]);
      mean += channel_moments(input, c, static_cast<T>(mean), kernels).first;
      const auto [rest, square] = channel_moments(input, c, static_cast<T>(mean), kernels);
      variance = square - rest * rest;
      norm_.move_running(c, mean, variance, count);
    }
    mean_[static_cast<std::size_t>(c)] = static_cast<T>(mean);
    inverse_[static_cast<std::size_t>(c)] = static_cast<T>(1 / std::sqrt(variance + Norm<T>::kEpsilon));
  }
}

template <class T>
AffineTask<T> InputNorm<T>::task(int c, bool folded) const {
  AffineTask<T> task{};
  task.shift = mean(c);
  task.scale = folded ? inverse(c) : inverse(c) * norm_.weight.value[c];
  task.offset = folded ? T(0) : norm_.bias.value[c];
  return task;
}

template <class T>
void InputNorm<T>::backward(const Maps<T>& input, const Maps<T>& gradient) {
  const std::size_t plane = input.plane_size();
  for (int c = 0; c < input.shape().channels; ++c) {
    double weight = 0, bias = 0;
    for (int g = 0; g < input.groups(); ++g) {
      const T* x = input.group(g) + static_cast<std::size_t>(c) * plane;
      const T* d = gradient.group(g) + static_cast<std::size_t>(c) * plane;
      const auto lanes = static_cast<std::size_t>(input.lanes(g));
      for (std::size_t i = 0; i < plane; i += kLanes)
        for (std::size_t lane = 0; lane < lanes; ++lane) {
          bias += static_cast<double>(d[i + lane]);
          weight += static_cast<double>(d[i + lane] * (x[i + lane] - mean(c)));
        }
    }
    norm_.weight.gradient[c] += static_cast<T>(weight * static_cast<double>(inverse(c)));
    norm_.bias.gradient[c] += static_cast<T>(bias);
  }
}

template class InputNorm<float>;
template class InputNorm<double>;

}  // namespace ditmos::nn
