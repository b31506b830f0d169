/* From an int32 sum to an int8 value: the one place where int8 layers round. docs/INT8.md gives the derivation.
 *
 *   value = clamp(floor((sum * multiplier / 2^32 floored + offset) / 2^shift), low, 127)
 *   offset = zero_point * 2^shift + 2^(shift - 1)
 *
 * which equals zero_point + round_half_up(sum * multiplier / 2^(32 + shift)): TFLite's single-rounding rule with a total shift of
 * 32 + shift. Ranges: 0 <= multiplier < 2^31, 1 <= shift <= 22, so that no step overflows for any int32 sum. */
#ifndef DITMOS_REQUANTIZE_H
#define DITMOS_REQUANTIZE_H

#include "base.h"

/* bias, multiplier: [filters]. low: -128, or the zero point where a ReLU is folded in. */
typedef struct {
  const int32_t *bias;
  const int32_t *multiplier;
  int32_t offset;
  int shift;
  int low;
} ditmos_requant;

DITMOS_INLINE int8_t ditmos_requantize_plain(int32_t sum, int32_t multiplier, int32_t offset, int shift, int low) {
  int32_t value = (int32_t)(((int64_t)sum * multiplier) >> 32) + offset;
  value >>= shift;
  if (value < low) value = low;
  if (value > 127) value = 127;
  return (int8_t)value;
}

DITMOS_INLINE int8_t ditmos_requantize(int32_t sum, int32_t multiplier, int32_t offset, int shift, int low) {
#if defined(DITMOS_DSP)
  if (__builtin_constant_p(shift)) {
    int32_t value;
    __asm__("smmla %0, %1, %2, %3" : "=r"(value) : "r"(sum), "r"(multiplier), "r"(offset));
    __asm__("ssat %0, #8, %1, asr %2" : "=r"(value) : "r"(value), "n"(shift));
    return (int8_t)(low > -128 && value < low ? low : value);
  }
#endif
  return ditmos_requantize_plain(sum, multiplier, offset, shift, low);
}

#endif
