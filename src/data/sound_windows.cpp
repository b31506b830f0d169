#include "data/sound_windows.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "core/file.hpp"
#include "data/formats/wav.hpp"
#include "data/parallel.hpp"

namespace ditmos::data {
namespace {

Audio read_audio(const SoundFile& file, int rate_hz) {
  Audio audio = parse_wav(read_file(file.path), file.path.string());
  if (audio.rate_hz != rate_hz || audio.channels != 1)
    throw Error(file.path.string() + " has " + std::to_string(audio.rate_hz) + " Hz and " + std::to_string(audio.channels) + " channels, expected " +
                    std::to_string(rate_hz) + " Hz and 1",
                "convert it, for example with: ffmpeg -i IN -ar " + std::to_string(rate_hz) + " -ac 1 OUT.wav");
  return audio;
}

/// Digest of the features' fingerprint, the files' bytes, and the windows taken.
std::string key_of(std::span<const SoundFile> files, int rate_hz, std::size_t width, const WindowFeatures& features) {
  std::vector<std::string> digests(files.size());
  parallel_for(files.size(), [&](std::size_t i) { digests[i] = sha256(read_file(files[i].path)); });
  std::string text = features.fingerprint() + " " + std::to_string(rate_hz) + " " + std::to_string(width);
  for (std::size_t i = 0; i < files.size(); ++i) {
    text += "\n" + digests[i];
    for (const std::size_t start : files[i].starts) text += " " + std::to_string(start);
  }
  return sha256(text);
}

}  // namespace

Values read_sound_windows(std::span<const SoundFile> files, int rate_hz, std::size_t width, const WindowFeatures* features, const FeatureCache& cache) {
  std::vector<std::size_t> first(files.size() + 1);
  for (std::size_t i = 0; i < files.size(); ++i) first[i + 1] = first[i] + files[i].starts.size();
  const std::size_t values = features ? features->size() : width;
  std::string key;
  if (features && cache.is_on()) {
    key = key_of(files, rate_hz, width, *features);
    if (auto kept = cache.find(key, first.back() * values)) return std::move(*kept);
  }
  Values all(first.back() * values);
  parallel_for(files.size(), [&](std::size_t i) {
    const Audio audio = read_audio(files[i], rate_hz);
    std::vector<float> window(width);
    for (std::size_t k = 0; k < files[i].starts.size(); ++k) {
      const std::size_t start = std::min(files[i].starts[k], audio.samples.size()), count = std::min(width, audio.samples.size() - start);
      std::copy_n(audio.samples.begin() + static_cast<std::ptrdiff_t>(start), count, window.begin());
      std::fill(window.begin() + static_cast<std::ptrdiff_t>(count), window.end(), 0.0f);
      const auto out = std::span(all).subspan((first[i] + k) * values, values);
      if (features)
        features->compute(window, out);
      else
        std::copy(window.begin(), window.end(), out.begin());
    }
  });
  if (!key.empty()) cache.keep(key, all);
  return all;
}

}  // namespace ditmos::data
