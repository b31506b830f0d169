#include "report/chart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/format.hpp"

namespace ditmos::report {
namespace {

constexpr std::size_t kMostSteps = 4096;  ///< of a memory map

/// Four significant digits are more than a screen shows, and keep the page small.
Json rounded(double value) {
  if (!std::isfinite(value)) return nullptr;
  if (value == 0 || (std::abs(value) >= 1000 && value == std::floor(value))) return value;
  const double scale = std::pow(10.0, 5 - std::ceil(std::log10(std::abs(value))));
  return std::round(value * scale) / scale;
}

Json function(const char* name, Json args = Json::array()) { return {{"$fn", name}, {"args", std::move(args)}}; }

const char* unit_name(Unit unit) {
  return unit == Unit::percent ? "percent" : unit == Unit::bytes ? "bytes" : "number";
}

std::string shown(double value, Unit unit) {
  if (!std::isfinite(value)) return "";
  if (unit == Unit::percent) return format_percent(value);
  if (unit == Unit::bytes) return format_bytes(value);
  return std::abs(value) >= 1000 ? format_count(value) : format_number(value, 4);
}

Json value_axis(const std::string& name, Unit unit) {
  return {{"type", "value"},
          {"name", name},
          {"nameLocation", "middle"},
          {"nameGap", 46},
          {"scale", false},
          {"axisLabel", {{"formatter", function("format", {unit_name(unit)})}}}};
}

/// Ends at the values' ends, not at zero; shares stay within 0 and 100 %.
void scale_to_values(Json& axis, Unit unit) {
  axis["scale"] = true;
  if (unit != Unit::percent) return;
  axis["min"] = function("share_below");
  axis["max"] = function("share_above");
}

Json legend(std::size_t count) {
  return {{"show", count > 1}, {"type", "scroll"}, {"top", 0}, {"left", "center"}};
}

std::size_t longest_name(const std::vector<std::string>& names) {
  std::size_t longest = 0;
  for (const auto& name : names) longest = std::max(longest, name.size());
  return longest;
}

Json interval_series(const std::string& name, Json data, bool horizontal, std::size_t index, std::size_t count,
                     bool grouped) {
  return {{"type", "custom"},
          {"name", name},
          {"renderItem", function("interval", {horizontal, index, count, grouped})},
          {"encode", horizontal ? Json{{"x", {1, 2}}, {"y", 0}} : Json{{"x", 0}, {"y", {1, 2}}}},
          {"data", std::move(data)},
          {"silent", true},
          {"z", 5}};
}

}  // namespace

Chart bar_chart(std::string title, const std::vector<std::string>& categories, const std::vector<BarSeries>& series,
                const BarOptions& options) {
  Chart chart;
  chart.title = std::move(title);
  Json category = {{"type", "category"}, {"data", categories}, {"axisTick", {{"show", false}}}};
  if (!options.category_name.empty()) {
    category["name"] = options.category_name;
    category["nameLocation"] = "middle";
    category["nameGap"] = options.horizontal ? 90 : 30;
  }
  Json value = value_axis(options.value_name, options.unit);
  if (options.horizontal) {
    category["inverse"] = true;
    category["axisLabel"] = {{"width", longest_name(categories) > 24 ? 240 : 150}, {"overflow", "truncate"}};
    value["nameGap"] = 28;
  } else {
    category["axisLabel"] = {{"interval", 0}, {"rotate", categories.size() > 8 ? 45 : 0}};
  }
  Json drawn = Json::array();
  for (std::size_t s = 0; s < series.size(); ++s) {
    Json values = Json::array();
    for (const double v : series[s].values) values.push_back(rounded(v));
    drawn.push_back({{"type", "bar"}, {"name", series[s].name}, {"data", std::move(values)}, {"barMaxWidth", 36}});
    if (series[s].intervals.empty()) continue;
    Json data = Json::array();
    for (std::size_t i = 0; i < series[s].intervals.size(); ++i) {
      const auto& [low, high] = series[s].intervals[i];
      if (std::isfinite(low) && std::isfinite(high)) data.push_back({i, rounded(low), rounded(high)});
    }
    drawn.push_back(interval_series(series[s].name, std::move(data), options.horizontal, s, series.size(), true));
  }
  chart.option = {{"legend", legend(series.size())},
                  {"tooltip", {{"trigger", "item"}, {"valueFormatter", function("format", {unit_name(options.unit)})}}},
                  {"grid",
                   {{"left", options.value_name.empty() || options.horizontal ? 8 : 28},
                    {"right", 30},
                    {"top", series.size() > 1 ? 36 : 14},
                    {"bottom", options.horizontal || !options.category_name.empty() ? 28 : 8},
                    {"containLabel", true}}},
                  {"xAxis", options.horizontal ? value : category},
                  {"yAxis", options.horizontal ? category : value},
                  {"series", std::move(drawn)}};
  if (options.horizontal) chart.height = 70 + 26 * static_cast<int>(categories.size() * std::max<std::size_t>(1, series.size()));
  chart.data.columns.push_back({options.category_name.empty() ? "" : options.category_name, false, {}});
  for (const auto& s : series) chart.data.columns.push_back({s.name, true, {}});
  for (std::size_t i = 0; i < categories.size(); ++i) {
    std::vector<Cell> row{categories[i]};
    for (const auto& s : series) {
      std::string text = i < s.values.size() ? shown(s.values[i], options.unit) : "";
      if (i < s.intervals.size() && std::isfinite(s.intervals[i].first) && !text.empty())
        text += fmt::format(" [{}, {}]", shown(s.intervals[i].first, options.unit),
                            shown(s.intervals[i].second, options.unit));
      row.emplace_back(text);
    }
    chart.data.rows.push_back(std::move(row));
  }
  return chart;
}

Chart line_chart(std::string title, const std::vector<LineSeries>& series, const LineOptions& options) {
  Chart chart;
  chart.title = std::move(title);
  Json drawn = Json::array();
  std::size_t index = 0;
  for (const auto& s : series) {
    Json points = Json::array();
    for (const auto& [x, y] : s.points) points.push_back({rounded(x), rounded(y)});
    drawn.push_back({{"type", "line"},
                     {"name", s.name},
                     {"data", std::move(points)},
                     {"showSymbol", options.symbols},
                     {"symbolSize", 7},
                     {"lineStyle", {{"width", 1.8}}}});
    if (!s.intervals.empty()) {
      Json data = Json::array();
      for (std::size_t i = 0; i < s.intervals.size() && i < s.points.size(); ++i)
        data.push_back({rounded(s.points[i].first), rounded(s.intervals[i].first), rounded(s.intervals[i].second)});
      drawn.push_back(interval_series(s.name, std::move(data), false, index, series.size(), false));
    }
    ++index;
  }
  Json x = value_axis(options.x_name, Unit::number);
  x["nameGap"] = 28;
  x["scale"] = true;
  x["splitLine"] = {{"show", false}};
  Json y = value_axis(options.y_name, options.unit);
  scale_to_values(y, options.unit);
  chart.option = {{"legend", legend(series.size())},
                  {"tooltip", {{"trigger", "axis"}, {"valueFormatter", function("format", {unit_name(options.unit)})}}},
                  {"grid",
                   {{"left", options.y_name.empty() ? 8 : 28},
                    {"right", 20},
                    {"top", series.size() > 1 ? 36 : 14},
                    {"bottom", 28},
                    {"containLabel", true}}},
                  {"xAxis", std::move(x)},
                  {"yAxis", std::move(y)},
                  {"series", std::move(drawn)}};
  return chart;
}

Chart heat_map(std::string title, const std::vector<std::string>& rows, const std::vector<std::string>& columns,
               const std::vector<std::vector<double>>& values, const HeatOptions& options) {
  Chart chart;
  chart.title = std::move(title);
  Json cells = Json::array();
  Json notes = Json::array();
  for (std::size_t r = 0; r < values.size() && r < rows.size(); ++r) {
    for (std::size_t c = 0; c < values[r].size() && c < columns.size(); ++c) {
      if (!std::isfinite(values[r][c])) continue;
      cells.push_back({c, r, rounded(values[r][c])});
      notes.push_back(r < options.notes.size() && c < options.notes[r].size() ? options.notes[r][c] : "");
    }
  }
  const auto axis = [](const std::string& name, const std::vector<std::string>& labels, bool inverse, double rotate) {
    return Json{{"type", "category"},
                {"name", name},
                {"nameLocation", inverse ? "start" : "middle"},
                {"nameGap", inverse ? 12 : 8},
                {"data", labels},
                {"inverse", inverse},
                {"axisTick", {{"show", false}}},
                {"axisLine", {{"show", false}}},
                {"splitArea", {{"show", false}}},
                {"axisLabel", {{"interval", 0}, {"rotate", rotate}, {"width", 110}, {"overflow", "truncate"}}}};
  };
  Json x = axis("", columns, false, columns.size() > 6 && longest_name(columns) > 3 ? 60 : 0);
  Json y = axis("", rows, true, 0);
  chart.option = {
      {"tooltip",
       {{"trigger", "item"},
        {"formatter",
         function("heat_tip", {rows, columns, options.row_name, options.column_name, options.value_name,
                               unit_name(options.unit), notes})}}},
      {"grid", {{"left", 8}, {"right", 8}, {"top", 8}, {"bottom", 44}, {"containLabel", true}}},
      {"xAxis", std::move(x)},
      {"yAxis", std::move(y)},
      {"visualMap",
       {{"min", options.low},
        {"max", options.high},
        {"calculable", false},
        {"orient", "horizontal"},
        {"left", "center"},
        {"bottom", 0},
        {"itemHeight", 160},
        {"itemWidth", 12},
        {"text", {shown(options.high, options.unit), shown(options.low, options.unit)}}}},
      {"series",
       {{{"type", "heatmap"},
         {"data", std::move(cells)},
         {"label",
          {{"show", true}, {"fontSize", rows.size() > 12 ? 9 : 11}, {"formatter", function("heat_label", {unit_name(options.unit)})}}}}}}};
  chart.height = 150 + std::max(22, rows.size() > 10 ? 26 : 40) * static_cast<int>(rows.size());
  chart.min_width = 140 + 30 * static_cast<int>(columns.size());
  chart.data.columns.push_back({options.row_name + " \\ " + options.column_name, false, {}});
  for (const auto& name : columns) chart.data.columns.push_back({name, true, {}});
  for (std::size_t r = 0; r < values.size() && r < rows.size(); ++r) {
    std::vector<Cell> row{rows[r]};
    for (std::size_t c = 0; c < values[r].size(); ++c) {
      const bool noted = r < options.notes.size() && c < options.notes[r].size() && !options.notes[r][c].empty();
      row.emplace_back(noted ? options.notes[r][c] : shown(values[r][c], options.unit));
    }
    chart.data.rows.push_back(std::move(row));
  }
  return chart;
}

Chart scatter_chart(std::string title, const std::vector<ScatterSeries>& series, const ScatterOptions& options) {
  Chart chart;
  chart.title = std::move(title);
  Json drawn = Json::array();
  chart.data.columns = {{"series", false, {}}, {"point", false, {}}, {options.x_name, true, {}}, {options.y_name, true, {}}};
  std::size_t index = 0, all = 0;
  for (const auto& s : series) all += s.points.size();
  const bool labelled = all <= 12;  // more names would lie over each other; the pointer shows them
  for (const auto& s : series) {
    Json points = Json::array();
    Json intervals = Json::array();
    for (const auto& p : s.points) {
      points.push_back({{"name", p.name}, {"value", {rounded(p.x), rounded(p.y)}}});
      std::string y = shown(p.y, options.y_unit);
      if (p.low < p.high) {
        intervals.push_back({rounded(p.x), rounded(p.low), rounded(p.high)});
        y += fmt::format(" [{}, {}]", shown(p.low, options.y_unit), shown(p.high, options.y_unit));
      }
      chart.data.rows.push_back({s.name, p.name, shown(p.x, options.x_unit), y});
    }
    drawn.push_back({{"type", "scatter"},
                     {"name", s.name},
                     {"data", std::move(points)},
                     {"symbolSize", 12},
                     {"label",
                      {{"show", labelled}, {"formatter", "{b}"}, {"position", "right"}, {"fontSize", 11}}},
                     {"labelLayout", {{"hideOverlap", true}}}});
    if (!intervals.empty())
      drawn.push_back(interval_series(s.name, std::move(intervals), false, index, series.size(), false));
    ++index;
  }
  Json x = value_axis(options.x_name, options.x_unit);
  x["nameGap"] = 28;
  x["scale"] = true;
  x["splitNumber"] = 4;
  x["axisLabel"]["hideOverlap"] = true;
  if (options.logarithmic_x) x["type"] = "log";
  Json y = value_axis(options.y_name, options.y_unit);
  scale_to_values(y, options.y_unit);
  chart.option = {
      {"legend", legend(series.size())},
      {"tooltip",
       {{"trigger", "item"},
        {"formatter", function("point_tip", {options.x_name, unit_name(options.x_unit), options.y_name,
                                             unit_name(options.y_unit)})}}},
      {"grid", {{"left", 28}, {"right", labelled ? 90 : 44}, {"top", series.size() > 1 ? 36 : 14}, {"bottom", 28}, {"containLabel", true}}},
      {"xAxis", std::move(x)},
      {"yAxis", std::move(y)},
      {"series", std::move(drawn)}};
  chart.height = 380;
  return chart;
}

Chart memory_map(std::string title, const std::vector<BufferLife>& buffers, const std::vector<std::string>& steps,
                 double arena) {
  Chart chart;
  chart.title = std::move(title);
  std::vector<std::string> names = steps;
  for (const auto& b : buffers)
    while (b.last >= static_cast<int>(names.size()) && names.size() < kMostSteps) names.push_back(std::to_string(names.size()));
  Json data = Json::array();
  chart.data.columns = {{"buffer", false, {}}, {"offset", true, {}}, {"size", true, {}}, {"live from", false, {}}, {"to", false, {}}};
  const auto step_name = [&](int i) {
    return i >= 0 && i < static_cast<int>(names.size()) ? names[static_cast<std::size_t>(i)] : std::to_string(i);
  };
  for (const auto& b : buffers) {
    data.push_back({{"name", b.name}, {"value", {b.first, b.last, b.offset, b.offset + b.size}}});
    chart.data.rows.push_back({b.name, format_count(b.offset), format_count(b.size), step_name(b.first), step_name(b.last)});
  }
  Json x = {{"type", "category"},
            {"data", names},
            {"axisLabel", {{"rotate", 50}, {"fontSize", 10}, {"interval", names.size() > 40 ? Json("auto") : Json(0)}}},
            {"splitLine", {{"show", true}}}};
  Json y = value_axis("address in the arena, bytes", Unit::number);
  y["max"] = arena;
  y["nameGap"] = 52;
  chart.option = {
      {"tooltip", {{"trigger", "item"}, {"formatter", function("buffer_tip", Json::array({names}))}}},
      {"grid", {{"left", 30}, {"right", 16}, {"top", 14}, {"bottom", 12}, {"containLabel", true}}},
      {"xAxis", std::move(x)},
      {"yAxis", std::move(y)},
      {"series",
       {{{"type", "custom"},
         {"renderItem", function("rectangle")},
         {"encode", {{"x", {0, 1}}, {"y", {2, 3}}}},
         {"data", std::move(data)}}}}};
  chart.height = 420;
  chart.min_width = 420;
  chart.wide = true;
  return chart;
}

}  // namespace ditmos::report
