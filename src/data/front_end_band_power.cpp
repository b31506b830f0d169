#include <array>
#include <cmath>
#include <numbers>

#include "core/error.hpp"
#include "core/json.hpp"
#include "data/front_end.hpp"

namespace ditmos::data {
namespace {

struct Band {
  const char* name;
  double low_hz, high_hz;  // low inclusive, high exclusive
};
constexpr std::array<Band, 4> bands = {{{"theta", 4, 8}, {"alpha", 8, 13}, {"beta", 13, 30}, {"gamma", 30, 45}}};

}  // namespace

void apply_band_power(Dataset& d, std::size_t frame) {
  RealFft fft(frame);
  const std::size_t length = static_cast<std::size_t>(d.width);
  if (d.rate_hz < 90 || d.height != 1)
    throw Error(d.name + ": band power up to 45 Hz needs series at 90 Hz or more, and these have " + std::to_string(d.rate_hz));
  if (length < frame)
    throw Error(d.name + ": windows of " + std::to_string(length) + " samples are shorter than one frame of " +
                std::to_string(frame));
  const double bin_hz = d.rate_hz / static_cast<double>(frame);
  if (bin_hz > 4) throw Error(d.name + ": frames of " + std::to_string(frame) + " samples are too short to tell bands apart");
  const std::size_t hop = frame / 2, frames = (length - frame) / hop + 1, channels = static_cast<std::size_t>(d.channels);
  std::vector<double> window(frame), signal(frame), power(frame / 2 + 1);
  double energy = 0;
  for (std::size_t i = 0; i < frame; ++i) {
    window[i] = 0.5 - 0.5 * std::cos(2 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(frame));
    energy += window[i] * window[i];
  }
  std::vector<float> features(d.size() * channels * bands.size() * frames);
  for (std::size_t n = 0; n < d.size(); ++n)
    for (std::size_t c = 0; c < channels; ++c)
      for (std::size_t t = 0; t < frames; ++t) {
        const auto samples = d.window(n).subspan(c * length + t * hop, frame);
        for (std::size_t i = 0; i < frame; ++i) signal[i] = window[i] * static_cast<double>(samples[i]);
        fft.power(signal, power);
        for (std::size_t b = 0; b < bands.size(); ++b) {
          double sum = 0;
          for (std::size_t k = 1; k < power.size(); ++k) {
            const double hz = static_cast<double>(k) * bin_hz;
            if (hz >= bands[b].low_hz && hz < bands[b].high_hz) sum += 2 * power[k];
          }
          const double mean_square = sum / (energy * static_cast<double>(frame));
          features[((n * channels + c) * bands.size() + b) * frames + t] = static_cast<float>(std::log10(mean_square + 1e-6));
        }
      }
  std::vector<std::string> names;
  for (std::size_t c = 0; c < channels; ++c)
    for (const Band& band : bands)
      names.push_back((channels == 1 ? "" : (d.channel_names.empty() ? std::to_string(c) : d.channel_names[c]) + " ") + band.name);
  d.front_end = Json{{"kind", "band-power"}, {"rate_hz", d.rate_hz}, {"samples", d.width}, {"frame", frame}}.dump();
  d.x = std::move(features);
  d.channels = static_cast<int>(channels * bands.size());
  d.width = static_cast<int>(frames);
  d.rate_hz /= static_cast<double>(hop);
  d.unit = "log10 power";
  d.channel_names = names;
}

}  // namespace ditmos::data
