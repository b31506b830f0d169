/* Natural logarithm of positive finite numbers in plain float arithmetic, so that chip and host agree to the bit (libraries differ in the
 * last one). x = 2^e m with m in [1/sqrt 2, sqrt 2), ln m = 2 (s + s^3/3 + s^5/5 + s^7/7 + s^9/9), s = (m - 1)/(m + 1). Error below
 * 1e-7 (1 + |ln x|). Subnormal numbers count as the smallest normal one. */
#ifndef DITMOS_LOG_F32_H
#define DITMOS_LOG_F32_H

#include <string.h>

#include "base.h"

DITMOS_INLINE float ditmos_log_f32(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  if (bits < 0x00800000u) bits = 0x00800000u;
  const uint32_t shifted = bits - 0x3F3504F3u; /* of sqrt 1/2 */
  const int32_t exponent = (int32_t)shifted >> 23;
  bits = (shifted & 0x007FFFFFu) + 0x3F3504F3u;
  float m;
  memcpy(&m, &bits, sizeof m);
  const float s = (m - 1.0f) / (m + 1.0f);
  const float q = s * s;
  const float series = q * (0.333333333f + q * (0.2f + q * (0.142857143f + q * 0.111111111f)));
  const float doubled = s + s;
  return (float)exponent * 0.693147181f + (doubled + doubled * series);
}

#endif
