#include <cmath>

#include "report/run_report.hpp"
#include "report/run_tables.hpp"
#include "report/terminal.hpp"

namespace ditmos::report {
namespace {

/// Columns without any figure take no room in a terminal.
Table without_empty_columns(const Table& table) {
  Table out;
  out.caption = table.caption;
  out.rows.resize(table.rows.size());
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    bool filled = false;
    for (const auto& row : table.rows) filled = filled || (c < row.size() && !row[c].text.empty());
    if (!filled) continue;
    out.columns.push_back(table.columns[c]);
    for (std::size_t r = 0; r < table.rows.size(); ++r)
      out.rows[r].push_back(c < table.rows[r].size() ? table.rows[r][c] : Cell());
  }
  return out;
}

void add(std::string& out, const Table& table, bool colour) {
  if (table.rows.empty()) return;
  if (!out.empty()) out += "\n";
  out += text_table(without_empty_columns(table), colour);
}

Json number_or_null(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

}  // namespace

std::string run_summary_text(const RunFiles& run, bool colour) {
  std::string out;
  add(out, accuracy_table(run), colour);
  add(out, classifier_table(run), colour);
  Table chip = build_table(run.builds);
  chip.caption = "On the chip (RAM, flash and instructions counted in the emulator; ms and mJ modelled)";
  add(out, chip, colour);
  if (!run.missing.empty()) {
    out += out.empty() ? "" : "\n";
    for (const auto& sentence : run.missing) out += "note: " + sentence + "\n";
  }
  return out;
}

std::string comparison_text(const std::vector<RunFiles>& runs, bool colour) {
  std::string out;
  add(out, comparison_table(runs), colour);
  return out;
}

Json run_summary_json(const RunFiles& run) {
  Json out;
  out["run"] = run.name;
  out["dataset"] = run_text(run, "dataset");
  out["protocol"] = text_at(run.evaluation, {"protocol"}, text_at(run.run, {"protocol"}));
  out["optimistic"] = flag_at(run.evaluation, {"optimistic"});
  out["method"] = run_text(run, "method");
  out["seed"] = number_at(run.run, {"seed"}) ? at_path(run.run, {"seed"}) : at_path(run.evaluation, {"seed"});
  Json test = at_path(run.evaluation, {"parts", "test"});
  if (test.is_object()) test.erase("confusion"), test.erase("cka");
  out["test"] = std::move(test);
  out["references"] = at_path(run.evaluation, {"references"});
  out["builds"] = Json::array();
  for (const BuildFiles& build : run.builds) {
    const BuildCost cost = build_cost(build);
    Json entry;
    entry["build"] = build.name;
    for (const char* key : {"board", "core", "precision", "schedule"}) entry[key] = at_path(build.compile, {key});
    entry["ram"] = number_or_null(cost.ram);
    entry["flash"] = number_or_null(cost.flash);
    entry["measured"] = cost.measured;
    entry["accuracy"] = at_path(build.simulation, {"accuracy"});
    entry["instructions"] = at_path(build.simulation, {"instructions", "mean"});
    entry["ms_modelled"] = at_path(build.simulation, {"ms_modelled"});
    entry["mj_modelled"] = at_path(build.simulation, {"mj_modelled"});
    out["builds"].push_back(std::move(entry));
  }
  out["missing"] = run.missing;
  return out;
}

}  // namespace ditmos::report
