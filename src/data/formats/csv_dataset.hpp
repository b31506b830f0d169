#pragma once
#include <filesystem>
#include <string>
#include <string_view>

#include "data/dataset.hpp"
#include "data/load_options.hpp"

namespace ditmos::data {

/// Windows from one CSV file, in one of two layouts, told apart by the header:
/// - a row a window: a column "label" (or class, activity, target); every other column is a value.
///   Columns named channel + number (x_0 x_1 .. y_0 ..) are that channel's samples, else there is one channel.
/// - a long table: also a column "window" (or window_id, segment, id), a row a sample; an optional column
///   "time" (t, timestamp, sample, index) gives the order; every other column is a channel.
/// In both, columns named subject, user, speaker, trial, session, recording or group together form the
/// group, and "split" (or part) with train and test the official split. docs/DATA.md shows examples.
Dataset parse_csv_dataset(std::string_view text, const std::string& name, const LoadOptions& options);
Dataset read_csv_file(const std::filesystem::path& path, const LoadOptions& options);

}  // namespace ditmos::data
