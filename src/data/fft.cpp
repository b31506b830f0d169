#include "data/fft.hpp"

#include <bit>
#include <cmath>
#include <numbers>
#include <string>

#include "core/error.hpp"

namespace ditmos::data {
namespace {

void append_factors(std::size_t length, std::size_t count, std::vector<double>& re, std::vector<double>& im) {
  for (std::size_t k = 0; k < count; ++k) {
    const double angle = -2 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(length);
    re.push_back(std::cos(angle));
    im.push_back(std::sin(angle));
  }
}

/// One stage: `half` butterflies between a and b with the factors w.
void butterflies(double* __restrict a_re, double* __restrict a_im, double* __restrict b_re, double* __restrict b_im,
                 const double* __restrict w_re, const double* __restrict w_im, std::size_t half) {
  for (std::size_t k = 0; k < half; ++k) {
    const double re = b_re[k] * w_re[k] - b_im[k] * w_im[k];
    const double im = b_re[k] * w_im[k] + b_im[k] * w_re[k];
    b_re[k] = a_re[k] - re;
    b_im[k] = a_im[k] - im;
    a_re[k] += re;
    a_im[k] += im;
  }
}

}  // namespace

RealFft::RealFft(std::size_t size) : size_(size) {
  if (size < 4 || !std::has_single_bit(size) || size > (std::size_t{1} << 24))
    throw Error("an FFT of " + std::to_string(size) + " points was asked for, expected a power of two from 4");
  const std::size_t half = size / 2;
  reversed_.resize(half);
  for (std::size_t i = 1; i < half; ++i) reversed_[i] = reversed_[i / 2] / 2 + (i % 2) * (half / 2);
  for (std::size_t length = 2; length <= half; length *= 2) append_factors(length, length / 2, stage_re_, stage_im_);
  append_factors(size, half, split_re_, split_im_);
  re_.resize(half);
  im_.resize(half);
}

void RealFft::power(std::span<const double> signal, std::span<double> power) {
  const std::size_t half = size_ / 2;
  for (std::size_t i = 0; i < half; ++i) {
    re_[reversed_[i]] = signal[2 * i];
    im_[reversed_[i]] = signal[2 * i + 1];
  }
  const double *w_re = stage_re_.data(), *w_im = stage_im_.data();
  for (std::size_t length = 2; length <= half; length *= 2) {
    const std::size_t pairs = length / 2;
    for (std::size_t start = 0; start < half; start += length)
      butterflies(&re_[start], &im_[start], &re_[start + pairs], &im_[start + pairs], w_re, w_im, pairs);
    w_re += pairs;
    w_im += pairs;
  }
  // Even and odd samples were transformed as one complex signal; here they come apart.
  const double even0 = re_[0], odd0 = im_[0];
  power[0] = (even0 + odd0) * (even0 + odd0);
  power[half] = (even0 - odd0) * (even0 - odd0);
  for (std::size_t k = 1; k < half; ++k) {
    const double even_re = 0.5 * (re_[k] + re_[half - k]), even_im = 0.5 * (im_[k] - im_[half - k]);
    const double odd_re = 0.5 * (im_[k] + im_[half - k]), odd_im = -0.5 * (re_[k] - re_[half - k]);
    const double re = even_re + odd_re * split_re_[k] - odd_im * split_im_[k];
    const double im = even_im + odd_re * split_im_[k] + odd_im * split_re_[k];
    power[k] = re * re + im * im;
  }
}

}  // namespace ditmos::data
