#pragma once
#include <filesystem>
#include <span>
#include <vector>

#include "data/feature_cache.hpp"
#include "data/features.hpp"

namespace ditmos::data {

/// A sound file and the windows that are taken from it.
struct SoundFile {
  std::filesystem::path path;
  std::vector<std::size_t> starts = {0};  ///< first sample of each window
};

/// Windows of `width` samples, full scale 1, zeros after the end of a file; or, with `features`, theirs. A core holds one file at a time, so
/// with features the memory is theirs and that of a few files. Features are looked up in `cache` by the bytes of the files, and kept
/// there. Throws Error naming the file: unreadable, or not one channel at `rate_hz`.
Values read_sound_windows(std::span<const SoundFile> files, int rate_hz, std::size_t width, const WindowFeatures* features, const FeatureCache& cache);

}  // namespace ditmos::data
