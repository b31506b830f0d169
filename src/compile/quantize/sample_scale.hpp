#pragma once
#include <cstdint>
#include <vector>

#include "compile/graph.hpp"

namespace ditmos::compile {

/// Arguments of ditmos_quantize_s16: int16 samples of which a step is `unit` to int8 of this scale and zero point.
struct SampleScale {
  std::vector<std::int32_t> multipliers;  ///< one, or one a channel where the channels have gains
  std::int32_t offset = 0;
  int shift = 0;
};

/// Throws Error where a step of a sample is more than a quarter of a step of the int8 values, or so little that it is nothing.
SampleScale sample_scale(float unit, const Quantization& input);

}  // namespace ditmos::compile
