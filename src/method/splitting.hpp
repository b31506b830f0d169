#pragma once
#include "method/method.hpp"
#include "method/strong.hpp"

namespace ditmos::method {

/// Subsets of the training rows, one a classifier, none empty (PAPER, splitting). "kmeans": clusters of the strong model's features; "random":
/// shuffled and dealt out; "class": classes dealt out by size, so that every subset has whole classes. `strong` is used by kmeans only.
std::vector<std::vector<std::uint32_t>> split_training_set(const Setup& setup, StrongModel* strong, const Random& random);

}  // namespace ditmos::method
