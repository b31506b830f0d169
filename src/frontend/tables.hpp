#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "frontend/settings.hpp"

namespace ditmos::frontend {

/// Of runtime/include/ditmos/fft_f32.h, computed in double and rounded once.
struct FftTables {
  int frame = 0, half = 0, low_bits = 0;
  std::vector<std::uint8_t> reversed;
  std::vector<float> window;   ///< periodic Hann times a gain
  std::vector<float> twiddle;
};
/// `frame` samples in the next power of two. Throws Error: a frame outside 8 .. 8192 samples.
FftTables make_fft_tables(int frame, double gain);

/// Of runtime/include/ditmos/mel_f32.h: triangular bands with corners equally spaced on the scale 1127 ln(1 + f / 700), orthonormal DCT-II.
struct MelTables {
  FftTables fft;
  std::vector<std::uint16_t> edges;
  std::vector<float> bins, dct;
};
/// Throws Error for bands that lie above half the rate or between two bins.
MelTables make_mel_tables(const Settings& settings, int frame);

/// Of runtime/include/ditmos/mel_s16.h: the same tables rounded to 16 bits.
struct MelTables16 {
  int frame = 0, half = 0, low_bits = 0;
  std::vector<std::uint8_t> reversed;
  std::vector<std::int16_t> window, twiddle, bins, dct;
  std::vector<std::uint16_t> edges, logarithm;
};
MelTables16 to_fixed(const MelTables& tables);

/// Of runtime/include/ditmos/band_power_f32.h.
struct BandTables {
  FftTables fft;
  std::vector<std::uint16_t> edges;
  std::vector<float> turns;
};
/// Throws Error for a rate below 90 Hz or frames too short to tell bands apart.
BandTables make_band_tables(const Settings& settings);

struct Band {
  const char* name;
  double low_hz, high_hz;  ///< low inclusive, high exclusive
};
const std::vector<Band>& eeg_bands();

}  // namespace ditmos::frontend
