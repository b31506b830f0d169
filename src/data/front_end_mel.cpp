#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>

#include "core/error.hpp"
#include "core/json.hpp"
#include "data/front_end.hpp"
#include "data/parallel.hpp"

namespace ditmos::data {
namespace {

std::size_t to_samples(double milliseconds, double rate, const char* what) {
  const double samples = std::round(milliseconds * rate / 1000);
  if (!(samples >= 1 && samples <= 1 << 20))
    throw Error(std::string(what) + " of " + std::to_string(milliseconds) + " ms at " + std::to_string(rate) +
                " Hz is " + std::to_string(samples) + " samples, expected 1 to 1048576");
  return static_cast<std::size_t>(samples);
}

double to_mel(double hz) { return 1127 * std::log(1 + hz / 700); }

}  // namespace

MelFrontEnd::MelFrontEnd(const MelSettings& s)
    : settings_(s),
      frame_(to_samples(s.frame_ms, s.rate_hz, "a frame")),
      hop_(to_samples(s.hop_ms, s.rate_hz, "a hop")),
      fft_(std::max<std::size_t>(4, std::bit_ceil(frame_))),
      window_(frame_),
      signal_(fft_.size()),
      power_(fft_.size() / 2 + 1),
      energies_(static_cast<std::size_t>(std::max(0, s.mels))) {
  if (s.mels < 1 || s.mels > 256 || s.coefficients < 0 || s.coefficients > s.mels)
    throw Error("front end with " + std::to_string(s.mels) + " mel bands and " + std::to_string(s.coefficients) +
                " coefficients, expected 1 to 256 bands and no more coefficients than bands");
  if (!(s.low_hz >= 0 && s.low_hz < s.high_hz && s.high_hz <= s.rate_hz / 2))
    throw Error("mel bands from " + std::to_string(s.low_hz) + " to " + std::to_string(s.high_hz) + " Hz at a rate of " +
                std::to_string(s.rate_hz) + " Hz, expected them below half the rate");
  for (std::size_t i = 0; i < frame_; ++i)
    window_[i] = 0.5 - 0.5 * std::cos(2 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(frame_));
  const double low = to_mel(s.low_hz), step = (to_mel(s.high_hz) - low) / (s.mels + 1);
  for (int m = 0; m < s.mels; ++m) {
    Filter filter;
    for (std::size_t k = 0; k < power_.size(); ++k) {
      const double hz = static_cast<double>(k) * s.rate_hz / static_cast<double>(fft_.size());
      const double at = (to_mel(hz) - low) / step - m;  // 0 .. 1 rises, 1 .. 2 falls
      const double weight = std::min(at, 2 - at);
      if (weight <= 0) continue;
      if (filter.weights.empty()) filter.first = k;
      filter.weights.push_back(weight);
    }
    if (filter.weights.empty())
      throw Error("mel band " + std::to_string(m) + " of " + std::to_string(s.mels) +
                      " lies between two bins of the spectrum",
                  "use fewer bands or longer frames");
    filters_.push_back(std::move(filter));
  }
  for (int c = 0; c < s.coefficients; ++c)
    for (int m = 0; m < s.mels; ++m)
      dct_.push_back(std::sqrt((c == 0 ? 1.0 : 2.0) / s.mels) * std::cos(std::numbers::pi * c * (m + 0.5) / s.mels));
}

int MelFrontEnd::frames(std::size_t samples) const {
  return samples < frame_ ? 0 : static_cast<int>((samples - frame_) / hop_ + 1);
}

void MelFrontEnd::compute(std::span<const float> signal, std::span<float> out) {
  const auto count = static_cast<std::size_t>(frames(signal.size()));
  for (std::size_t t = 0; t < count; ++t) {
    for (std::size_t i = 0; i < frame_; ++i) signal_[i] = window_[i] * static_cast<double>(signal[t * hop_ + i]);
    fft_.power(signal_, power_);
    for (std::size_t m = 0; m < filters_.size(); ++m) {
      double sum = 0;
      for (std::size_t k = 0; k < filters_[m].weights.size(); ++k) sum += filters_[m].weights[k] * power_[filters_[m].first + k];
      energies_[m] = std::log(std::max(sum, 1e-6));
    }
    for (std::size_t v = 0; v < static_cast<std::size_t>(values()); ++v) {
      double value = dct_.empty() ? energies_[v] : 0;
      for (std::size_t m = 0; !dct_.empty() && m < energies_.size(); ++m) value += dct_[v * energies_.size() + m] * energies_[m];
      out[v * count + t] = static_cast<float>(value);
    }
  }
}

std::string choose_front_end(const std::string& asked, const std::string& standard, const std::vector<std::string>& known) {
  if (asked.empty()) return standard;
  if (std::find(known.begin(), known.end(), asked) != known.end()) return asked;
  std::string list;
  for (const std::string& name : known) list += (list.empty() ? "" : ", ") + name;
  throw Error("front end \"" + asked + "\" does not fit this data", "front ends for it: " + list);
}

void apply_mel(Dataset& d, const std::string& front_end) {
  if (front_end == "none") return;
  MelSettings settings;
  if (d.rate_hz > 0) settings.rate_hz = d.rate_hz;
  settings.high_hz = std::min(settings.high_hz, settings.rate_hz / 2);
  if (front_end == "log-mel") settings.coefficients = 0;
  if (d.channels != 1 || d.height != 1)
    throw Error(d.name + ": front end \"" + front_end + "\" takes one channel of sound, and the windows have " +
                std::to_string(d.channels * d.height));
  const MelFrontEnd prototype(settings);
  const int frames = prototype.frames(static_cast<std::size_t>(d.width));
  if (frames == 0)
    throw Error(d.name + ": windows of " + std::to_string(d.width) + " samples are shorter than one frame of the front end");
  const std::size_t size = static_cast<std::size_t>(frames) * static_cast<std::size_t>(prototype.values());
  std::vector<float> features(d.size() * size);
  constexpr std::size_t batch = 64;
  parallel_for((d.size() + batch - 1) / batch, [&](std::size_t b) {
    MelFrontEnd own(prototype);
    for (std::size_t i = b * batch; i < std::min(d.size(), (b + 1) * batch); ++i)
      own.compute(d.window(i), std::span(features).subspan(i * size, size));
  });
  Json record = {{"kind", front_end}, {"rate_hz", settings.rate_hz}, {"samples", d.width}, {"frame_ms", settings.frame_ms},
                 {"hop_ms", settings.hop_ms}, {"mels", settings.mels}, {"low_hz", settings.low_hz},
                 {"high_hz", settings.high_hz}, {"coefficients", settings.coefficients}};
  d.front_end = record.dump();
  d.x = std::move(features);
  d.channels = prototype.values();
  d.width = frames;
  d.rate_hz = 1000 / settings.hop_ms;
  d.unit = settings.coefficients > 0 ? "MFCC" : "ln mel power";
  d.channel_names.clear();
}

}  // namespace ditmos::data
