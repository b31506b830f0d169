#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "core/json.hpp"
#include "experiment/plan.hpp"
#include "experiment/statistics.hpp"

namespace ditmos::experiment {

/// One trained model in int8 on an emulated board, every window of the test part. Times and energy are modelled (docs/CYCLES.md), the rest is counted
/// or read off the program.
struct EmulatedRow {
  std::string dataset, protocol, variant, schedule;
  std::uint64_t seed = 0;
  std::size_t windows = 0, differing = 0;          ///< differing: windows whose label or integers are not those of the same C on the host
  double real = 0, accuracy = 0, macro = 0;        ///< shares 0 .. 1; real: of the float network, from the run's evaluation
  double instructions = 0, front_end = 0;          ///< mean of an inference; front_end: the share of it that the front end takes
  double ram = 0, flash = 0;                       ///< bytes; stack, weights and code included
  double ms_modelled = 0, mj_modelled = 0;
};

/// Compiles every finished run for the board, as "ditmos compile RUN --board BOARD --precision int8" does, and runs its test part there, front end
/// included, `jobs` at a time (0: every core). RUN/emulated/BOARD.json keeps the figures. With `measure` false only what is there is read. Runs
/// without a bundle (knn) have no row; models that do not fit or fail have one line each in `warnings`.
std::vector<EmulatedRow> emulate_runs(const std::vector<PlannedRun>& runs, const std::filesystem::path& folder, const std::string& board, int jobs, bool measure,
                                      std::vector<std::string>& warnings);

std::string to_csv(const std::string& experiment, const std::string& board, const std::vector<EmulatedRow>& rows);

/// Rows of one variant on one data set and protocol, over its seeds: means; RAM and flash of the largest.
struct EmulatedSummary {
  std::string dataset, protocol, variant;
  std::size_t windows = 0, differing = 0;
  Interval accuracy, macro;
  PairedTest against;  ///< accuracy minus that of `compare`
  double real = 0, instructions = 0, front_end = 0, ram = 0, flash = 0, ms_modelled = 0, mj_modelled = 0;
};
std::vector<EmulatedSummary> summarize(const std::vector<EmulatedRow>& rows, const std::string& compare);

/// For the terminal or, with `markdown`, for documents.
std::string to_table(const std::string& board, const std::string& compare, const std::vector<EmulatedSummary>& rows, bool markdown);
Json to_json(const std::string& board, const std::vector<EmulatedSummary>& rows);

}  // namespace ditmos::experiment
