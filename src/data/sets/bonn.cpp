#include <cmath>

#include "core/error.hpp"
#include "data/formats/text_segments.hpp"
#include "data/sets/sets.hpp"

namespace ditmos::data {
namespace {

constexpr double rate = 173.61;

int to_samples(double seconds, int standard) {
  if (seconds == 0) return standard;
  const double samples = std::round(seconds * rate);
  if (!(samples >= 1 && samples <= 4097))
    throw Error("eeg-bonn: windows of " + std::to_string(seconds) + " s, expected up to 23.6 s as a segment has");
  return static_cast<int>(samples);
}

}  // namespace

Dataset read_bonn(const std::filesystem::path& folder, const LoadOptions& options) {
  const int width = to_samples(options.window_seconds, 512);
  Dataset d = read_text_segments(folder, width, to_samples(options.hop_seconds, width));
  d.name = "eeg-bonn";
  d.rate_hz = rate;
  d.unit = "uV";
  d.provenance += "; Andrzejak et al., Phys. Rev. E 64:061907, 2001";
  return d;
}

}  // namespace ditmos::data
