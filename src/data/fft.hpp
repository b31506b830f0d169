#pragma once
#include <cstddef>
#include <span>
#include <vector>

namespace ditmos::data {

/// Power spectrum of real signals in double: |X_k|^2, k = 0 .. N/2, of X_k = sum x_n exp(-2 pi i k n / N).
/// N is a power of two from 4; one complex transform of N/2 points, radix 2. Real and imaginary parts and
/// each stage's factors lie one after another, so that the compiler's vector loops take them.
class RealFft {
 public:
  explicit RealFft(std::size_t size);
  std::size_t size() const { return size_; }
  /// `signal` has size() samples, `power` takes size()/2 + 1. One thread an object.
  void power(std::span<const double> signal, std::span<double> power);

 private:
  std::size_t size_;
  std::vector<std::size_t> reversed_;
  std::vector<double> stage_re_, stage_im_;  // exp(-2 pi i k / length), k < length/2, for length 2, 4, ... N/2
  std::vector<double> split_re_, split_im_;  // exp(-2 pi i k / N), k < N/2
  std::vector<double> re_, im_;
};

}  // namespace ditmos::data
