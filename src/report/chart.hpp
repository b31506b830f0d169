#pragma once
#include <string>
#include <utility>
#include <vector>

#include "core/json.hpp"
#include "report/table.hpp"

namespace ditmos::report {

/// A figure of a page: an ECharts option as JSON. Where ECharts wants a function the option holds
/// {"$fn": name, "args": [...]}, which page.js turns into one of its own. Colours are left to the page's theme.
struct Chart {
  std::string title;
  std::string description;  ///< read out in place of the picture: what it shows, with its main figures
  Json option;
  int height = 320;    ///< pixels
  int min_width = 0;   ///< pixels; a narrower screen scrolls the figure sideways
  bool wide = false;   ///< takes a whole line of the page
  Table data;          ///< the same figures as a table, folded away below; may be empty
};

enum class Unit { number, percent, bytes };

struct BarSeries {
  std::string name;
  std::vector<double> values;  ///< one a category; NaN: none
  std::vector<std::pair<double, double>> intervals;  ///< low and high ends, or empty
};
struct BarOptions {
  Unit unit = Unit::number;
  std::string value_name, category_name;
  bool horizontal = false;
};
Chart bar_chart(std::string title, const std::vector<std::string>& categories, const std::vector<BarSeries>& series,
                const BarOptions& options);

struct LineSeries {
  std::string name;
  std::vector<std::pair<double, double>> points;
  std::vector<std::pair<double, double>> intervals;  ///< of y, one a point, or empty
};
struct LineOptions {
  std::string x_name, y_name;
  Unit unit = Unit::number;
  bool symbols = false;  ///< a mark at each point
};
Chart line_chart(std::string title, const std::vector<LineSeries>& series, const LineOptions& options);

struct HeatOptions {
  std::string row_name, column_name, value_name;
  Unit unit = Unit::number;
  double low = 0, high = 1;  ///< ends of the colour scale
  /// Shown in the tool tip beside the value, [row][column]; may be empty.
  std::vector<std::vector<std::string>> notes;
};
/// values[row][column]; the first row stands on top. NaN: an empty cell.
Chart heat_map(std::string title, const std::vector<std::string>& rows, const std::vector<std::string>& columns,
               const std::vector<std::vector<double>>& values, const HeatOptions& options);

struct ScatterPoint {
  std::string name;
  double x = 0, y = 0;
  double low = 0, high = 0;  ///< interval of y; low == high: none
};
struct ScatterSeries {
  std::string name;
  std::vector<ScatterPoint> points;
};
struct ScatterOptions {
  std::string x_name, y_name;
  Unit x_unit = Unit::number, y_unit = Unit::number;
  bool logarithmic_x = false;
};
Chart scatter_chart(std::string title, const std::vector<ScatterSeries>& series, const ScatterOptions& options);

/// A buffer of the arena: bytes [offset, offset + size), live in steps first..last.
struct BufferLife {
  std::string name;
  double offset = 0, size = 0;
  int first = 0, last = 0;
};
/// Time (steps) across, address up: the memory plan as a picture.
Chart memory_map(std::string title, const std::vector<BufferLife>& buffers, const std::vector<std::string>& steps,
                 double arena);

}  // namespace ditmos::report
