#pragma once
#include <string>

#include <CLI/CLI.hpp>
#include "tune/assess.hpp"

namespace ditmos::cli {

/// How the verbs that make integers choose their ranges.
struct CalibrationOptions {
  std::string name = tune::kAutomatic;
  std::size_t windows = tune::kCalibrationWindows;

  /// `when`: put before the descriptions, as in "For int8. ".
  void add_to(CLI::App& verb, const std::string& when = "") {
    verb.add_option("--calibration", name, when + "How ranges are taken from training windows: min-max, percentile, mse, or auto: the one that stays closest to float32 on\nthe validation part, or what the run was fine-tuned with.")->capture_default_str();
    verb.add_option("--calibration-windows", windows, when + "Most training windows to calibrate with.")->check(CLI::Range(1, 1000000))->capture_default_str();
  }
};

}  // namespace ditmos::cli
