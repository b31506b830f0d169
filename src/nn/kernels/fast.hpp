#pragma once
#include <vector>

#include "nn/kernels/kernels.hpp"

namespace ditmos::nn {

/// A table for each vector extension that was compiled in and that this machine has, the best first; for tests.
template <class T>
std::vector<KernelTable<T>> every_fast_kernels();

// The two halves of a table, for the vector extension that Highway's dispatcher has chosen.
template <class T>
void set_sum_kernels(KernelTable<T>& table);        ///< convolve, correlate, linear, outer, and the name
template <class T>
void set_pointwise_kernels(KernelTable<T>& table);  ///< the rest

}  // namespace ditmos::nn
