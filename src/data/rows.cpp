#include "data/rows.hpp"

#include <algorithm>

namespace ditmos::data {

std::vector<std::uint32_t> spread_rows(std::span<const std::uint32_t> rows, std::size_t most) {
  std::vector<std::uint32_t> out;
  const std::size_t count = std::min(most, rows.size());
  for (std::size_t i = 0; i < count; ++i) out.push_back(rows[i * rows.size() / count]);
  return out;
}

std::vector<float> windows_of(const Dataset& dataset, std::span<const std::uint32_t> rows) {
  std::vector<float> out;
  out.reserve(rows.size() * dataset.window_size());
  for (const std::uint32_t row : rows) {
    const auto window = dataset.window(row);
    out.insert(out.end(), window.begin(), window.end());
  }
  return out;
}

}  // namespace ditmos::data
