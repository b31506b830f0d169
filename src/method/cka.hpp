#pragma once
#include <cstddef>
#include <span>

namespace ditmos::method {

/// Linear centred kernel alignment of two feature matrices of the same n rows (Kornblith 2019; PAPER, similarity of models):
/// |Y'X|^2 / (|X'X| |Y'Y|), Frobenius norms, columns centred. 0 .. 1; 0 when either has no variance.
double linear_cka(std::span<const float> x, std::size_t x_dims, std::span<const float> y, std::size_t y_dims);

}  // namespace ditmos::method
