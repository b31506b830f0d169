#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "experiment/plan.hpp"

namespace ditmos::experiment {

/// What the compiler plans for one trained model under one schedule, float32. Exact bytes; nothing is measured or modelled here.
struct ChipRow {
  std::string dataset, protocol, variant, schedule;
  std::size_t ram = 0;      ///< arena, input included, stack apart
  std::size_t weights = 0;  ///< flash, code apart
  std::int64_t macs = 0;    ///< of one inference
  bool on_front = false;    ///< no other schedule of the model is better in RAM and in work
};

/// Every schedule of the first finished run (lowest seed) of each data set, protocol and variant. Runs without a bundle (knn) have no row; models that
/// the compiler refuses have one line each in `warnings`.
std::vector<ChipRow> plan_on_chip(const std::vector<PlannedRun>& runs, const std::filesystem::path& folder, std::vector<std::string>& warnings);

std::string to_csv(const std::string& experiment, const std::vector<ChipRow>& rows);
/// A table for the terminal or, with `markdown`, for documents.
std::string to_table(const std::vector<ChipRow>& rows, bool markdown);

}  // namespace ditmos::experiment
