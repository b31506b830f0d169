#include "report/run_tables.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "report/format.hpp"
#include "report/paper.hpp"

namespace ditmos::report {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

Cell percent_cell(const std::optional<double>& share) {
  if (!share) return {};
  Cell cell(format_percent(*share));
  cell.sort = *share;
  return cell;
}

Cell count_cell(const std::optional<double>& value) {
  if (!value) return {};
  Cell cell(format_count(*value));
  cell.sort = *value;
  return cell;
}

Cell bytes_cell(double bytes) {
  if (!std::isfinite(bytes)) return {};
  Cell cell(format_bytes(bytes));
  cell.sort = bytes;
  return cell;
}

Cell number_cell(const std::optional<double>& value, int digits) {
  if (!value) return {};
  Cell cell(format_number(*value, digits));
  cell.sort = *value;
  return cell;
}

std::optional<double> sum(const std::optional<double>& a, const std::optional<double>& b) {
  if (!a && !b) return std::nullopt;
  return a.value_or(0) + b.value_or(0);
}

std::string build_label(const BuildFiles& build) {
  const Json& from = build.compile.is_object() ? build.compile : build.simulation;
  std::string label = text_at(from, {"precision"});
  const std::string schedule = text_at(from, {"schedule"});
  if (!schedule.empty()) label += (label.empty() ? "" : ", ") + schedule;
  const std::string board = text_at(from, {"board"});
  if (!board.empty()) label += (label.empty() ? "" : " on ") + board;
  return label.empty() ? build.name : label;
}

}  // namespace

std::string run_text(const RunFiles& run, const char* key) {
  const std::string text = text_at(run.evaluation, {key});
  return text.empty() ? text_at(run.run, {key}) : text;
}

std::string protocol_text(const Json& evaluation) {
  const std::string protocol = text_at(evaluation, {"protocol"}, "unknown protocol");
  return flag_at(evaluation, {"optimistic"}) || protocol == "paper"
             ? protocol + " (optimistic: the checkpoint was chosen on the test part)"
             : protocol;
}

Table accuracy_table(const RunFiles& run) {
  Table table;
  table.caption = fmt::format("Accuracy on {}, protocol {}", run_text(run, "dataset"), protocol_text(run.evaluation));
  table.columns = {{"part", false, {}},
                   {"windows", true, {}},
                   {"accuracy", true, "share of windows with the right label"},
                   {"macro", true, "mean over classes of the share of that class's windows with the right label"},
                   {"union", true, "share of windows that at least one classifier gets right"},
                   {"selector", true, "share of right choices among windows that at least one classifier gets right"}};
  const Json& parts = at_path(run.evaluation, {"parts"});
  if (parts.is_object()) {
    for (const auto& [name, part] : parts.items()) {
      table.rows.push_back({name, count_cell(number_at(part, {"windows"})), percent_cell(number_at(part, {"accuracy"})),
                            percent_cell(number_at(part, {"macro_accuracy"})),
                            percent_cell(number_at(part, {"union_accuracy"})),
                            percent_cell(number_at(part, {"selector_accuracy"}))});
      if (name == "test") for (Cell& cell : table.rows.back()) cell.strong = true;
    }
  }
  const Json& references = at_path(run.evaluation, {"references"});
  if (references.is_object()) {
    for (const auto& [name, reference] : references.items())
      table.rows.push_back({"test, " + name, count_cell(number_at(run.evaluation, {"parts", "test", "windows"})),
                            percent_cell(number_at(reference, {"accuracy"})),
                            percent_cell(number_at(reference, {"macro_accuracy"}))});
  }
  return table;
}

Table classifier_table(const RunFiles& run) {
  Table table;
  table.caption = "Classifiers on the test part";
  table.columns = {{"classifier", false, {}},
                   {"accuracy alone", true, "share of all test windows that this classifier gets right"},
                   {"traffic", true, "share of test windows that the selector sends to it"}};
  const Json& classifiers = at_path(run.evaluation, {"parts", "test", "classifiers"});
  if (!classifiers.is_array()) return table;
  int k = 0;
  for (const Json& classifier : classifiers)
    table.rows.push_back({std::to_string(k++), percent_cell(number_at(classifier, {"accuracy"})),
                          percent_cell(number_at(classifier, {"traffic"}))});
  return table;
}

