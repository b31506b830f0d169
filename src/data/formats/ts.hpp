#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "data/dataset.hpp"
#include "data/load_options.hpp"

namespace ditmos::data {

/// A file of the UEA/UCR archive's .ts format. Missing values ("?") are interpolated between their
/// neighbours. Throws Error (file, line) for time stamps, undeclared classes, dimensions that differ.
struct TsFile {
  std::string problem;
  std::vector<std::string> classes;
  int dimensions = 0;
  std::vector<std::vector<float>> series;  ///< (dimension, position); dimensions of one case padded alike
  std::vector<std::string> labels;
};
TsFile parse_ts(std::string_view text, const std::string& name);

/// NAME_TRAIN.ts and NAME_TEST.ts of a folder with their official split. An empty `problem` takes the only
/// one there is.
Dataset read_ts_folder(const std::filesystem::path& folder, std::string problem, const LoadOptions& options);
/// One file, without an official split.
Dataset read_ts_file(const std::filesystem::path& path, const LoadOptions& options);

}  // namespace ditmos::data
