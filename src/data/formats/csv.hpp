#pragma once
#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace ditmos::data {

/// Cells of a table as spreadsheets export it: comma, semicolon or tab between cells (found from the first
/// line, or told by "sep=;"), quotes with doubled quotes inside, any line ends, a byte-order mark, blank
/// lines and lines of empty cells skipped. Cells are views into `text`, which must outlive the reader, or
/// into the reader until the next call.
class CsvReader {
 public:
  /// Throws Error for UTF-16 text.
  CsvReader(std::string_view text, std::string name);
  /// The next row; false at the end. Throws Error for a quote that is never closed.
  bool next(std::vector<std::string_view>& cells);
  /// Line of the row that next() gave, from 1.
  std::size_t line() const { return row_line_; }
  /// True where the comma is no separator and may therefore be a decimal sign.
  bool decimal_comma() const { return separator_ != ','; }
  const std::string& name() const { return name_; }

 private:
  std::string_view cell();
  bool at_line_end() const { return at_ >= text_.size() || text_[at_] == '\n' || text_[at_] == '\r'; }
  void skip_line_end();

  std::string_view text_;
  std::string name_;
  std::size_t at_ = 0, line_ = 1, row_line_ = 0;
  char separator_ = ',';
  std::deque<std::string> unquoted_;  // cells of the current row that had doubled quotes
};

}  // namespace ditmos::data
