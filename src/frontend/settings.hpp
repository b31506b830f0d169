#pragma once
#include <string>

#include "core/json.hpp"

namespace ditmos::frontend {

enum class Kind { mfcc, log_mel, band_power, map, magnitude, normalize, compand };
/// What the chip gets: 16-bit sound (full scale is 32768), floats in the data set's unit, bytes.
enum class Sample { f32, s16, u8 };

/// What turns the samples of one window into what the networks read; a data set's record and the bundle's manifest hold it as JSON.
///   mfcc, log-mel  one channel of sound -> `coefficients` or `mels` values x frames. The defaults of mel settings are those of the usual
///                  keyword-spotting task (Zhang et al., "Hello Edge", arXiv:1711.07128).
///   band-power     each channel -> log10 of the mean square in theta (4-8 Hz), alpha (8-13), beta (13-30), gamma (30-45) x frames
///   map            value = sample * factor
///   magnitude      the channels, then the length of the vector that they form
///   normalize      each channel of the window less its mean, over its standard deviation
///   compand        sign(sample) ln(1 + |sample| factor), the curve of mu-law (ITU-T G.711): quiet and loud parts of a signal keep their steps in
///                  int8. 1 / factor, the knee, is where the curve turns from straight to logarithmic
struct Settings {
  Kind kind = Kind::mfcc;
  Sample sample = Sample::s16;
  int channels = 1, height = 1, samples = 16000;  ///< of a window before the front end; samples: width
  double rate_hz = 16000;
  bool fixed = false;                 ///< mel kinds: 16-bit fixed point (features have 10 fractional bits) instead of float32
  bool image = false;                 ///< mel kinds: one channel of values x frames instead of a channel a value
  double frame_ms = 40, hop_ms = 20;  ///< mel kinds
  int mels = 40;
  double low_hz = 20, high_hz = 4000;
  int coefficients = 10;
  int frame = 128;                    ///< band-power: samples, a power of two; the hop is half of it
  double factor = 1;                  ///< map, compand
  bool operator==(const Settings&) const = default;
};

std::string name_of(Kind kind);
std::string name_of(Sample sample);
/// Throws Error (nearest name).
Kind kind_of(const std::string& name);

Json to_json(const Settings& settings);
/// Throws Error naming the member; `where` names the file. FrontEnd's constructor judges the numbers.
Settings parse_settings(const Json& json, const std::string& where);

}  // namespace ditmos::frontend
