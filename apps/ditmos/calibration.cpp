#include "calibration.hpp"

#include <algorithm>

#include "method/run.hpp"

namespace ditmos::cli {

RunData load_run_data(const std::filesystem::path& run) {
  const method::Config config = method::read_run_config(run);
  RunData result{method::load_data(config), {}};
  result.split = method::split_data(config, result.dataset);
  return result;
}

compile::Int8 calibrate_with(const RunData& run, std::size_t most, const compile::QuantizeOptions& options) {
  compile::Int8 int8;
  int8.options = options;
  const auto& rows = run.split.train;
  int8.count = std::min(most, rows.size());
  for (std::size_t i = 0; i < int8.count; ++i) {
    const auto window = run.dataset.window(rows[i * rows.size() / int8.count]);
    int8.windows.insert(int8.windows.end(), window.begin(), window.end());
  }
  return int8;
}

}  // namespace ditmos::cli
