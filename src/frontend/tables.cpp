#include "frontend/tables.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>

#include <fmt/format.h>

#include "core/error.hpp"

namespace ditmos::frontend {
namespace {

double to_mel(double hz) { return 1127 * std::log(1 + hz / 700); }

/// exp(-2 pi i k / n)
void append_turn(std::vector<float>& to, double k, double n) {
  const double angle = -2 * std::numbers::pi * k / n;
  to.push_back(static_cast<float>(std::cos(angle)));
  to.push_back(static_cast<float>(std::sin(angle)));
}

}  // namespace

FftTables make_fft_tables(int frame, double gain) {
  if (frame < 8 || frame > 8192) throw Error(fmt::format("a frame of {} samples, expected 8 to 8192", frame));
  FftTables t;
  t.frame = frame;
  t.half = static_cast<int>(std::bit_ceil(static_cast<unsigned>(frame))) / 2;
  const int bits = std::countr_zero(static_cast<unsigned>(t.half));
  t.low_bits = (bits + 1) / 2;
  for (int i = 0; i < 1 << t.low_bits; ++i) {
    int reversed = 0;
    for (int b = 0; b < t.low_bits; ++b) reversed |= (i >> b & 1) << (t.low_bits - 1 - b);
    t.reversed.push_back(static_cast<std::uint8_t>(reversed));
  }
  for (int i = 0; i <= frame / 2; ++i)
    t.window.push_back(static_cast<float>(gain * (0.5 - 0.5 * std::cos(2 * std::numbers::pi * i / frame))));
  for (int k = 0; k < t.half / 4; ++k)
    for (int j = 1; j <= 3; ++j) append_turn(t.twiddle, j * k, t.half);
  return t;
}

MelTables make_mel_tables(const Settings& s, int frame) {
  if (s.mels < 1 || s.mels > 256 || s.coefficients < 0 || s.coefficients > s.mels)
    throw Error(fmt::format("front end with {} mel bands and {} coefficients, expected 1 to 256 bands and no more coefficients than bands", s.mels,
                            s.coefficients));
  if (!(s.low_hz >= 0 && s.low_hz < s.high_hz && s.high_hz <= s.rate_hz / 2))
    throw Error(fmt::format("mel bands from {:g} to {:g} Hz at a rate of {:g} Hz, expected them below half the rate", s.low_hz, s.high_hz, s.rate_hz));
  MelTables t;
  t.fft = make_fft_tables(frame, 0.5 / 32768);
  const int size = 2 * t.fft.half;
  const double low = to_mel(s.low_hz), step = (to_mel(s.high_hz) - low) / (s.mels + 1);
  const auto place = [&](int k) { return (to_mel(k * s.rate_hz / size) - low) / step; };  // band m rises over m .. m + 1, falls over m + 1 .. m + 2
  int k = 1;
  while (k < t.fft.half && place(k) < 0) ++k;
  for (int m = 0; m <= s.mels; ++m) {
    t.edges.push_back(static_cast<std::uint16_t>(k));
    for (; k < t.fft.half && place(k) < m + 1; ++k) {
      append_turn(t.bins, k, size);
      t.bins.push_back(static_cast<float>(place(k) - m));
    }
  }
  t.edges.push_back(static_cast<std::uint16_t>(k));
  for (std::size_t m = 0; m + 2 < t.edges.size(); ++m)
    if (t.edges[m] == t.edges[m + 2])
      throw Error(fmt::format("mel band {} of {} lies between two bins of the spectrum", m, s.mels), "use fewer bands or longer frames");
  for (int c = 0; c < s.coefficients; ++c)
    for (int m = 0; m < s.mels; ++m)
      t.dct.push_back(static_cast<float>(std::sqrt((c == 0 ? 1.0 : 2.0) / s.mels) * std::cos(std::numbers::pi * c * (m + 0.5) / s.mels)));
  return t;
}

namespace {

std::vector<std::int16_t> rounded(const std::vector<float>& values, double scale) {
  std::vector<std::int16_t> out;
  for (const float v : values) out.push_back(static_cast<std::int16_t>(std::clamp(std::round(static_cast<double>(v) * scale), -32767.0, 32767.0)));
  return out;
}

}  // namespace

MelTables16 to_fixed(const MelTables& t) {
  MelTables16 fixed;
  fixed.frame = t.fft.frame;
  fixed.half = t.fft.half;
  fixed.low_bits = t.fft.low_bits;
  fixed.reversed = t.fft.reversed;
  fixed.window = rounded(t.fft.window, 32768.0 * 65536);  // of the gain that make_mel_tables gives it
  fixed.twiddle = rounded(t.fft.twiddle, 32768);
  fixed.bins = rounded(t.bins, 32768);
  fixed.dct = rounded(t.dct, 16384);
  fixed.edges = t.edges;
  for (int i = 0; i <= 32; ++i) fixed.logarithm.push_back(static_cast<std::uint16_t>(std::lround(32768 * std::log2(1 + i / 32.0))));
  return fixed;
}

const std::vector<Band>& eeg_bands() {
  static const std::vector<Band> bands = {{"theta", 4, 8}, {"alpha", 8, 13}, {"beta", 13, 30}, {"gamma", 30, 45}};
  return bands;
}

BandTables make_band_tables(const Settings& s) {
  if (!(s.rate_hz >= 90)) throw Error(fmt::format("band power up to 45 Hz needs series at 90 Hz or more, and these have {:g}", s.rate_hz));
  if (s.frame < 8 || !std::has_single_bit(static_cast<unsigned>(s.frame)))
    throw Error(fmt::format("band power in frames of {} samples, expected a power of two from 8", s.frame));
  const double bin_hz = s.rate_hz / s.frame;
  if (bin_hz > 4) throw Error(fmt::format("frames of {} samples at {:g} Hz are too short to tell bands apart", s.frame, s.rate_hz));
  double energy = 0;
  for (int i = 0; i < s.frame; ++i) {
    const double w = 0.5 - 0.5 * std::cos(2 * std::numbers::pi * i / s.frame);
    energy += w * w;
  }
  BandTables t;
  t.fft = make_fft_tables(s.frame, 0.5 * std::sqrt(2 / (energy * s.frame)));
  for (const Band& band : eeg_bands())
    for (const double hz : {band.low_hz, band.high_hz})
      t.edges.push_back(static_cast<std::uint16_t>(std::min<double>(t.fft.half, std::ceil(hz / bin_hz))));
  for (int k = t.edges.front(); k < t.edges.back(); ++k) append_turn(t.turns, k, s.frame);
  return t;
}

}  // namespace ditmos::frontend
