#include "data/fft.hpp"

#include <bit>
#include <cmath>
#include <numbers>

#include "core/error.hpp"

namespace ditmos::data {

RealFft::RealFft(std::size_t size) : size_(size), reversed_(size / 2), twiddle_(size / 2), work_(size / 2) {
  if (size < 4 || !std::has_single_bit(size) || size > (std::size_t{1} << 24))
    throw Error("an FFT of " + std::to_string(size) + " points was asked for, expected a power of two from 4");
  const std::size_t half = size / 2;
  for (std::size_t i = 1; i < half; ++i) reversed_[i] = reversed_[i / 2] / 2 + (i % 2) * (half / 2);
  for (std::size_t k = 0; k < half; ++k) {
    const double angle = -2 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(size);
    twiddle_[k] = {std::cos(angle), std::sin(angle)};
  }
}

void RealFft::power(std::span<const double> signal, std::span<double> power) {
  const std::size_t half = size_ / 2;
  for (std::size_t i = 0; i < half; ++i) work_[reversed_[i]] = {signal[2 * i], signal[2 * i + 1]};
  for (std::size_t length = 2; length <= half; length *= 2) {
    const std::size_t step = size_ / length;
    for (std::size_t start = 0; start < half; start += length)
      for (std::size_t k = 0; k < length / 2; ++k) {
        std::complex<double>& a = work_[start + k];
        std::complex<double>& b = work_[start + k + length / 2];
        const std::complex<double> w = twiddle_[k * step];
        const std::complex<double> t(b.real() * w.real() - b.imag() * w.imag(), b.real() * w.imag() + b.imag() * w.real());
        b = a - t;
        a += t;
      }
  }
  // Even and odd samples were transformed as one complex signal; here they come apart.
  power[0] = std::pow(work_[0].real() + work_[0].imag(), 2);
  power[half] = std::pow(work_[0].real() - work_[0].imag(), 2);
  for (std::size_t k = 1; k < half; ++k) {
    const std::complex<double> z = work_[k], mirror = std::conj(work_[half - k]);
    const std::complex<double> even = 0.5 * (z + mirror), d = z - mirror;
    const std::complex<double> odd(0.5 * d.imag(), -0.5 * d.real());
    const std::complex<double> w = twiddle_[k];
    const double re = even.real() + odd.real() * w.real() - odd.imag() * w.imag();
    const double im = even.imag() + odd.real() * w.imag() + odd.imag() * w.real();
    power[k] = re * re + im * im;
  }
}

}  // namespace ditmos::data
