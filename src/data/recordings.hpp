#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "data/dataset.hpp"
#include "data/load_options.hpp"

namespace ditmos::data {

/// How a folder of raw recordings becomes windows; the keys of dataset.toml (docs/DATA.md shows one).
struct RecordingSettings {
  std::string name;
  std::filesystem::path folder;       ///< of the files; relative to the TOML file
  double rate_hz = 0;                 ///< resample to this; 0: all recordings must share one rate
  std::string unit;
  double scale = 1;                   ///< samples are multiplied by this (9.80665 for g to m/s^2)
  std::vector<std::string> channels;  ///< columns to take, in this order; "-x" turns the sign; empty: all
  std::string time_column;
  double seconds_per_tick = 1;
  std::string labels = "folder";      ///< "folder", "pattern", "table"
  std::string pattern;                ///< of the file name, with {label} and perhaps {group}
  std::string table;                  ///< CSV with file, start, end (seconds), label
  std::string group = "file";         ///< "file", "folder" (the one above the file's), "pattern"
  double window_seconds = 0, hop_seconds = 0;
  double threshold = 0;               ///< of the trigger, on the magnitude over the channels; 0: no trigger
  std::string front_end;
};

/// Throws Error (file, key, what was expected) for unknown keys, wrong types and values without sense.
RecordingSettings parse_recording_settings(const std::string& toml, const std::string& name);

/// A .toml file, or a folder with dataset.toml. A window without a label is left out.
Dataset read_recordings(const std::filesystem::path& path, const LoadOptions& options);

/// Where windows begin in samples[channel][position]: every `hop` samples, or, with a threshold, around each
/// peak of the magnitude that reaches it and that no larger one stands within half a window of.
std::vector<std::size_t> find_windows(const std::vector<std::vector<float>>& channels, std::size_t first, std::size_t last,
                                      std::size_t width, std::size_t hop, double threshold);

}  // namespace ditmos::data
