#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "core/json.hpp"
#include "experiment/plan.hpp"
#include "experiment/statistics.hpp"

namespace ditmos::experiment {

/// One finished run, test part.
struct ResultRow {
  std::string dataset, protocol, variant, method;
  bool optimistic = false;
  std::uint64_t seed = 0;
  int windows = 0;
  double accuracy = 0, macro_accuracy = 0, union_accuracy = 0, selector_accuracy = 0, validation_accuracy = 0, mean_cka = -1, seconds = 0;
  std::int64_t parameters = 0, macs = 0, ram_values = 0;
};

/// What is finished below an experiment's folder. Runs that are half written or damaged are left out, each with a line in `warnings`; those
/// not begun are only counted.
struct Results {
  std::vector<ResultRow> rows;
  std::vector<std::string> warnings;
  int planned = 0;
};
Results collect(const std::vector<PlannedRun>& runs, const std::filesystem::path& folder);

/// Tidy: a header, a row a run.
std::string to_csv(const std::string& experiment, const std::vector<ResultRow>& rows);

/// Rows of one variant on one data set and protocol, over its seeds.
struct Summary {
  std::string dataset, protocol, variant;
  bool optimistic = false;
  Interval accuracy, macro_accuracy, union_accuracy, selector_accuracy;
  std::int64_t parameters = 0, macs = 0, ram_values = 0;  ///< means, rounded
  PairedTest against;  ///< accuracy minus that of `compare`, over the seeds that both have
  double mean_cka = -1, seconds = 0;
};
std::vector<Summary> summarize(const std::vector<ResultRow>& rows, const std::string& compare);

/// The table for the terminal; with `markdown`, for documents.
std::string to_table(const Experiment& experiment, const std::vector<Summary>& summaries, bool markdown);
Json to_json(const Experiment& experiment, const std::vector<Summary>& summaries);

}  // namespace ditmos::experiment
