#pragma once
#include <span>
#include <string>
#include <vector>

#include "data/dataset.hpp"
#include "data/fft.hpp"

namespace ditmos::data {

/// Settings of MFCC and log-mel. The defaults are those of the usual keyword-spotting task (Zhang et al.,
/// "Hello Edge", arXiv:1711.07128): 49 frames of 10 coefficients from one second at 16 kHz.
struct MelSettings {
  double rate_hz = 16000;
  double frame_ms = 40, hop_ms = 20;
  int mels = 40;
  double low_hz = 20, high_hz = 4000;
  int coefficients = 10;  ///< of the DCT; 0: the log-mel energies themselves
};

/// The reference, in double. A frame x of n samples in -1 .. 1: periodic Hann window, zeros up to the next
/// power of two N, power spectrum |X_k|^2, triangular filters with corners equally spaced on the mel scale
/// 1127 ln(1 + f / 700), e_m = ln(max(sum, 1e-6)), and the orthonormal DCT-II of e.
class MelFrontEnd {
 public:
  /// Throws Error for settings that make no sense (hop 0, high above half the rate, a filter without a bin).
  explicit MelFrontEnd(const MelSettings& settings);
  /// Frames in a signal: 0 when it is shorter than one.
  int frames(std::size_t samples) const;
  /// Values a frame: coefficients, or mels without a DCT.
  int values() const { return settings_.coefficients > 0 ? settings_.coefficients : settings_.mels; }
  /// out[v * frames + t], so that a value is a channel along time.
  void compute(std::span<const float> signal, std::span<float> out);

 private:
  struct Filter {
    std::size_t first = 0;
    std::vector<double> weights;
  };
  MelSettings settings_;
  std::size_t frame_, hop_;
  RealFft fft_;
  std::vector<double> window_, signal_, power_, energies_, dct_;
  std::vector<Filter> filters_;
};

/// Replaces the windows of a one-channel audio set by MFCC ("mfcc") or log-mel ("log-mel"): channels are
/// coefficients, width is frames. "none" leaves the samples. Throws Error with the nearest known name.
void apply_mel(Dataset& dataset, const std::string& front_end);

/// Replaces windows by log10 band power of theta (4-8 Hz), alpha (8-13), beta (13-30) and gamma (30-45), each
/// channel's four after one another, a frame of `frame` samples (power of two) every frame / 2.
void apply_band_power(Dataset& dataset, std::size_t frame);

/// The front end asked for, or `standard` when none was; Error unless it is one of `known`.
std::string choose_front_end(const std::string& asked, const std::string& standard, const std::vector<std::string>& known);

}  // namespace ditmos::data
