#pragma once
#include <cstddef>

namespace ditmos::nn {

/// out[c] = sum over d of (row[d] - others[c*dims + d])^2 for `count` rows of `dims` values each. Eight partial sums without fused
/// multiply-adds on every machine, so that the bits depend neither on its vectors nor on how the others are cut.
void squared_distances(const float* row, const float* others, std::size_t count, std::size_t dims, float* out);

inline float squared_distance(const float* a, const float* b, std::size_t dims) {
  float out;
  squared_distances(a, b, 1, dims, &out);
  return out;
}

}  // namespace ditmos::nn
