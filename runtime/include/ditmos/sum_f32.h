/* The inner loops of float32 layers: sums[f] += sum over k of x[k] * weights[k][f] for a group of 1 to 4 filters. */
#ifndef DITMOS_SUM_F32_H
#define DITMOS_SUM_F32_H

#include "base.h"
#include "sum_f32_fpu.h"

/* One run of n values. weights [n][group], sums [group]. */
DITMOS_INLINE void ditmos_sum_f32_plain(const float *x, int n, const float *weights, int group, float *sums) {
  for (int k = 0; k < n; k++) {
    for (int f = 0; f < group; f++) sums[f] += x[k] * weights[k * group + f];
  }
}

/* Two runs with the same weights: sums[0..3] belong to x0, sums[4..7] to x1. */
DITMOS_INLINE void ditmos_sum_pair_f32_plain(const float *x0, const float *x1, int n, const float *weights, int group, float *sums) {
  for (int k = 0; k < n; k++) {
    for (int f = 0; f < group; f++) {
      sums[f] += x0[k] * weights[k * group + f];
      sums[4 + f] += x1[k] * weights[k * group + f];
    }
  }
}

DITMOS_INLINE void ditmos_sum_f32(const float *x, int n, const float *weights, int group, float *sums) {
#if defined(DITMOS_FPU)
  if (group == 4) {
    ditmos_tile_1x4_fpu(x, n, weights, sums);
    return;
  }
#endif
  ditmos_sum_f32_plain(x, n, weights, group, sums);
}

DITMOS_INLINE void ditmos_sum_pair_f32(const float *x0, const float *x1, int n, const float *weights, int group, float *sums) {
#if defined(DITMOS_FPU)
  if (group == 4) {
    ditmos_tile_2x4_fpu(x0, x1, n, weights, sums);
    return;
  }
#endif
  ditmos_sum_pair_f32_plain(x0, x1, n, weights, group, sums);
}

#endif