Table class_table(const Json& evaluation) {
  Table table;
  table.caption = "Classes on the test part";
  table.columns = {{"class", false, {}},
                   {"windows", true, {}},
                   {"recall", true, "share of the class's windows that get its label"},
                   {"precision", true, "share of the windows with this label that are of the class"},
                   {"most often taken for", false, {}}};
  table.sortable = true;
  const auto matrix = matrix_at(evaluation, {"parts", "test", "confusion"});
  auto classes = texts_at(evaluation, {"classes"});
  classes.resize(std::max(classes.size(), matrix.size()), "?");
  for (std::size_t r = 0; r < matrix.size(); ++r) {
    double windows = 0, column = 0, worst = 0;
    std::string taken_for;
    for (std::size_t c = 0; c < matrix[r].size(); ++c) {
      windows += matrix[r][c];
      if (c != r && matrix[r][c] > worst && c < classes.size()) {
        worst = matrix[r][c];
        taken_for = fmt::format("{} ({})", classes[c], format_count(worst));
      }
    }
    for (const auto& row : matrix) column += r < row.size() ? row[r] : 0;
    const double right = r < matrix[r].size() ? matrix[r][r] : 0;
    table.rows.push_back({classes[r], count_cell(windows),
                          percent_cell(windows > 0 ? std::optional(right / windows) : std::nullopt),
                          percent_cell(column > 0 ? std::optional(right / column) : std::nullopt), taken_for});
  }
  return table;
}

BuildCost build_cost(const BuildFiles& build) {
  BuildCost cost;
  const auto ram = number_at(build.simulation, {"ram", "total"});
  const auto flash = number_at(build.simulation, {"flash", "total"});
  cost.measured = ram.has_value() || flash.has_value();
  cost.ram = ram.value_or(number_at(build.compile, {"ram", "arena"}).value_or(kNone));
  cost.flash = flash.value_or(
      sum(number_at(build.compile, {"flash", "weights"}), number_at(build.compile, {"flash", "code"})).value_or(kNone));
  return cost;
}

Table build_table(const std::vector<BuildFiles>& builds) {
  Table table;
  table.caption = "On the chip: RAM, flash and instructions counted in the emulator (arena and weights alone where not "
                  "simulated); milliseconds and millijoules modelled";
  table.columns = {{"build", false, {}},          {"board", false, {}},
                   {"core", false, {}},           {"precision", false, {}},
                   {"schedule", false, {}},       {"RAM", true, "arena with the input in it, static data and stack"},
                   {"flash", true, "weights, code and constants"},
                   {"accuracy", true, "share of the emulated windows with the right label"},
                   {"instructions", true, "executed for one inference, mean"},
                   {"per MAC", true, "instructions for one multiply-accumulate"},
                   {"ms (modelled)", true, "latency of one inference, from the core's cycle model"},
                   {"mJ (modelled)", true, "energy of one inference: run power times modelled latency"},
                   {"host = chip", false, "whether host and chip give the same labels"}};
  for (const BuildFiles& build : builds) {
    const Json& sim = build.simulation;
    const BuildCost cost = build_cost(build);
    const auto mismatches = number_at(sim, {"label_mismatches"});
    std::string same;
    if (flag_at(sim, {"bit_exact"})) same = "bit exact";
    else if (mismatches) same = *mismatches == 0 ? "same labels" : format_count(*mismatches) + " labels differ";
    table.rows.push_back({build.name, text_at(build.compile, {"board"}, text_at(sim, {"board"})),
                          text_at(build.compile, {"core"}, text_at(sim, {"core"})), text_at(build.compile, {"precision"}),
                          text_at(build.compile, {"schedule"}), bytes_cell(cost.ram), bytes_cell(cost.flash),
                          percent_cell(number_at(sim, {"accuracy"})), count_cell(number_at(sim, {"instructions", "mean"})),
                          number_cell(number_at(sim, {"instructions", "per_mac"}), 2),
                          number_cell(number_at(sim, {"ms_modelled"}), 3), number_cell(number_at(sim, {"mj_modelled"}), 3),
                          same});
  }
  return table;
}

