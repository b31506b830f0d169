#include "report/run_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "report/format.hpp"
#include "report/run_tables.hpp"

namespace ditmos::report {
namespace {

/// "0", "1", ...: classifiers as the bundle and the emitted code number them.
std::vector<std::string> numbered(std::size_t count) {
  std::vector<std::string> names;
  for (std::size_t k = 0; k < count; ++k) names.push_back(std::to_string(k));
  return names;
}

/// Rows are true classes; colours are shares of the row, notes the counts.
Chart confusion_chart(const Json& evaluation, const std::vector<std::vector<double>>& counts) {
  auto classes = texts_at(evaluation, {"classes"});
  classes.resize(counts.size(), "?");
  HeatOptions options;
  options.row_name = "true class";
  options.column_name = "said";
  options.value_name = "share of the class";
  options.unit = Unit::percent;
  std::vector<std::vector<double>> shares = counts;
  options.notes.resize(counts.size());
  double right = 0, all = 0;
  for (std::size_t r = 0; r < counts.size(); ++r) {
    const double total = std::accumulate(counts[r].begin(), counts[r].end(), 0.0);
    for (std::size_t c = 0; c < counts[r].size(); ++c) {
      shares[r][c] = total > 0 ? counts[r][c] / total : 0;
      options.notes[r].push_back(fmt::format("{} of {}", format_count(counts[r][c]), format_count(total)));
      if (r == c) right += counts[r][c];
    }
    all += total;
  }
  Chart chart = heat_map("Confusion matrix: rows true, columns said, colour the share of the row, in %", classes, classes, shares, options);
  chart.description = fmt::format("{} of {} windows on the diagonal", format_count(right), format_count(all));
  chart.wide = counts.size() > 8;
  return chart;
}

std::vector<Chart> diversity_charts(const RunFiles& run) {
  std::vector<Chart> charts;
  const Json& test = at_path(run.evaluation, {"parts", "test"});
  const Json& overlap = at_path(test, {"overlap"});
  if (overlap.is_array() && overlap.size() > 1) {
    std::vector<std::string> names;
    BarSeries series{"share of test windows", {}, {}};
    double total = 0;
    for (const Json& count : overlap) total += count.is_number() ? count.get<double>() : 0;
    for (std::size_t k = 0; k < overlap.size(); ++k) {
      names.push_back(k == 0 ? "none" : k + 1 == overlap.size() ? "all " + std::to_string(k) : std::to_string(k));
      series.values.push_back(total > 0 && overlap[k].is_number() ? overlap[k].get<double>() / total : 0);
    }
    BarOptions options;
    options.unit = Unit::percent;
    options.category_name = "classifiers that are right";
    options.value_name = "share of test windows";
    charts.push_back(bar_chart("How many classifiers get a window right", names, {series}, options));
    charts.back().description = fmt::format("none for {}", format_percent(series.values.front()));
  }
  const Json& classifiers = at_path(test, {"classifiers"});
  if (classifiers.is_array() && classifiers.size() > 1) {
    BarSeries accuracy{"accuracy alone", {}, {}}, traffic{"share of the traffic", {}, {}};
    std::vector<std::string> names = numbered(classifiers.size());
    for (const Json& classifier : classifiers) {
      accuracy.values.push_back(number_at(classifier, {"accuracy"}).value_or(NAN));
      traffic.values.push_back(number_at(classifier, {"traffic"}).value_or(NAN));
    }
    for (auto& name : names) name = "classifier " + name;
    for (const auto& [name, key] : {std::pair{"whole", "accuracy"}, std::pair{"union", "union_accuracy"}}) {
      if (const auto value = number_at(test, {key})) {
        names.emplace_back(name);
        accuracy.values.push_back(*value);
        traffic.values.push_back(NAN);
      }
    }
    BarOptions options;
    options.unit = Unit::percent;
    options.horizontal = true;
    charts.push_back(bar_chart("Each classifier alone, and the union", names, {accuracy, traffic}, options));
    charts.back().description = "accuracy of each classifier on all test windows and its share of the traffic";
  }
  const auto cka = matrix_at(test, {"cka"});
  if (!cka.empty()) {
    HeatOptions options;
    options.row_name = "classifier";
    options.column_name = "classifier";
    options.value_name = "linear CKA";
    std::vector<std::string> names = numbered(cka.size());
    charts.push_back(heat_map("Similarity of the classifiers' features (linear CKA)", names, names, cka, options));
    double sum = 0;
    int count = 0;
    for (std::size_t i = 0; i < cka.size(); ++i)
      for (std::size_t j = 0; j < cka[i].size(); ++j)
        if (i != j && std::isfinite(cka[i][j])) sum += cka[i][j], ++count;
    if (count > 0) charts.back().description = "mean over pairs " + format_number(sum / count, 2);
  }
  return charts;
}

void accuracy_section(Page& page, const RunFiles& run) {
  page.section("Accuracy");
  if (run.evaluation.is_null()) {
    page.note("This run has no evaluation yet: run ditmos evaluate on it.");
    return;
  }
  if (flag_at(run.evaluation, {"optimistic"}))
    page.note("Optimistic: under this protocol the checkpoint is chosen by its accuracy on the test part, as published. "
              "Compare it with the paper only.", NoteKind::warning);
  page.table(accuracy_table(run));
  const Json& split = at_path(run.evaluation, {"split"});
  if (split.is_object())
    page.text(fmt::format("Windows: {} for training, {} for validation, {} for the test.",
                          format_count(number_at(split, {"train"}).value_or(0)),
                          format_count(number_at(split, {"validation"}).value_or(0)),
                          format_count(number_at(split, {"test"}).value_or(0))));
  if (const Json& cost = at_path(run.evaluation, {"cost"}); cost.is_object())
    page.text(fmt::format("{} parameters, {} multiply-accumulates an inference (batch norms folded).",
                          format_count(number_at(cost, {"parameters"}).value_or(0)), format_count(number_at(cost, {"macs"}).value_or(0))));
  const auto counts = matrix_at(run.evaluation, {"parts", "test", "confusion"});
  if (counts.empty()) return;
  page.section("Errors");
  page.charts({confusion_chart(run.evaluation, counts)});
  page.folded_table("Recall and precision of each class", class_table(run.evaluation));
}

void build_section(Page& page, const BuildFiles& build) {
  page.heading("Build " + build.name);
  std::vector<Chart> charts;
  const Json& buffers = at_path(build.compile, {"buffers"});
  if (buffers.is_array() && !buffers.empty()) {
    std::vector<BufferLife> lives;
    double arena = 0;
    for (const Json& buffer : buffers) {
      BufferLife life;
      life.name = text_at(buffer, {"name"}, "?");
      life.offset = number_at(buffer, {"offset"}).value_or(0);
      life.size = number_at(buffer, {"size"}).value_or(0);
      life.first = static_cast<int>(std::clamp(number_at(buffer, {"first"}).value_or(0), 0.0, 1e6));
      life.last = static_cast<int>(std::clamp(number_at(buffer, {"last"}).value_or(0), 0.0, 1e6));
      arena = std::max(arena, life.offset + life.size);
      lives.push_back(std::move(life));
    }
    arena = number_at(build.compile, {"ram", "arena"}).value_or(arena);
    charts.push_back(memory_map(fmt::format("Memory map: arena of {} bytes, schedule {}", format_count(arena),
                                            text_at(build.compile, {"schedule"}, "unknown")),
                                lives, texts_at(build.compile, {"steps"}), arena));
    charts.back().description = fmt::format("{} buffers over {} steps", lives.size(), texts_at(build.compile, {"steps"}).size());
  }
  const Json& functions = at_path(build.simulation, {"instructions", "by_function"});
  if (functions.is_array() && !functions.empty()) {
    std::vector<std::pair<std::string, double>> items;
    for (const Json& function : functions)
      items.emplace_back(text_at(function, {"name"}, "?"), number_at(function, {"mean"}).value_or(0));
    std::stable_sort(items.begin(), items.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
    if (items.size() > 16) {
      double rest = 0;
      for (std::size_t i = 15; i < items.size(); ++i) rest += items[i].second;
      items.resize(15);
      items.emplace_back("all others", rest);
    }
    std::vector<std::string> names;
    BarSeries series{"instructions", {}, {}};
    for (const auto& [name, mean] : items) {
      names.push_back(name);
      series.values.push_back(mean);
    }
    BarOptions options;
    options.horizontal = true;
    charts.push_back(bar_chart("Instructions of one inference, by function (counted in the emulator)", names, {series}, options));
    charts.back().wide = true;
    charts.back().description = fmt::format("most in {}", names.front());
  }
  page.charts(charts);
  const Table candidates = candidate_table(build.compile);
  if (!candidates.rows.empty()) page.table(candidates);
}

void chip_section(Page& page, const RunFiles& run) {
  page.section("On the chip");
  if (run.builds.empty()) {
    page.note("No build of this run was found: ditmos compile makes one.");
    return;
  }
  page.table(build_table(run.builds));
  page.text("Instructions, RAM and flash are counted in the emulator and read off the linked program. Cycles, milliseconds "
            "and millijoules are modelled from them, not measured on a board.");
  for (const BuildFiles& build : run.builds) build_section(page, build);
}

void provenance_section(Page& page, const RunFiles& run) {
  page.section("Where it comes from");
  Table table;
  table.columns = {{"", false, {}}, {"", false, {}}};
  if (run.run.is_object()) {
    for (const auto& [key, value] : run.run.items())
      table.rows.push_back({key, value.is_string() ? value.get<std::string>() : value.dump(-1, ' ', false, Json::error_handler_t::replace)});
  }
  if (!table.rows.empty()) page.table(table);
  if (!run.config.empty()) page.folded_text("Configuration (config.toml)", run.config);
}

std::string subtitle(const RunFiles& run) {
  std::string text;
  const auto add = [&](const std::string& name, const std::string& value) {
    if (!value.empty()) text += (text.empty() ? "" : " · ") + name + (name.empty() ? "" : " ") + value;
  };
  add("", run_text(run, "method"));
  add("on", run_text(run, "dataset"));
  if (run.evaluation.is_object()) add("protocol", protocol_text(run.evaluation));
  if (const auto seed = number_at(run.run, {"seed"})) add("seed", format_number(*seed, 0));
  add("state:", text_at(run.run, {"state"}));
  return text;
}

}  // namespace

Page run_report(const RunFiles& run) {
  Page page(run.name, subtitle(run));
  page.tiles(run_tiles(run));
  if (!run.missing.empty()) {
    page.note("Not all parts of this run are here:");
    page.list(run.missing);
  }
  accuracy_section(page, run);
  const auto diversity = diversity_charts(run);
  if (!diversity.empty()) {
    page.section("Diversity");
    page.text("Selection pays where the classifiers differ: the union accuracy is the share of windows that at least one of "
              "them gets right, and bounds what any selector can reach.");
    page.charts(diversity);
    page.folded_table("Each classifier", classifier_table(run));
  }
  const auto training = training_charts(run.metrics);
  if (!training.empty()) {
    page.section("Training");
    page.charts(training);
  }
  chip_section(page, run);
  page.section("Beside the paper");
  page.table(paper_accuracy_table({&run}));
  page.table(paper_system_table(run.builds));
  page.note("The paper's figures come from its own data, split, recipe and board; ours from this run. Compare methods under one "
            "recipe and one protocol only.");
  provenance_section(page, run);
  return page;
}

Page comparison_report(const std::vector<RunFiles>& runs) {
  Page page(fmt::format("{} runs compared", runs.size()));
  page.section("Figures");
  page.table(comparison_table(runs));
  std::vector<std::string> names;
  BarSeries accuracy{"accuracy", {}, {}}, macro{"macro accuracy", {}, {}}, united{"union accuracy", {}, {}};
  std::vector<ScatterSeries> ram, flash, latency;
  bool optimistic = false, mixed = false;
  std::string protocol;
  for (const RunFiles& run : runs) {
    names.push_back(run.name);
    const Json& test = at_path(run.evaluation, {"parts", "test"});
    accuracy.values.push_back(number_at(test, {"accuracy"}).value_or(NAN));
    macro.values.push_back(number_at(test, {"macro_accuracy"}).value_or(NAN));
    united.values.push_back(number_at(test, {"union_accuracy"}).value_or(NAN));
    optimistic = optimistic || flag_at(run.evaluation, {"optimistic"});
    const std::string key = run_text(run, "dataset") + " " + text_at(run.evaluation, {"protocol"});
    mixed = mixed || (!protocol.empty() && key != protocol);
    protocol = key;
    for (const BuildFiles& build : run.builds) {
      const BuildCost cost = build_cost(build);
      const double share = number_at(build.simulation, {"accuracy"}).value_or(accuracy.values.back());
      const auto point = [&](std::vector<ScatterSeries>& into, double x) {
        if (!std::isfinite(x) || !std::isfinite(share)) return;
        if (into.empty() || into.back().name != run.name) into.push_back({run.name, {}});
        into.back().points.push_back({build.name, x, share, 0, 0});
      };
      point(ram, cost.ram);
      point(flash, cost.flash);
      point(latency, number_at(build.simulation, {"ms_modelled"}).value_or(NAN));
    }
  }
  if (mixed) page.note("These runs differ in data set or protocol; their accuracies do not compare directly.", NoteKind::warning);
  if (optimistic)
    page.note("At least one run is optimistic: its checkpoint was chosen on the test part.", NoteKind::warning);
  BarOptions bars;
  bars.unit = Unit::percent;
  bars.horizontal = true;
  std::vector<Chart> charts = {bar_chart("Accuracy on the test part", names, {accuracy, macro, united}, bars)};
  const auto scatter = [&](const char* title, const char* axis, const std::vector<ScatterSeries>& series, Unit unit) {
    if (series.empty()) return;
    ScatterOptions options;
    options.x_name = axis;
    options.x_unit = unit;
    options.y_name = "accuracy";
    options.y_unit = Unit::percent;
    charts.push_back(scatter_chart(title, series, options));
  };
  scatter("Accuracy against RAM", "RAM", ram, Unit::bytes);
  scatter("Accuracy against flash", "flash", flash, Unit::bytes);
  scatter("Accuracy against latency", "ms (modelled)", latency, Unit::number);
  page.charts(charts);
  page.section("On the chip");
  std::vector<BuildFiles> builds;
  for (const RunFiles& run : runs) {
    for (BuildFiles build : run.builds) {
      build.name = run.name + " / " + build.name;
      builds.push_back(std::move(build));
    }
  }
  if (builds.empty()) page.note("None of these runs has a build.");
  else page.table(build_table(builds));
  page.section("Beside the paper");
  std::vector<const RunFiles*> pointers;
  for (const RunFiles& run : runs) pointers.push_back(&run);
  page.table(paper_accuracy_table(pointers));
  page.section("Missing parts");
  std::vector<std::string> missing;
  for (const RunFiles& run : runs)
    for (const auto& sentence : run.missing) missing.push_back(run.name + ": " + sentence);
  if (missing.empty()) page.text("None.");
  else page.list(missing);
  return page;
}

}  // namespace ditmos::report
