#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "core/json.hpp"
#include "report/chart.hpp"
#include "report/table.hpp"

namespace ditmos::report {

/// & < > " ' as entities; bytes that are no UTF-8 as U+FFFD; control characters but tab and newline dropped.
std::string escape_html(std::string_view text);

/// A headline figure: "accuracy", "86.2 %", "test part, group".
struct Tile {
  std::string name, value, about;
};

enum class NoteKind { plain, warning };

/// A self-contained HTML page: style, script, charts and figures in one file that opens from the file system.
/// All text is escaped here; callers pass plain text.
class Page {
 public:
  explicit Page(std::string title, std::string subtitle = {});

  /// A new section with its entry in the navigation.
  void section(const std::string& heading);
  void heading(const std::string& heading);
  void text(const std::string& paragraph);
  void note(const std::string& paragraph, NoteKind kind = NoteKind::plain);
  void list(const std::vector<std::string>& items);
  void tiles(const std::vector<Tile>& tiles);
  void table(const Table& table);
  /// A table folded away behind `summary`.
  void folded_table(const std::string& summary, const Table& table);
  void folded_text(const std::string& summary, const std::string& text);
  /// Side by side where the screen is wide enough.
  void charts(const std::vector<Chart>& charts);
  /// Trusted HTML and script of this library itself (the pages of `ditmos serve`).
  void raw(std::string_view html) { body_ += html; }
  void script(std::string_view js) { scripts_ += js; }

  /// The ECharts option of each chart by its element's id.
  const Json& chart_options() const { return options_; }
  std::size_t chart_count() const { return options_.size(); }
  std::string html() const;

 private:
  std::string title_, subtitle_, body_, nav_, scripts_;
  Json options_ = Json::object();
  int sections_ = 0;
};

}  // namespace ditmos::report
