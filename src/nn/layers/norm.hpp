#pragma once
#include "nn/network.hpp"

namespace ditmos::nn {

/// A parameter's place in the network's arrays.
template <class T>
struct Slot {
  T* value = nullptr;
  T* gradient = nullptr;
};

/// Parameters and running statistics of a batch norm, one value a channel each.
template <class T>
struct Norm {
  static constexpr double kEpsilon = 1e-5, kMomentum = 0.1;  // PyTorch's defaults
  Slot<T> weight, bias;
  T* mean = nullptr;      ///< running
  T* variance = nullptr;  ///< running, unbiased

  /// Moves the running statistics of channel c towards a batch of `count` values with this biased variance.
  void move_running(int c, double batch_mean, double batch_variance, double count) {
    const double unbiased = count > 1 ? batch_variance * count / (count - 1) : batch_variance;
    mean[c] = static_cast<T>((1 - kMomentum) * static_cast<double>(mean[c]) + kMomentum * batch_mean);
    variance[c] = static_cast<T>((1 - kMomentum) * static_cast<double>(variance[c]) + kMomentum * unbiased);
  }
};

}  // namespace ditmos::nn
