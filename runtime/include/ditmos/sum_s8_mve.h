/* int8 inner loops in DITMOS_ROWS for the M-profile vector extension (Cortex-M55): 16 products a VMLADAVA, ragged ends by predicated
 * loads, which read zeros. */
#ifndef DITMOS_SUM_S8_MVE_H
#define DITMOS_SUM_S8_MVE_H

#include "base.h"

#if defined(DITMOS_MVE)

#include <arm_mve.h>

/* One run of n values at x0 and, where positions is 2, at x1, for `group` filters whose rows are `stride` bytes apart:
 * sums[filter] of x0, sums[group + filter] of x1. */
DITMOS_INLINE void ditmos_tile_mve(const int8_t *x0, const int8_t *x1, int positions, int n, const int8_t *w, int stride, int group,
                                   int32_t *sums) {
  const int whole = n & ~15;
  for (int k = 0; k < whole; k += 16) {
    const int8x16_t a = vldrbq_s8(x0 + k), b = positions == 2 ? vldrbq_s8(x1 + k) : a;
    DITMOS_UNROLL
    for (int f = 0; f < group; f++) {
      const int8x16_t taps = vldrbq_s8(w + f * stride + k);
      sums[f] = vmladavaq_s8(sums[f], a, taps);
      if (positions == 2) sums[group + f] = vmladavaq_s8(sums[group + f], b, taps);
    }
  }
  if (n & 15) {
    const mve_pred16_t rest = vctp8q((uint32_t)(n & 15));
    const int8x16_t a = vldrbq_z_s8(x0 + whole, rest), b = positions == 2 ? vldrbq_z_s8(x1 + whole, rest) : a;
    DITMOS_UNROLL
    for (int f = 0; f < group; f++) {
      const int8x16_t taps = vldrbq_z_s8(w + f * stride + whole, rest);
      sums[f] = vmladavaq_s8(sums[f], a, taps);
      if (positions == 2) sums[group + f] = vmladavaq_s8(sums[group + f], b, taps);
    }
  }
}

#endif
#endif
