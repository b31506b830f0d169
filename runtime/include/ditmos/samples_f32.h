/* Front ends that work on samples themselves, in float32: units, magnitude, normalisation, companding. */
#ifndef DITMOS_SAMPLES_F32_H
#define DITMOS_SAMPLES_F32_H

#include <math.h>

#include "base.h"
#include "log_f32.h"

/* Length of the vector of `channels` values that lie `stride` apart. */
DITMOS_INLINE float ditmos_magnitude_f32(int channels, int stride, const float *x) {
  float sum = 0.0f;
  for (int c = 0; c < channels; c++) sum += x[c * stride] * x[c * stride];
  return sqrtf(sum);
}

/* Mean of n values and 1 / their standard deviation; a constant signal gives 0. */
DITMOS_INLINE void ditmos_moments_f32(int n, const float *x, float *mean, float *inverse) {
  float sum = 0.0f, squares = 0.0f;
  for (int i = 0; i < n; i++) sum += x[i];
  *mean = sum / (float)n;
  for (int i = 0; i < n; i++) {
    const float d = x[i] - *mean;
    squares += d * d;
  }
  const float deviation = sqrtf(squares / (float)n);
  *inverse = deviation > 1e-6f ? 1.0f / deviation : 0.0f;
}

/* sign(x) ln(1 + |x| factor). ln(1 + a) as ln(u) a / (u - 1), u = 1 + a rounded, keeps its digits for small a. */
DITMOS_INLINE float ditmos_compand_f32(float x, float factor) {
  const float a = (x < 0.0f ? -x : x) * factor;
  const float u = 1.0f + a;
  const float y = u == 1.0f ? a : ditmos_log_f32(u) * (a / (u - 1.0f));
  return x < 0.0f ? -y : y;
}

#endif
