#pragma once
#include <string>
#include <string_view>

#include "report/table.hpp"

namespace ditmos::report {

/// Columns a text takes in a terminal: code points, without combining marks; wide East Asian ones count two.
std::size_t display_width(std::string_view text);

/// Aligned columns, two spaces apart, each line ending in a newline; `colour`: head in bold, captions dim.
/// Control characters in cells are shown as "?", so that a class name cannot steer the terminal.
std::string text_table(const Table& table, bool colour = false);

/// Whether standard output is a terminal that takes colour (no pipe, no NO_COLOR, no dumb terminal).
bool stdout_takes_colour();

}  // namespace ditmos::report
