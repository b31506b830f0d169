#include "inspect_page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "report/page.hpp"

namespace ditmos::cli {
namespace {

using report::Chart;

constexpr std::size_t kMostClasses = 24, kMostLines = 9, kMostPoints = 400;

std::string shape_of(const data::Dataset& d) {
  return d.height > 1 ? fmt::format("{} x {} x {}", d.channels, d.height, d.width) : fmt::format("{} x {}", d.channels, d.width);
}

/// JSON holds no NaN and no infinity: such samples become gaps.
double shown(float v) { return std::isfinite(v) ? static_cast<double>(v) : std::numeric_limits<double>::quiet_NaN(); }

/// Channels over time; where they are many, or the window is an image, colours.
Chart picture_of(const data::Dataset& d, std::size_t window, const std::string& title) {
  const auto x = d.window(window);
  const auto width = static_cast<std::size_t>(d.width), lines = x.size() / width;
  if (d.height == 1 && lines <= kMostLines) {
    std::vector<report::LineSeries> series;
    const std::size_t step = (width + kMostPoints - 1) / kMostPoints;
    for (std::size_t c = 0; c < lines; ++c) {
      report::LineSeries line{d.channel_names.size() == lines ? d.channel_names[c] : std::to_string(c), {}, {}};
      for (std::size_t i = 0; i < width; i += step)
        if (std::isfinite(x[c * width + i])) line.points.emplace_back(d.rate_hz > 0 ? static_cast<double>(i) / d.rate_hz : static_cast<double>(i), shown(x[c * width + i]));
      series.push_back(std::move(line));
    }
    return report::line_chart(title, series, {d.rate_hz > 0 ? "seconds" : "sample", d.unit, report::Unit::number, false});
  }
  // Of a colour image the first channel.
  const std::size_t rows = d.height > 1 ? static_cast<std::size_t>(d.height) : lines, step = (width + kMostPoints - 1) / kMostPoints;
  std::vector<std::vector<double>> values;
  std::vector<std::string> row_names, column_names;
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (std::size_t r = 0; r < rows; ++r) {
    auto& row = values.emplace_back();
    row_names.push_back(d.height == 1 && d.channel_names.size() == rows ? d.channel_names[r] : std::to_string(r));
    for (std::size_t i = 0; i < width; i += step) {
      row.push_back(shown(x[r * width + i]));
      if (std::isfinite(row.back())) low = std::min(low, row.back()), high = std::max(high, row.back());
    }
  }
  for (std::size_t i = 0; i < width; i += step) column_names.push_back(std::to_string(i));
  if (!(low < high)) low = 0, high = 1;
  report::HeatOptions options;
  options.row_name = d.height > 1 ? "row" : "channel";
  options.column_name = d.height > 1 ? "column" : "sample";
  options.value_name = d.unit;
  options.low = low;
  options.high = high;
  return report::heat_map(title, row_names, column_names, values, options);
}

report::Table channel_table(const data::Inspection& r) {
  report::Table table;
  table.columns = {{"channel", false, ""}, {"least", true, ""}, {"most", true, ""}, {"mean", true, ""}, {"deviation", true, ""}, {"clipped", true, "windows with three samples in a row at the channel's least or most value"}};
  for (const auto& c : r.channels)
    table.rows.push_back({c.name, fmt::format("{:.5g}", c.least), fmt::format("{:.5g}", c.most), fmt::format("{:.5g}", c.mean), fmt::format("{:.5g}", c.deviation), std::to_string(c.clipped)});
  return table;
}

}  // namespace

std::string inspection_page(const data::Inspection& r, const data::Dataset& d) {
  report::Page page("Data set " + d.name, d.provenance);
  page.section("Summary");
  const std::string rate = d.rate_hz > 0 ? fmt::format("{:g} Hz", d.rate_hz) : "not known";
  page.tiles({{"windows", std::to_string(r.windows), shape_of(d)}, {"classes", std::to_string(r.classes.size()), fmt::format("largest / smallest {:.1f}", r.imbalance)},
              {"groups", std::to_string(r.groups), d.group_meaning}, {"rate", rate, d.unit},
              {"duplicates", std::to_string(r.duplicates), fmt::format("{} across groups", r.across_groups)},
              {"leakage", fmt::format("{:.0f} %", 100 * r.leakage), "test windows whose group is in training, window-random"}});
  for (const auto& sentence : r.warnings) page.note(sentence, report::NoteKind::warning);
  if (r.warnings.empty()) page.note("Nothing to note.");
  if (!d.front_end.empty()) page.text("Front end: " + d.front_end);

  page.section("Classes");
  std::vector<std::string> names;
  report::BarSeries windows{"windows", {}, {}}, groups{"groups", {}, {}};
  for (const auto& c : r.classes) {
    names.push_back(c.name);
    windows.values.push_back(static_cast<double>(c.windows));
    groups.values.push_back(static_cast<double>(c.groups));
  }
  report::BarOptions bars;
  bars.value_name = "windows";
  bars.category_name = "class";
  bars.horizontal = true;
  std::vector<report::BarSeries> series = {windows};
  if (r.groups > 0) series.push_back(groups);
  Chart balance = report::bar_chart("Windows and groups a class", names, series, bars);
  balance.wide = true;
  page.charts({balance});

  page.section("A window of each class");
  std::vector<Chart> pictures;
  for (std::size_t c = 0; c < std::min(kMostClasses, d.classes.size()); ++c) {
    const auto found = std::find(d.y.begin(), d.y.end(), static_cast<std::int32_t>(c));
    if (found != d.y.end()) pictures.push_back(picture_of(d, static_cast<std::size_t>(found - d.y.begin()), d.classes[c]));
  }
  page.charts(pictures);
  if (d.classes.size() > kMostClasses) page.text(fmt::format("The first {} of {} classes.", kMostClasses, d.classes.size()));

  page.section("Channels");
  page.table(channel_table(r));
  return page.html();
}

}  // namespace ditmos::cli
