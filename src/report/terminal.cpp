#include "report/terminal.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <vector>

namespace ditmos::report {
namespace {

std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text) out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  return out;
}

bool wide(std::uint32_t c) {
  return (c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0xa4cf) || (c >= 0xac00 && c <= 0xd7a3) ||
         (c >= 0xf900 && c <= 0xfaff) || (c >= 0xfe30 && c <= 0xfe6f) || (c >= 0xff00 && c <= 0xff60) ||
         (c >= 0x1f300 && c <= 0x1faff) || (c >= 0x20000 && c <= 0x3fffd);
}

void append_line(std::string& out, const std::vector<std::string>& cells, const Table& table,
                 const std::vector<std::size_t>& widths) {
  std::string line;
  for (std::size_t c = 0; c < widths.size(); ++c) {
    if (c > 0) line += "  ";
    const std::string padding(widths[c] - display_width(cells[c]), ' ');
    line += table.columns[c].numeric ? padding + cells[c] : cells[c] + padding;
  }
  line.erase(line.find_last_not_of(' ') + 1);
  out += line + "\n";
}

}  // namespace

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t i = 0; i < text.size();) {
    const auto first = static_cast<unsigned char>(text[i]);
    const std::size_t length = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
    std::uint32_t c = length == 1 ? first : first & (0xffu >> (length + 1));
    for (std::size_t k = 1; k < length && i + k < text.size(); ++k)
      c = (c << 6) | (static_cast<unsigned char>(text[i + k]) & 0x3fu);
    const bool combining = c >= 0x300 && c <= 0x36f;
    width += combining ? 0 : wide(c) ? 2 : 1;
    i += length;
  }
  return width;
}

std::string text_table(const Table& table, bool colour) {
  std::vector<std::vector<std::string>> lines(1);
  for (const Column& column : table.columns) lines[0].push_back(printable(column.title));
  for (const auto& row : table.rows) {
    std::vector<std::string> cells;
    for (std::size_t c = 0; c < table.columns.size(); ++c) cells.push_back(c < row.size() ? printable(row[c].text) : "");
    lines.push_back(std::move(cells));
  }
  std::vector<std::size_t> widths(table.columns.size(), 0);
  for (const auto& line : lines)
    for (std::size_t c = 0; c < widths.size(); ++c) widths[c] = std::max(widths[c], display_width(line[c]));
  std::string out;
  if (!table.caption.empty()) out += (colour ? "\033[2m" : "") + printable(table.caption) + (colour ? "\033[0m\n" : "\n");
  const bool titled = std::any_of(table.columns.begin(), table.columns.end(), [](const Column& c) { return !c.title.empty(); });
  for (std::size_t i = titled ? 0 : 1; i < lines.size(); ++i) {
    if (i == 0 && colour) out += "\033[1m";
    append_line(out, lines[i], table, widths);
    if (i == 0 && colour) out.insert(out.size() - 1, "\033[0m");
  }
  return out;
}

bool stdout_takes_colour() {
  if (!::isatty(STDOUT_FILENO) || std::getenv("NO_COLOR")) return false;
  const char* terminal = std::getenv("TERM");
  return terminal && std::string_view(terminal) != "dumb";
}

}  // namespace ditmos::report