Table candidate_table(const Json& compile) {
  Table table;
  table.caption = "Schedules the planner weighed";
  table.columns = {{"schedule", false, {}}, {"RAM", true, {}}, {"flash", true, {}}, {"MACs", true, {}}, {"fits the budget", false, {}},
                   {"Pareto front", false, "no other schedule is better in RAM and in work"}};
  const std::string taken = text_at(compile, {"schedule"});
  const Json& candidates = at_path(compile, {"candidates"});
  if (!candidates.is_array()) return table;
  for (const Json& candidate : candidates) {
    const std::string name = text_at(candidate, {"schedule"});
    const Json& fits = at_path(candidate, {"fits"});
    table.rows.push_back({name + (name == taken ? " (taken)" : ""), bytes_cell(number_at(candidate, {"ram"}).value_or(kNone)),
                          bytes_cell(number_at(candidate, {"flash"}).value_or(kNone)),
                          count_cell(number_at(candidate, {"macs"})),
                          fits.is_boolean() ? (fits.get<bool>() ? "yes" : "no") : "", flag_at(candidate, {"pareto"}) ? "yes" : ""});
    if (name == taken) for (Cell& cell : table.rows.back()) cell.strong = true;
  }
  return table;
}

Table paper_system_table(const std::vector<BuildFiles>& builds) {
  Table table;
  table.caption = fmt::format("UniMiB-SHAR on an STM32F767ZI (Cortex-M7, 216 MHz) as published, float32 (measured there), and "
                              "ours (modelled ms and mJ). Source: {}", kPaperSource);
  table.columns = {{"", false, {}}, {"RAM KB", true, {}}, {"flash KB", true, {}}, {"ms", true, {}}, {"mJ", true, {}}};
  for (const PaperSystem& row : paper_system())
    table.rows.push_back({row.method, number_cell(row.ram_kb, 1), number_cell(row.flash_kb, 1), number_cell(row.ms, 1),
                          number_cell(row.mj, 1)});
  for (const BuildFiles& build : builds) {
    const BuildCost cost = build_cost(build);
    const auto kb = [](double bytes) { return std::isfinite(bytes) ? std::optional(bytes / 1024.0) : std::nullopt; };
    table.rows.push_back({"this run: " + build_label(build), number_cell(kb(cost.ram), 2), number_cell(kb(cost.flash), 1),
                          number_cell(number_at(build.simulation, {"ms_modelled"}), 2),
                          number_cell(number_at(build.simulation, {"mj_modelled"}), 2)});
    for (Cell& cell : table.rows.back()) cell.strong = true;
  }
  return table;
}

Table paper_accuracy_table(const std::vector<const RunFiles*>& runs) {
  Table table;
  table.caption = fmt::format("Accuracy as published (window-random split, checkpoint chosen on the test part) beside ours. Source: {}",
                              kPaperSource);
  table.columns = {{"", false, {}}, {"UniMiB-SHAR", true, {}}, {"Speech Commands", true, {}}, {"DEAP", true, {}}, {"protocol", false, {}}};
  const auto share = [](double value) { return percent_cell(std::isfinite(value) ? std::optional(value) : std::nullopt); };
  for (const PaperAccuracy& row : paper_accuracies())
    table.rows.push_back({row.method, share(row.unimib), share(row.speech_commands), share(row.deap), "paper"});
  for (const RunFiles* run : runs) {
    const std::string dataset = run_text(*run, "dataset");
    const auto accuracy = number_at(run->evaluation, {"parts", "test", "accuracy"});
    const bool known = std::isfinite(paper_accuracy("DiTMoS", dataset));
    if (!accuracy || !known) continue;
    const auto at = [&](const char* name) { return dataset.starts_with(name) ? percent_cell(accuracy) : Cell(); };
    table.rows.push_back({fmt::format("{}: {} on {}", run->name, run_text(*run, "method"), dataset), at("unimib"),
                          at("speech-commands"), at("deap"), protocol_text(run->evaluation)});
    for (Cell& cell : table.rows.back()) cell.strong = true;
  }
  return table;
}

