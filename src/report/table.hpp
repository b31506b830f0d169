#pragma once
#include <optional>
#include <string>
#include <vector>

namespace ditmos::report {

/// One cell: its text as shown, and what else a page knows about it.
struct Cell {
  Cell(std::string shown = {}) : text(std::move(shown)) {}
  Cell(const char* shown) : text(shown) {}
  std::string text;
  std::string link;            ///< address the text leads to; empty: none
  std::optional<double> sort;  ///< value that a sortable column goes by; absent: the text
  bool strong = false;         ///< the best of its column, or a total
};

struct Column {
  std::string title;
  bool numeric = false;  ///< aligned right, in digits of one width
  std::string hint;      ///< shown on hover: what the figure means
};

/// A table for the page and for the terminal alike.
struct Table {
  std::string caption;
  std::vector<Column> columns;
  std::vector<std::vector<Cell>> rows;  ///< short rows are filled with empty cells
  bool sortable = false;
};

}  // namespace ditmos::report
