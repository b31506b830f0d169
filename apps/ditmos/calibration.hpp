#pragma once
#include <filesystem>

#include "compile/compile.hpp"
#include "data/dataset.hpp"
#include "data/split.hpp"

namespace ditmos::cli {

/// The data of a run, read as it was for training.
struct RunData {
  data::Dataset dataset;
  data::Split split;
};
RunData load_run_data(const std::filesystem::path& run);

/// At most `most` windows of the training part, evenly spread over it, with their options.
compile::Int8 calibrate_with(const RunData& run, std::size_t most, const compile::QuantizeOptions& options);

}  // namespace ditmos::cli
