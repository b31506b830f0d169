#pragma once
#include <cstdint>
#include <utility>
#include <vector>

#include "core/random.hpp"
#include "data/dataset.hpp"

namespace ditmos::data {

/// Cuts whole groups off `from` (indices into a grouped Dataset) so that about `share` of every class is
/// cut. A class never loses its last window, so a class that one group alone has stays. Returns {kept, cut};
/// the seed decides which of the equally good cuts is taken.
std::pair<std::vector<std::uint32_t>, std::vector<std::uint32_t>> cut_groups(const Dataset& dataset,
                                                                             const std::vector<std::uint32_t>& from,
                                                                             double share, Random random);

}  // namespace ditmos::data
