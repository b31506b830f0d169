#include "report/experiment_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>

#include "report/format.hpp"
#include "report/run_files.hpp"
#include "report/run_tables.hpp"

namespace ditmos::report {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

double mean_of(const Json& row, const char* key) { return number_at(row, {key, "mean"}).value_or(kNone); }

std::pair<double, double> interval_of(const Json& row, const char* key) {
  const double mean = mean_of(row, key);
  const auto half = number_at(row, {key, "half_width"});
  const auto n = number_at(row, {key, "n"});
  if (!half || !n || *n < 2) return {kNone, kNone};
  return {mean - *half, mean + *half};
}

Cell share_cell(const Json& row, const char* key) {
  const double mean = mean_of(row, key);
  if (!std::isfinite(mean)) return {};
  const auto [low, high] = interval_of(row, key);
  Cell cell(std::isfinite(low) ? fmt::format("{:.1f} ± {:.1f} %", 100 * mean, 50 * (high - low)) : format_percent(mean));
  cell.sort = mean;
  return cell;
}

Cell count_cell(const Json& row, const char* key) {
  const auto value = number_at(row, {key});
  if (!value || *value <= 0) return {};
  Cell cell(format_count(*value));
  cell.sort = *value;
  return cell;
}

/// The paired difference in points; empty where there is none.
Cell difference_cell(const Json& row) {
  const double n = number_at(row, {"difference", "n"}).value_or(0), points = 100 * mean_of(row, "difference");
  if (n < 1) return {};
  Cell cell(n >= 2 ? fmt::format("{:+.1f} ± {:.1f}", points, 100 * number_at(row, {"difference", "half_width"}).value_or(0)) : fmt::format("{:+.1f}", points));
  cell.sort = points;
  return cell;
}

Table summary_table(const std::vector<const Json*>& rows, const std::string& compare, const std::string& caption) {
  Table table;
  table.caption = caption;
  table.sortable = true;
  const std::string against = compare.empty() ? "difference" : "against " + compare;
  table.columns = {{"variant", false, {}},
                   {"seeds", true, {}},
                   {"accuracy", true, "mean over seeds ± half width of its 95 % interval (Student's t)"},
                   {"macro", true, {}},
                   {"union", true, {}},
                   {"selector", true, {}},
                   {"CKA", true, "mean similarity of pairs of classifiers"},
                   {"parameters", true, {}},
                   {"MACs", true, {}},
                   {"memory, values", true, "largest number of values held at a time"},
                   {against, true, "difference of accuracy, paired over seeds, ± half width of its 95 % interval"},
                   {"p", true, "two-sided paired t-test"}};
  double best = -1;
  for (const Json* row : rows) best = std::max(best, number_at(*row, {"accuracy", "mean"}).value_or(-1));
  for (const Json* row : rows) {
    const auto cka = number_at(*row, {"mean_cka"});
    const std::string variant = text_at(*row, {"variant"}, "?");
    const bool compared = variant != compare, several = cka && *cka >= 0;
    Cell p;
    if (compared && number_at(*row, {"difference", "n"}).value_or(0) >= 2) p = fmt::format("{:.3f}", number_at(*row, {"p"}).value_or(1));
    std::vector<Cell> cells = {variant,
                               format_count(number_at(*row, {"accuracy", "n"}).value_or(0)),
                               share_cell(*row, "accuracy"),
                               share_cell(*row, "macro_accuracy"),
                               several ? share_cell(*row, "union_accuracy") : Cell(),
                               several ? share_cell(*row, "selector_accuracy") : Cell(),
                               several ? Cell(format_number(*cka, 2)) : Cell(),
                               count_cell(*row, "parameters"),
                               count_cell(*row, "macs"),
                               count_cell(*row, "ram_values"),
                               compared ? difference_cell(*row) : Cell(),
                               p};
    if (number_at(*row, {"accuracy", "mean"}) == best) cells[0].strong = cells[2].strong = true;
    table.rows.push_back(std::move(cells));
  }
  return table;
}

Chart accuracy_bars(const std::vector<const Json*>& rows) {
  std::vector<std::string> names;
  BarSeries accuracy{"accuracy", {}, {}}, macro{"macro accuracy", {}, {}};
  for (const Json* row : rows) {
    names.push_back(text_at(*row, {"variant"}, "?"));
    accuracy.values.push_back(mean_of(*row, "accuracy"));
    accuracy.intervals.push_back(interval_of(*row, "accuracy"));
    macro.values.push_back(mean_of(*row, "macro_accuracy"));
    macro.intervals.push_back(interval_of(*row, "macro_accuracy"));
  }
  BarOptions options;
  options.unit = Unit::percent;
  options.horizontal = true;
  Chart chart = bar_chart("Accuracy on the test part, mean over seeds and 95 % interval", names, {accuracy, macro}, options);
  chart.wide = names.size() > 6;
  return chart;
}

/// Accuracy against a cost of the network; a series a family of variants.
void add_frontier(std::vector<Chart>& charts, const std::vector<const Json*>& rows, const char* key, const char* axis) {
  std::vector<ScatterSeries> series;
  std::size_t points = 0;
  double least = std::numeric_limits<double>::infinity(), most = 0;
  for (const Json* row : rows) {
    const auto x = number_at(*row, {key});
    const double y = mean_of(*row, "accuracy");
    if (!x || *x <= 0 || !std::isfinite(y)) continue;
    const std::string variant = text_at(*row, {"variant"}, "?");
    const VariantName name = parse_variant(variant);
    const std::string family = name.numbered ? name.series : variant.substr(0, variant.find(' '));
    auto it = std::find_if(series.begin(), series.end(), [&](const ScatterSeries& s) { return s.name == family; });
    if (it == series.end()) it = series.insert(series.end(), {family, {}});
    const auto [low, high] = interval_of(*row, "accuracy");
    it->points.push_back({variant, *x, y, std::isfinite(low) ? low : 0, std::isfinite(low) ? high : 0});
    least = std::min(least, *x), most = std::max(most, *x);
    ++points;
  }
  if (points < 2) return;
  ScatterOptions options;
  options.x_name = axis;
  options.y_name = "accuracy";
  options.y_unit = Unit::percent;
  options.logarithmic_x = most > 8 * least;
  charts.push_back(scatter_chart(std::string("Accuracy against ") + axis, series, options));
}

/// Curves over the number at the end of the variants' names; none unless some family has two points.
void add_curves(std::vector<Chart>& charts, const std::vector<const Json*>& rows, const std::string& name) {
  std::map<std::string, std::vector<std::pair<double, const Json*>>> families;
  std::string unit;
  for (const Json* row : rows) {
    const VariantName variant = parse_variant(text_at(*row, {"variant"}));
    if (!variant.numbered) continue;
    families[variant.series].emplace_back(variant.value, row);
    unit = variant.unit;
  }
  const bool curves = std::any_of(families.begin(), families.end(), [](const auto& f) { return f.second.size() > 1; });
  if (!curves) return;
  for (const auto& [key, title] : {std::pair{"accuracy", "Accuracy"}, std::pair{"union_accuracy", "Union accuracy"},
                                   std::pair{"selector_accuracy", "Selector accuracy"}}) {
    std::vector<LineSeries> lines;
    for (auto& [family, points] : families) {
      std::stable_sort(points.begin(), points.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
      LineSeries line;
      line.name = family;
      for (const auto& [x, row] : points) {
        if (!std::isfinite(mean_of(*row, key))) continue;
        line.points.emplace_back(x, mean_of(*row, key));
        line.intervals.push_back(interval_of(*row, key));
      }
      if (!line.points.empty()) lines.push_back(std::move(line));
    }
    LineOptions options;
    options.x_name = unit.empty() ? name : name + ", " + unit;
    options.y_name = title;
    options.unit = Unit::percent;
    options.symbols = true;
    charts.push_back(line_chart(std::string(title) + ", mean over seeds and 95 % interval", lines, options));
  }
}

/// Of "emulated": one data set and protocol, in int8 on the board.
Table emulated_table(const std::vector<const Json*>& rows, const std::string& compare, const std::string& caption) {
  Table table;
  table.caption = caption;
  table.sortable = true;
  table.columns = {{"variant", false, {}}, {"seeds", true, {}}, {"int8", true, "mean over seeds ± half width of its 95 % interval (Student's t)"}, {"macro", true, {}}, {"float32", true, {}},
                   {compare.empty() ? "difference" : "against " + compare, true, "difference of int8 accuracy, paired over seeds"},
                   {"windows", true, "emulated, of all seeds"}, {"differing", true, "windows whose integers are not those of the same C on the host"},
                   {"instructions", true, "mean of an inference, front end included"}, {"RAM, bytes", true, "stack included"}, {"flash, bytes", true, "weights and code"},
                   {"ms modelled", true, {}}, {"mJ modelled", true, {}}};
  for (const Json* row : rows) {
    const std::string variant = text_at(*row, {"variant"}, "?");
    const auto number = [&](const char* key, int digits) {
      Cell cell(format_number(number_at(*row, {key}).value_or(0), digits));
      cell.sort = number_at(*row, {key}).value_or(0);
      return cell;
    };
    Cell real(format_percent(number_at(*row, {"float32"}).value_or(kNone)));
    real.sort = number_at(*row, {"float32"}).value_or(0);
    Cell differing(format_count(number_at(*row, {"differing"}).value_or(0)));
    table.rows.push_back({variant, format_count(number_at(*row, {"accuracy", "n"}).value_or(0)), share_cell(*row, "accuracy"), share_cell(*row, "macro_accuracy"), real,
                          variant == compare ? Cell() : difference_cell(*row), count_cell(*row, "windows"), differing, count_cell(*row, "instructions"), count_cell(*row, "ram"),
                          count_cell(*row, "flash"), number("ms_modelled", 2), number("mj_modelled", 3)});
  }
  return table;
}

/// Rows by data set and protocol, in their order.
class Groups {
 public:
  explicit Groups(const Json& rows) {
    if (!rows.is_array()) return;
    for (const Json& row : rows) {
      const std::string key = text_at(row, {"dataset"}, "?") + ", " + text_at(row, {"protocol"}, "?");
      if (!of_key_.contains(key)) order.push_back(key);
      of_key_[key].push_back(&row);
    }
  }
  const std::vector<const Json*>& of(const std::string& key) { return of_key_[key]; }
  std::vector<std::string> order;

 private:
  std::map<std::string, std::vector<const Json*>> of_key_;
};

}  // namespace

VariantName parse_variant(const std::string& name) {
  VariantName out;
  out.series = name;
  std::string head = name;
  for (int words = 0; words < 2; ++words) {  // the number is the last word, or the last but one before its unit
    const std::size_t space = head.rfind(' ');
    if (space == std::string::npos || space == 0) return out;
    const std::string word = head.substr(space + 1);
    double value = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    head.resize(space);
    if (error == std::errc() && end == word.data() + word.size() && std::isfinite(value)) {
      out.series = head;
      out.value = value;
      out.numbered = true;
      return out;
    }
    out.unit = word;
  }
  out.unit.clear();
  return out;
}

Page experiment_report(const Json& summary) {
  const std::string compare = text_at(summary, {"compare"});
  const std::string preset = text_at(summary, {"preset"});
  Page page(text_at(summary, {"title"}, text_at(summary, {"name"}, "Experiment")),
            fmt::format("experiment {}{}", text_at(summary, {"name"}), preset.empty() ? "" : ", recipe " + preset));
  Groups groups(at_path(summary, {"rows"})), emulated(at_path(summary, {"emulated", "rows"}));
  const std::string board = text_at(summary, {"emulated", "board"});
  if (groups.order.empty()) page.note("No finished run yet.");
  for (const std::string& key : groups.order) {
    const auto& group = groups.of(key);
    page.section(key);
    if (std::any_of(group.begin(), group.end(), [](const Json* row) { return flag_at(*row, {"optimistic"}); }))
      page.note("Optimistic: under this protocol the checkpoint is chosen by its accuracy on the test part, as published.", NoteKind::warning);
    page.table(summary_table(group, compare, "Test part, " + key));
    std::vector<Chart> charts = {accuracy_bars(group)};
    add_curves(charts, group, text_at(summary, {"name"}, "number"));
    add_frontier(charts, group, "parameters", "parameters");
    add_frontier(charts, group, "macs", "multiply-accumulates");
    add_frontier(charts, group, "ram_values", "values in memory");
    page.charts(charts);
    const auto& chip = emulated.of(key);
    if (chip.empty()) continue;
    page.table(emulated_table(chip, compare, "int8 on the emulated " + board + ", test part, " + key + "; ms and mJ are modelled"));
    std::vector<Chart> costs;
    add_frontier(costs, chip, "instructions", "instructions of an inference");
    add_frontier(costs, chip, "ram", "bytes of RAM");
    add_frontier(costs, chip, "flash", "bytes of flash");
    page.charts(costs);
  }
  page.section("As published");
  page.table(paper_accuracy_table({}));
  page.table(paper_system_table({}));
  page.note("The paper's figures come from its own data, split and recipe. Compare methods under one recipe and one protocol only.");
  return page;
}

}  // namespace ditmos::report
