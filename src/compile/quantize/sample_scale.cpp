#include "compile/quantize/sample_scale.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"

namespace ditmos::compile {

SampleScale sample_scale(float unit, const Quantization& input) {
  const double ratio = static_cast<double>(unit) / static_cast<double>(input.scale.at(0));
  int exponent = 0;  // ratio = fraction * 2^exponent, fraction in [0.5, 1)
  const double fraction = std::frexp(ratio, &exponent);
  SampleScale out;
  out.shift = std::min(-1 - exponent, 22);
  if (!(ratio > 0) || out.shift < 1)
    throw Error("a step of the samples is more than a quarter of a step of the int8 input", "quantize them yourself, or compile for float32");
  out.multiplier = static_cast<std::int32_t>(std::floor(std::ldexp(fraction, exponent + 32 + out.shift)));
  if (out.multiplier < 1 << 8) throw Error("a step of the samples is too little for the int8 input", "give what a step of the int16 samples is in the model's terms");
  out.offset = input.zero_point * (1 << out.shift) + (1 << (out.shift - 1));
  return out;
}

}  // namespace ditmos::compile
