#pragma once
#include "nn/kernels/kernels.hpp"
#include "nn/layers/norm.hpp"

namespace ditmos::nn {

/// Batch norm on the raw input. It only finds each channel's mean and scale; the first layer applies them: either
/// x^ = (x - mean) * inverse with weight and bias folded into the convolution, or weight * x^ + bias in full.
template <class T>
class InputNorm {
 public:
  explicit InputNorm(int channels) : mean_(channels), inverse_(channels) {}
  Norm<T>& norm() { return norm_; }
  const Norm<T>& norm() const { return norm_; }

  void measure(const Maps<T>& input, Mode mode, const KernelTable<T>& kernels);
  T mean(int c) const { return mean_[static_cast<std::size_t>(c)]; }
  T inverse(int c) const { return inverse_[static_cast<std::size_t>(c)]; }
  /// The affine map of channel c to its output; `folded` leaves weight and bias out.
  AffineTask<T> task(int c, bool folded) const;
  /// Adds the gradients of weight and bias, given that of the output.
  void backward(const Maps<T>& input, const Maps<T>& gradient);

 private:
  Norm<T> norm_;
  AlignedVector<T> mean_, inverse_;
};

}  // namespace ditmos::nn
