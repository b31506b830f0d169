#pragma once
#include <filesystem>

#include "compile/compile.hpp"
#include "compile/quantize/kernel_arguments.hpp"
#include "core/json.hpp"
#include "data/dataset.hpp"
#include "data/split.hpp"
#include "tune/tune.hpp"

namespace ditmos::tune {

/// A finished run, with its data read as it was for training. The validation part is empty where the run was trained on it (checkpoint "refit").
struct TrainedRun {
  std::filesystem::path folder;
  method::Config config;
  data::Dataset dataset;
  data::Split split;
};
TrainedRun read_run(const std::filesystem::path& folder);

/// The bundle in a run folder as the compiler takes it for int8, in float32. Throws Error when the run has none.
compile::Program program_of_run(const std::filesystem::path& folder);

/// A calibration by name. "auto": the one that the run was fine-tuned with, or the one whose integers answer most like the float
/// network: least mean Kullback-Leibler divergence on 500 windows of the run's validation part, of its training part where it has none of its
/// own (labels say less: a few windows either way decide by luck). `program`: the run's, in float32
/// (lower_for_int8). Throws Error for other names.
compile::Calibration resolve_calibration(const std::string& name, const TrainedRun& run, const compile::Program& program, const TuneOptions& options);
inline constexpr const char* kAutomatic = "auto";

/// What the compiler makes integers of a run with: calibration windows, spread over the training part, and the calibration by name, as above.
compile::Int8 int8_of(const TrainedRun& run, const compile::Program& imported, const std::string& calibration, std::size_t calibration_windows, compile::WeightLayout layout);

struct Assessment {
  /// dataset, protocol, optimistic, seed, method, calibration, calibration_windows; parts.<part>: windows and the shares right of float32, int8 and
  /// (fine-tuned) int8_tuned, and same_label, where float32 and int8 agree; tuning: as in the new run's run.json; layers: network, node,
  /// sqnr_db, scale, zero_point of the last integer program.
  Json record;
  compile::Program quantized;  ///< fine-tuned, where that was asked for
};

/// What int8 costs a run, on its validation (if any) and test parts. With `tuned` not empty the networks are fine-tuned first (tune.hpp) and written there
/// as a new run.
Assessment assess(const TrainedRun& run, const TuneOptions& options, int threads, const std::filesystem::path& tuned = {});

}  // namespace ditmos::tune