Table comparison_table(const std::vector<RunFiles>& runs) {
  Table table;
  table.caption = "Runs side by side (test part)";
  table.sortable = true;
  table.columns = {{"run", false, {}},     {"data set", false, {}},   {"protocol", false, {}}, {"method", false, {}},
                   {"seed", true, {}},     {"accuracy", true, {}},    {"macro", true, {}},     {"union", true, {}},
                   {"selector", true, {}}, {"RAM", true, "of its first build"}, {"flash", true, "of its first build"},
                   {"ms (modelled)", true, "of its first build"}};
  for (const RunFiles& run : runs) {
    std::optional<double> seed = number_at(run.evaluation, {"seed"});
    if (!seed) seed = number_at(run.run, {"seed"});
    const BuildCost cost = run.builds.empty() ? BuildCost{kNone, kNone, false} : build_cost(run.builds.front());
    const Json none;
    const Json& simulation = run.builds.empty() ? none : run.builds.front().simulation;
    const std::string protocol = text_at(run.evaluation, {"protocol"}, text_at(run.run, {"protocol"}));
    const bool optimistic = flag_at(run.evaluation, {"optimistic"}) || protocol == "paper";
    table.rows.push_back({run.name, run_text(run, "dataset"), protocol + (optimistic ? " (optimistic)" : ""),
                          run_text(run, "method"), count_cell(seed),
                          percent_cell(number_at(run.evaluation, {"parts", "test", "accuracy"})),
                          percent_cell(number_at(run.evaluation, {"parts", "test", "macro_accuracy"})),
                          percent_cell(number_at(run.evaluation, {"parts", "test", "union_accuracy"})),
                          percent_cell(number_at(run.evaluation, {"parts", "test", "selector_accuracy"})),
                          bytes_cell(cost.ram), bytes_cell(cost.flash),
                          number_cell(number_at(simulation, {"ms_modelled"}), 3)});
  }
  return table;
}

std::vector<Tile> run_tiles(const RunFiles& run) {
  std::vector<Tile> tiles;
  const std::string protocol = text_at(run.evaluation, {"protocol"});
  const bool optimistic = flag_at(run.evaluation, {"optimistic"}) || protocol == "paper";
  const std::string about = "test part, " + protocol + (optimistic ? ", optimistic" : "");
  const auto share = [&](const char* name, const char* key) {
    if (const auto value = number_at(run.evaluation, {"parts", "test", key})) tiles.push_back({name, format_percent(*value), about});
  };
  share("accuracy", "accuracy");
  share("macro accuracy", "macro_accuracy");
  share("union accuracy", "union_accuracy");
  share("selector accuracy", "selector_accuracy");
  if (run.builds.empty()) return tiles;
  const BuildFiles& build = run.builds.front();
  const BuildCost cost = build_cost(build);
  const std::string where = build_label(build);
  if (std::isfinite(cost.ram)) tiles.push_back({"RAM", format_bytes(cost.ram), (cost.measured ? "measured, " : "planned arena, ") + where});
  if (std::isfinite(cost.flash)) tiles.push_back({"flash", format_bytes(cost.flash), (cost.measured ? "measured, " : "planned, ") + where});
  if (const auto n = number_at(build.simulation, {"instructions", "mean"}))
    tiles.push_back({"instructions", format_count(*n), "an inference, counted in the emulator"});
  if (const auto ms = number_at(build.simulation, {"ms_modelled"})) tiles.push_back({"latency", format_number(*ms, 2) + " ms", "modelled, " + where});
  if (const auto mj = number_at(build.simulation, {"mj_modelled"})) tiles.push_back({"energy", format_number(*mj, 2) + " mJ", "modelled, an inference"});
  return tiles;
}

}  // namespace ditmos::report
