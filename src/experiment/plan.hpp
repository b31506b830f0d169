#pragma once
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "method/config.hpp"

namespace ditmos::experiment {

/// Options of method::Config by dotted name, as text.
using Settings = std::vector<std::pair<std::string, std::string>>;

/// One row of the result table: a method with some options.
struct Variant {
  std::string name, method;
  Settings set;
};

/// A sweep: every data set x protocol x variant x seed is one training run.
/// As TOML (experiments/*.toml):
///   name, title, preset, compare (name of the variant that the paired test is against)
///   datasets, protocols, seeds, methods: lists. Under leave-one-group-out seed N holds out the N-th group, so that seeds 1 to the number of
///   groups are the whole of it
///   chip: true plans every schedule of each model for the chip as well; board: a board's name, on which each is simulated too
///   emulate: a board's name: each model is compiled in int8 and its whole test part run on that board, emulated
///   int8: true quantises each model as well, after training alone and fine-tuned
///   [set] options of every run; [set_for."DATASET"] options of the runs on one data set
///   [[variant]] name, method, set = { ... }: beside or instead of `methods`; with methods = [ ... ] one of each, named "METHOD NAME"
/// Options are dotted names in quotes, "classifiers.count" = 4. "preset" among them is that of these runs; "task" is applied before the options beside it.
struct Experiment {
  std::string name, title, preset = "paper", compare;
  std::vector<std::string> datasets, protocols;
  std::vector<std::uint64_t> seeds;
  std::vector<Variant> variants;
  bool chip = false, int8 = false;
  std::string board, emulate;
  Settings set;
  std::map<std::string, Settings> set_for;
};

/// Throws Error with the line for what is not TOML, unknown keys and values of the wrong type.
Experiment read_experiment(const std::string& text, const std::string& origin);

/// Names of the experiments in a folder, sorted.
std::vector<std::string> experiment_names(const std::filesystem::path& folder);

/// A name as a folder: letters, digits, '.', '-', '_' stay, the rest becomes '_'.
std::string folder_name(const std::string& name);

/// As read_experiment; also throws Error for unknown methods, presets, protocols and options (nearest name). This and what follows: expand.cpp.
Experiment parse_experiment(const std::string& text, const std::string& origin);

/// By name in the folder, or a path to a TOML file. Throws Error (nearest name).
Experiment find_experiment(const std::string& name, const std::filesystem::path& folder);

/// One training run of an experiment.
struct PlannedRun {
  std::string dataset, protocol, variant;
  method::Config config;
  std::string folder;  ///< below the experiment's folder: dataset/protocol/variant/seed-N
};

/// All runs, seeds outermost so that a part of a sweep is a whole sweep with fewer seeds. `overrides` come last.
std::vector<PlannedRun> expand(const Experiment& experiment, const Settings& overrides = {});

}  // namespace ditmos::experiment
