#pragma once
#include <string>
#include <vector>

namespace ditmos::experiment {

/// Rows of equal length, the first a heading; columns aligned by characters, the first to the left. With `markdown`, a Markdown table.
std::string render_table(const std::vector<std::vector<std::string>>& rows, bool markdown);

/// A field of a CSV file, quoted where it must be.
std::string csv_field(const std::string& text);

}  // namespace ditmos::experiment
