#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace ditmos::data {

/// One recording as it lies on disk: channels of equal length.
struct Recording {
  std::filesystem::path path;
  std::vector<std::string> channel_names;
  std::vector<std::vector<float>> channels;
  std::vector<double> seconds;  ///< a time a sample, rising; empty: equal steps at rate_hz
  double rate_hz = 0;           ///< 0: unknown
  std::size_t length() const { return channels.empty() ? 0 : channels[0].size(); }
};

/// A WAV file, whose channels are named "1", "2", ...
Recording read_wav_recording(const std::filesystem::path& path);

/// A CSV file with a header: every column a channel, but `time_column` (empty: one named time, t or timestamp,
/// if there is one), which is multiplied by `seconds_per_tick`; times within 2 % of equal steps are taken as equal steps. Columns not in `wanted` (empty: all) are
/// skipped and need not be numbers.
Recording read_csv_recording(const std::filesystem::path& path, const std::string& time_column, double seconds_per_tick,
                             const std::vector<std::string>& wanted);

}  // namespace ditmos::data
