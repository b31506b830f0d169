#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "experiment/plan.hpp"

namespace ditmos::experiment {

/// What int8 costs one trained model on the test part; shares 0 .. 1 of the same windows.
struct Int8Row {
  std::string dataset, protocol, variant;
  std::uint64_t seed = 0;
  std::size_t windows = 0;
  double real = 0, quantized = 0, tuned = 0;
};

/// Quantises every finished run, after training alone and after fine-tuning (tune/assess.hpp, its defaults), once: RUN/int8.json keeps the record,
/// RUN/tuned the fine-tuned run. With `measure` false only what is there is read. Runs without a bundle (knn) have no row; those that have no
/// int8 form have one line each in `warnings`.
std::vector<Int8Row> quantize_runs(const std::vector<PlannedRun>& runs, const std::filesystem::path& folder, bool measure, std::vector<std::string>& warnings);

std::string to_csv(const std::string& experiment, const std::vector<Int8Row>& rows);
/// Means over seeds, losses in points, for the terminal or, with `markdown`, for documents.
std::string to_table(const std::vector<Int8Row>& rows, bool markdown);

}  // namespace ditmos::experiment
