#include "experiment/table.hpp"

#include <algorithm>

namespace ditmos::experiment {
namespace {

/// Columns of terminal text: characters, not bytes ("±" has two).
std::size_t columns(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out.append(c == '"' ? 2 : 1, c);
  return out + "\"";
}

std::string render_table(const std::vector<std::vector<std::string>>& rows, bool markdown) {
  std::vector<std::size_t> widths(rows[0].size());
  for (const auto& row : rows)
    for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], columns(row[c]));
  std::string out;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    if (markdown) out += "|";
    for (std::size_t c = 0; c < rows[r].size(); ++c) {
      const std::string space(widths[c] - columns(rows[r][c]), ' ');
      const std::string cell = c == 0 ? rows[r][c] + space : space + rows[r][c];
      out += markdown ? " " + cell + " |" : (c ? "  " : "") + cell;
    }
    out += "\n";
    if (r == 0 && markdown) {
      out += "|";
      for (std::size_t c = 0; c < rows[0].size(); ++c) out += c == 0 ? " --- |" : " ---: |";
      out += "\n";
    }
  }
  return out;
}

}  // namespace ditmos::experiment
