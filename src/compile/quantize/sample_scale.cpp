#include "compile/quantize/sample_scale.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"

namespace ditmos::compile {

SampleScale sample_scale(float unit, const Quantization& input) {
  std::vector<double> ratios;
  for (std::size_t c = 0; c < std::max<std::size_t>(input.gain.size(), 1); ++c) ratios.push_back(static_cast<double>(unit) * input.inverse_step(c));
  const double largest = *std::max_element(ratios.begin(), ratios.end());
  int exponent = 0;  // largest = fraction * 2^exponent, fraction in [0.5, 1)
  std::frexp(largest, &exponent);
  SampleScale out;
  out.shift = std::min(-1 - exponent, 22);
  if (!(largest > 0) || out.shift < 1)
    throw Error("a step of the samples is more than a quarter of a step of the int8 input", "quantize them yourself, or compile for float32");
  for (const double ratio : ratios) {
    out.multipliers.push_back(static_cast<std::int32_t>(std::floor(std::ldexp(ratio, 32 + out.shift))));
    if (out.multipliers.back() < 1 << 8) throw Error("a step of the samples is too little for the int8 input", "give what a step of the int16 samples is in the model's terms");
  }
  out.offset = input.zero_point * (1 << out.shift) + (1 << (out.shift - 1));
  return out;
}

}  // namespace ditmos::compile
