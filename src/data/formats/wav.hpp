#pragma once
#include <string>
#include <vector>

namespace ditmos::data {

/// Sound as float samples in -1 .. 1 (frame, channel).
struct Audio {
  int rate_hz = 0, channels = 0;
  std::vector<float> samples;
  std::size_t frames() const { return channels == 0 ? 0 : samples.size() / static_cast<std::size_t>(channels); }
};

/// A WAV file of PCM (8 to 32 bits) or float samples. Throws Error, with `name` as the place, for
/// compressed, damaged and cut-off files.
Audio parse_wav(const std::string& bytes, const std::string& name);

}  // namespace ditmos::data
