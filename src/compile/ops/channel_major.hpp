#pragma once
#include "compile/ops/operator.hpp"
#include "compile/schedule/plan.hpp"

namespace ditmos::compile {

// Convolutions over a series in float32 on a core whose VFMA is slower than VMUL + VADD (runtime/include/ditmos/layers_f32_m4.h).

/// Marks every convolution of the plan that those kernels do: whole maps, unpadded, stride 1, pool 2, ReLU, filters in groups of 4. None of a
/// streamed plan, whose columns are made one by one.
void mark_channel_major(Plan& plan);

/// [filter][k] in the order of the runs to the order of those kernels.
std::vector<float> to_channel_major(const std::vector<float>& rows, int filters, int taps, const std::vector<int>& channels);

/// The name of the node's constants, which the emitted file then defines.
std::string channel_major_layer(const Site& site);

}  // namespace ditmos::compile
