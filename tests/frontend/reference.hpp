#pragma once
#include <cmath>
#include <complex>
#include <numbers>
#include <span>
#include <vector>

namespace ditmos::frontend {

/// The definitions in double, sum by sum: a check on tables, FFT and C code that shares nothing with them.
inline std::vector<double> power_spectrum(std::span<const double> x, std::size_t size) {
  std::vector<double> power(size / 2 + 1);
  for (std::size_t k = 0; k < power.size(); ++k) {
    std::complex<double> sum = 0;
    for (std::size_t i = 0; i < x.size(); ++i) sum += x[i] * std::polar(1.0, -2 * std::numbers::pi * static_cast<double>(i * k % size) / static_cast<double>(size));
    power[k] = std::norm(sum);
  }
  return power;
}

inline double hann(std::size_t i, std::size_t n) { return 0.5 - 0.5 * std::cos(2 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(n)); }

/// ln mel energies of one frame of samples in -1 .. 1; the spectrum has `size` points.
inline std::vector<double> mel_reference(std::span<const float> frame, std::size_t size, double rate, int mels, double low_hz, double high_hz) {
  std::vector<double> x;
  for (std::size_t i = 0; i < frame.size(); ++i) x.push_back(hann(i, frame.size()) * static_cast<double>(frame[i]));
  const std::vector<double> power = power_spectrum(x, size);
  const auto to_mel = [](double hz) { return 1127 * std::log(1 + hz / 700); };
  const double low = to_mel(low_hz), step = (to_mel(high_hz) - low) / (mels + 1);
  std::vector<double> energies;
  for (int m = 0; m < mels; ++m) {
    double sum = 0;
    for (std::size_t k = 0; k < power.size(); ++k) {
      const double at = (to_mel(static_cast<double>(k) * rate / static_cast<double>(size)) - low) / step - m;
      sum += std::max(0.0, std::min(at, 2 - at)) * power[k];
    }
    energies.push_back(std::log(std::max(sum, 1e-6)));
  }
  return energies;
}

inline std::vector<double> dct_reference(const std::vector<double>& e, int coefficients) {
  std::vector<double> out;
  const double n = static_cast<double>(e.size());
  for (int c = 0; c < coefficients; ++c) {
    double sum = 0;
    for (std::size_t m = 0; m < e.size(); ++m) sum += e[m] * std::cos(std::numbers::pi * c * (static_cast<double>(m) + 0.5) / n);
    out.push_back(sum * std::sqrt((c == 0 ? 1.0 : 2.0) / n));
  }
  return out;
}

}  // namespace ditmos::frontend
