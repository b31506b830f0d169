#pragma once
#include <string>
#include <vector>

#include "report/page.hpp"
#include "report/run_files.hpp"
#include "report/table.hpp"

namespace ditmos::report {

// The tables of a run, for the page and for the terminal.

/// "group", or "paper (optimistic: the checkpoint was chosen on the test part)".
std::string protocol_text(const Json& evaluation);
/// The first non-empty of evaluation.json's and run.json's text of that name.
std::string run_text(const RunFiles& run, const char* key);

/// A row a part (validation, test) and a row a reference (1-NN).
Table accuracy_table(const RunFiles& run);
/// A row a classifier, numbered from 0 as in the bundle: accuracy on all test windows, share of the traffic.
Table classifier_table(const RunFiles& run);
/// A row a class: windows, recall, precision, the class it is most often taken for.
Table class_table(const Json& evaluation);
/// A row a build: board, precision, schedule, RAM, flash, instructions, modelled latency and energy.
Table build_table(const std::vector<BuildFiles>& builds);
/// A row a schedule the planner weighed.
Table candidate_table(const Json& compile);
/// Method, RAM, flash, ms, mJ of the paper, then of the builds given.
Table paper_system_table(const std::vector<BuildFiles>& builds);
/// The paper's accuracies, then the run's.
Table paper_accuracy_table(const std::vector<const RunFiles*>& runs);
/// A row a run: the comparison.
Table comparison_table(const std::vector<RunFiles>& runs);

/// The figures that stand at the top of the page.
std::vector<Tile> run_tiles(const RunFiles& run);

/// RAM and flash of a build, measured where it was simulated, else as planned.
struct BuildCost {
  double ram = 0, flash = 0;  ///< bytes; NaN: unknown
  bool measured = false;
};
BuildCost build_cost(const BuildFiles& build);

}  // namespace ditmos::report
