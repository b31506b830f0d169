#include "frontend/front_end.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/error.hpp"
#include "ditmos/front_end.h"

namespace ditmos::frontend {
namespace {

int to_count(double milliseconds, double rate, const char* what) {
  const double samples = std::round(milliseconds * rate / 1000);
  if (!(samples >= 1 && samples <= 8192))
    throw Error(fmt::format("{} of {:g} ms at {:g} Hz is {:g} samples, expected 1 to 8192", what, milliseconds, rate, samples));
  return static_cast<int>(samples);
}

ditmos_fft_f32 view(const FftTables& t) { return {t.frame, t.half, t.low_bits, t.reversed.data(), t.window.data(), t.twiddle.data()}; }

std::size_t bytes_of(const MelTables16& t) {
  return t.reversed.size() + 2 * (t.window.size() + t.twiddle.size() + t.bins.size() + t.dct.size() + t.edges.size() + t.logarithm.size());
}

std::size_t bytes_of(const FftTables& t) { return t.reversed.size() + 4 * (t.window.size() + t.twiddle.size()); }

/// Of one real FFT: window, radix-4 butterflies with three complex products each.
std::int64_t multiplications_of(const FftTables& t) {
  std::int64_t passes = 0;
  for (int m = t.half; m >= 4; m /= 4) ++passes;
  return t.frame + passes * t.half / 4 * 12;
}

}  // namespace

FrontEnd::FrontEnd(const Settings& settings) : settings_(settings) {
  const Settings& s = settings_;
  const bool sized = s.channels >= 1 && s.channels <= 4096 && s.height >= 1 && s.height <= 4096 && s.samples >= 1;
  if (!sized || static_cast<double>(s.channels) * s.height * s.samples > 1e8)
    throw Error(fmt::format("front end for windows of {} x {} x {}, expected 1 to 4096 channels and rows and at least one sample", s.channels, s.height, s.samples));
  if (s.fixed && !(s.kind == Kind::mfcc || s.kind == Kind::log_mel)) throw Error("front end " + name_of(s.kind) + " is not there in fixed point");
  if (!std::isfinite(s.factor)) throw Error("front end " + name_of(s.kind) + ": the factor is not finite");
  if (s.kind == Kind::compand && !(s.factor > 0)) throw Error(fmt::format("front end compand: the factor is {:g}, expected more than 0", s.factor));
  const bool is_mel = s.kind == Kind::mfcc || s.kind == Kind::log_mel;
  if (is_mel != (s.sample == Sample::s16) || (s.sample == Sample::u8 && s.kind != Kind::map))
    throw Error("front end " + name_of(s.kind) + " does not take samples of " + name_of(s.sample));
  if (s.kind == Kind::log_mel) settings_.coefficients = 0;
  if (is_mel) {
    if (s.channels != 1 || s.height != 1)
      throw Error(fmt::format("front end \"{}\" takes one channel of sound, and the windows have {}", name_of(s.kind), s.channels * s.height));
    if (s.kind == Kind::mfcc && s.coefficients < 1) throw Error("front end mfcc with 0 coefficients", "log-mel gives the energies themselves");
    frame_ = to_count(s.frame_ms, s.rate_hz, "a frame");
    hop_ = to_count(s.hop_ms, s.rate_hz, "a hop");
    tables_ = make_mel_tables(settings_, frame_);
    if (s.fixed) fixed_ = to_fixed(*mel());
  } else if (s.kind == Kind::band_power) {
    if (s.height != 1) throw Error("front end band-power takes series, and these are images");
    frame_ = s.frame;
    hop_ = s.frame / 2;
    tables_ = make_band_tables(settings_);
  }
  if (frame_ == 0) return;
  if (s.samples < frame_) throw Error(fmt::format("windows of {} samples are shorter than one frame of {}", s.samples, frame_));
  frames_ = (s.samples - frame_) / hop_ + 1;
}

int FrontEnd::frame_values() const {
  if (band()) return static_cast<int>(eeg_bands().size());
  return mel() ? (settings_.coefficients > 0 ? settings_.coefficients : settings_.mels) : 0;
}

int FrontEnd::channels() const {
  if (mel()) return settings_.image ? 1 : frame_values();
  if (band()) return settings_.channels * frame_values();
  return settings_.channels + (settings_.kind == Kind::magnitude ? 1 : 0);
}

int FrontEnd::height() const { return mel() ? (settings_.image ? frame_values() : 1) : settings_.height; }
int FrontEnd::width() const { return frames_ > 0 ? frames_ : settings_.samples; }

std::size_t FrontEnd::sample_count() const {
  return static_cast<std::size_t>(settings_.channels) * static_cast<std::size_t>(settings_.height) * static_cast<std::size_t>(settings_.samples);
}

std::size_t FrontEnd::values_offset() const {
  // Energies lie before coefficients; without coefficients they are the features.
  if (const MelTables16* t = fixed()) return (2 * static_cast<std::size_t>(2 * t->half + settings_.mels) + 3) / 4 * 4;
  if (const MelTables* t = mel()) return 4 * static_cast<std::size_t>(2 * t->fft.half + (settings_.coefficients > 0 ? settings_.mels : 0));
  if (const BandTables* t = band()) return 8 * static_cast<std::size_t>(t->fft.half);
  return 0;
}

std::size_t FrontEnd::scratch_bytes() const { return values_offset() + 4 * static_cast<std::size_t>(frame_values()); }

std::size_t FrontEnd::table_bytes() const {
  if (const MelTables16* t = fixed()) return bytes_of(*t);
  if (const MelTables* t = mel()) return bytes_of(t->fft) + 2 * t->edges.size() + 4 * (t->bins.size() + t->dct.size());
  if (const BandTables* t = band()) return bytes_of(t->fft) + 2 * t->edges.size() + 4 * t->turns.size();
  return 0;
}

std::int64_t FrontEnd::multiplications() const {
  if (const MelTables* t = mel())
    return frames_ * (multiplications_of(t->fft) + static_cast<std::int64_t>(t->bins.size() / 3 * 7 + t->dct.size()));
  if (const BandTables* t = band())
    return settings_.channels * frames_ * (multiplications_of(t->fft) + static_cast<std::int64_t>(t->turns.size() / 2 * 6));
  return static_cast<std::int64_t>(feature_count());
}

void FrontEnd::to_samples(std::span<const float> window, std::span<float> samples) const {
  if (window.size() != sample_count() || samples.size() != window.size())
    throw Error(fmt::format("a window of {} values for a front end that takes {}", window.size(), sample_count()));
  if (settings_.sample == Sample::s16) {
    for (std::size_t i = 0; i < window.size(); ++i) samples[i] = std::nearbyint(std::clamp(window[i] * 32768.0f, -32768.0f, 32767.0f));
  } else if (settings_.sample == Sample::u8) {
    for (std::size_t i = 0; i < window.size(); ++i) samples[i] = std::clamp(std::nearbyint(window[i]), 0.0f, 255.0f);
  } else {
    std::copy(window.begin(), window.end(), samples.begin());
  }
}

void FrontEnd::compute(std::span<const float> window, std::span<float> features) const {
  if (window.size() != sample_count() || features.size() != feature_count())
    throw Error(fmt::format("a window of {} values and {} features for a front end that takes {} and gives {}", window.size(), features.size(), sample_count(),
                            feature_count()));
  const Settings& s = settings_;
  const auto frames = static_cast<std::size_t>(frames_), values = static_cast<std::size_t>(frame_values());
  std::vector<float> scratch(scratch_bytes() / 4), whole(window.size());
  float* const out = scratch.data() + values_offset() / 4;
  to_samples(window, whole);
  if (const MelTables* t = mel()) {
    const ditmos_mel_f32 task = {view(t->fft), s.mels, s.coefficients, t->edges.data(), t->bins.data(), t->dct.data()};
    const std::vector<std::int16_t> sound(whole.begin(), whole.end());
    if (const MelTables16* q = fixed()) {
      const ditmos_mel_s16 in_fixed = {{q->frame, q->half, q->low_bits, q->reversed.data(), q->window.data(), q->twiddle.data()},
                                       s.mels, s.coefficients, q->edges.data(), q->bins.data(), q->dct.data(), q->logarithm.data()};
      std::vector<std::int16_t> numbers(values_offset() / 2);
      std::vector<std::int32_t> rounded(values);
      for (std::size_t f = 0; f < frames; ++f) {
        ditmos_mel_frame_s16(in_fixed, sound.data() + f * static_cast<std::size_t>(hop_), numbers.data(), rounded.data());
        for (std::size_t v = 0; v < values; ++v) features[v * frames + f] = static_cast<float>(rounded[v]) * 0.0009765625f;
      }
      return;
    }
    for (std::size_t f = 0; f < frames; ++f) {
      ditmos_mel_frame_f32(task, sound.data() + f * static_cast<std::size_t>(hop_), scratch.data(), out);
      for (std::size_t v = 0; v < values; ++v) features[v * frames + f] = out[v];
    }
    return;
  }
  const auto length = static_cast<std::size_t>(s.height) * static_cast<std::size_t>(s.samples), channels = static_cast<std::size_t>(s.channels);
  if (const BandTables* t = band()) {
    const ditmos_band_power_f32 task = {view(t->fft), static_cast<int>(values), t->edges.data(), t->turns.data()};
    for (std::size_t c = 0; c < channels; ++c)
      for (std::size_t f = 0; f < frames; ++f) {
        ditmos_band_power_frame_f32(task, whole.data() + c * length + f * static_cast<std::size_t>(hop_), scratch.data(), out);
        for (std::size_t v = 0; v < values; ++v) features[(c * values + v) * frames + f] = out[v];
      }
    return;
  }
  if (s.kind == Kind::magnitude) {
    std::copy(whole.begin(), whole.end(), features.begin());
    for (std::size_t i = 0; i < length; ++i)
      features[channels * length + i] = ditmos_magnitude_f32(s.channels, static_cast<int>(length), whole.data() + i);
    return;
  }
  if (s.kind == Kind::compand) {
    for (std::size_t i = 0; i < whole.size(); ++i) features[i] = ditmos_compand_f32(whole[i], static_cast<float>(s.factor));
    return;
  }
  for (std::size_t c = 0; c < channels; ++c) {
    float mean = 0, inverse = static_cast<float>(s.factor);
    if (s.kind == Kind::normalize) ditmos_moments_f32(static_cast<int>(length), whole.data() + c * length, &mean, &inverse);
    for (std::size_t i = 0; i < length; ++i) features[c * length + i] = (whole[c * length + i] - mean) * inverse;
  }
}

}  // namespace ditmos::frontend
