#include "calibration.hpp"

#include "method/run.hpp"
#include "tune/tune.hpp"

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
  int8.windows = tune::spread_windows(run.dataset, run.split.train, most, int8.count);
  return int8;
}

}  // namespace ditmos::cli
