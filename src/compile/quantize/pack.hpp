#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace ditmos::compile {

/// Order of int8 weights in memory (runtime/include/ditmos/sum_s8.h): the values of DITMOS_ROWS and DITMOS_PAIRS.
enum class WeightLayout { rows = 0, pairs = 1 };

/// Shape of a convolution's weights as ONNX has them: [filters][channels + extra][kernel_height][kernel_width].
struct ConvWeights {
  int filters = 0, channels = 0, extra = 0, kernel_height = 1, kernel_width = 1;
  int filter_size() const { return kernel_height * kernel_width * (channels + extra); }
  /// Lengths of the runs of one filter, in the order of runtime/include/ditmos/shape.h.
  std::vector<int> runs() const;
};

/// ONNX order to [filter][k], k in the order of the runs.
template <class T>
std::vector<T> to_run_order(std::span<const T> weights, const ConvWeights& shape);

/// Columns of a linear layer [outputs][channels * positions], which follow ONNX's flatten order (channel first), to the
/// channel-last order [outputs][positions * channels] of the maps on the chip.
template <class T>
std::vector<T> to_channel_last(std::span<const T> weights, int outputs, int channels, int positions);

/// [filters][n] to groups of 4 filters, each [k][filters of the group].
std::vector<float> pack_f32(std::span<const float> rows, int filters, int n);

/// [filters][n] in a layout of sum_s8.h; `runs` sum to n (a linear layer is one run). For `pairs`, throws Error where a weight is -128
/// or where a filter's sum could leave 23 bits (see sum_s8.h), which needs more than 516 full-scale weights.
std::vector<std::int8_t> pack_s8(std::span<const std::int8_t> rows, int filters, std::span<const int> runs, WeightLayout layout);

}  // namespace ditmos::compile
