#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "data/dataset.hpp"

namespace ditmos::data {

/// At most `most` of the rows, evenly spread.
std::vector<std::uint32_t> spread_rows(std::span<const std::uint32_t> rows, std::size_t most);
/// The windows `rows`, one after the other.
std::vector<float> windows_of(const Dataset& dataset, std::span<const std::uint32_t> rows);

}  // namespace ditmos::data
