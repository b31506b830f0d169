/* Front ends that work on samples themselves, in float32: mapping of axes and units, magnitude, normalisation. */
#ifndef DITMOS_SAMPLES_F32_H
#define DITMOS_SAMPLES_F32_H

#include <math.h>

#include "base.h"

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

#endif
