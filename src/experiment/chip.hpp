#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "experiment/plan.hpp"

namespace ditmos::experiment {

/// Of one model as C code on an emulated board. Times and energy are modelled (docs/CYCLES.md), the rest is counted or read off the program.
struct ChipFigures {
  double instructions = 0;  ///< mean of an inference
  double ram = 0;           ///< bytes, stack included
  double flash = 0;         ///< bytes, weights and code
  double ms_modelled = 0, mj_modelled = 0;
};

/// What the compiler plans for one trained model in one precision under one schedule. Exact bytes.
struct ChipRow {
  std::string dataset, protocol, variant, precision, schedule;
  std::size_t ram = 0;      ///< arena, input included, stack apart
  std::size_t weights = 0;  ///< flash, code apart
  std::int64_t macs = 0;    ///< of one inference
  bool on_front = false;    ///< no other schedule of the model in this precision is better in RAM and in work
  std::optional<ChipFigures> simulated;
};

/// Every schedule of the first finished run (lowest seed) of each data set, protocol and variant, float32 and int8. Runs without a bundle (knn) have no
/// row; models that the compiler refuses, and simulations that fail, have one line each in `warnings`. With a board each is also simulated on
/// four test windows; the figures are kept in chip/ of the run's folder and not taken again (remove that folder to have them anew).
std::vector<ChipRow> plan_on_chip(const std::vector<PlannedRun>& runs, const std::filesystem::path& folder, const std::string& board, std::vector<std::string>& warnings);

std::string to_csv(const std::string& experiment, const std::vector<ChipRow>& rows);
/// A table for the terminal or, with `markdown`, for documents; with simulated figures the paper's system table stands below.
std::string to_table(const std::vector<ChipRow>& rows, const std::string& board, bool markdown);

}  // namespace ditmos::experiment
