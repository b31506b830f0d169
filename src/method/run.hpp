#pragma once
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "core/json.hpp"
#include "data/dataset.hpp"
#include "data/split.hpp"
#include "method/config.hpp"
#include "method/method.hpp"

namespace ditmos::method {

/// How a run ended. stopped: the budget of time was used up, the best model so far stands.
enum class RunState { running, finished, stopped };

struct RunOptions {
  std::filesystem::path folder;
  bool resume = false;
  double max_minutes = 0;           ///< 0: no limit
  double checkpoint_seconds = 2;    ///< at most this much work is lost by a kill, and one epoch
  std::string command;              ///< for the record
  std::string version;
  Json notes = Json::object();      ///< more facts for run.json, beside those of the method
  /// Called after each epoch with the share done, 0 .. 1, in place of the progress line.
  std::function<void(double share)> on_epoch;
};

struct RunResult {
  RunState state = RunState::finished;
  int epochs = 0, epochs_planned = 0;
  int best_epoch = -1;              ///< -1: none of the epochs gave a whole model
  Json evaluation;                  ///< as evaluation.json
  double seconds = 0;               ///< of training, over all resumptions
};

/// Data set and split of a config. `dataset` and `data` are those of data::load_dataset.
data::Dataset load_data(const Config& config);
data::Split split_data(const Config& config, const data::Dataset& dataset);
/// Whether the final networks are trained on the validation part as well (checkpoint "refit"), which then judges nothing.
bool is_refit(const Config& config);
/// The split that a run trains on: with checkpoint "refit" the validation windows are training windows too.
data::Split training_split(const Config& config, const data::Dataset& dataset);

/// Trains into a new run folder: config.toml, run.json, metrics.jsonl (a line an epoch), checkpoint.bin, bundle/, evaluation.json. With resume, goes on
/// from the checkpoint to the same bits; a finished run is returned as it is. Throws Error when the folder holds anything else, or the
/// config differs from the folder's; method "auto" trains candidates first (auto.hpp); Interrupted after a signal, with the checkpoint in place.
RunResult train_run(Config config, const data::Dataset& dataset, const RunOptions& options);

/// Reads the run folder's config. Throws Error when it is no run.
Config read_run_config(const std::filesystem::path& folder);

/// The method of a run with its best model as the committee. `setup` must outlive it. Throws Error when nothing is trained yet, or the
/// method trains no network (knn).
std::unique_ptr<Method> restore_best(const std::filesystem::path& folder, const Setup& setup);

/// A new run folder that holds `committee`, made from the one of `source`, as its finished model: config, checkpoint, bundle, evaluation and
/// run.json, which takes `record` under "tuning". Throws Error when `folder` holds anything.
void write_tuned_run(const std::filesystem::path& folder, const std::filesystem::path& source, const Setup& setup, Committee& committee, const Json& record);

/// Evaluates the best model of a run again on its data and rewrites evaluation.json.
Json evaluate_run(const std::filesystem::path& folder, const data::Dataset& dataset);

/// The 1-nearest-neighbour reference on the test part; known: everything else. Of more than 60,000 known and 10,000 test windows so many, evenly spread.
Json nearest_neighbour_reference(const data::Dataset& dataset, const data::Split& split, int threads);

}  // namespace ditmos::method
