#pragma once
#include <string>
#include <vector>

#include "report/page.hpp"
#include "report/run_files.hpp"

namespace ditmos::report {

/// Everything about one run: accuracy, errors, diversity, training curves, its builds on the chip, the paper beside it,
/// and where it came from. Missing parts are named in the page.
Page run_report(const RunFiles& run);

/// Several runs side by side.
Page comparison_report(const std::vector<RunFiles>& runs);

/// The same figures for a terminal.
std::string run_summary_text(const RunFiles& run, bool colour);
std::string comparison_text(const std::vector<RunFiles>& runs, bool colour);

/// The same figures for programs: {"run", "dataset", "protocol", "optimistic", "method", "seed", "test": {...},
/// "references", "builds": [{"build", "ram", "flash", "measured", ...}], "missing": [...]}.
Json run_summary_json(const RunFiles& run);

/// A curve a numeric member of metrics.jsonl, grouped by stage and by what is measured.
std::vector<Chart> training_charts(const std::vector<Json>& metrics);

}  // namespace ditmos::report
