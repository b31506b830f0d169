/* Fully connected layer + bias + ReLU, int8. x [inputs], weights in a layout of sum_s8.h with one run of `inputs`, out [outputs]. */
#ifndef DITMOS_LINEAR_S8_H
#define DITMOS_LINEAR_S8_H

#include "requantize.h"
#include "sum_s8.h"
#include "sum_s8_dsp.h"

DITMOS_INLINE void ditmos_linear_s8_plain(int inputs, int outputs, int layout, const int8_t *x, const int8_t *weights,
                                          const ditmos_requant q, int8_t *out) {
  for (int first = 0, group; first < outputs; first += group) {
    int32_t sums[4] = {0, 0, 0, 0};
    group = layout == DITMOS_PAIRS ? ditmos_pairs_group(outputs - first) : outputs - first < 4 ? outputs - first : 4;
    if (layout == DITMOS_ROWS) {
      ditmos_sum_rows_s8_plain(x, inputs, weights, inputs, group, sums);
      weights += group * inputs;
    } else {
      ditmos_sum_pairs_s8_plain(x, inputs, weights, group, sums);
      weights += ditmos_pairs_run_bytes(inputs, group);
    }
    for (int f = 0; f < group; f++) {
      out[first + f] = ditmos_requantize_plain(sums[f] + q.bias[first + f], q.multiplier[first + f], q.offset, q.shift, q.low);
    }
  }
}

#if defined(DITMOS_DSP)
/* One group of DITMOS_PAIRS. */
DITMOS_INLINE void ditmos_linear_group_dsp(int inputs, const int8_t *x, const int8_t *weights, int group, const ditmos_requant q,
                                           int first, int8_t *out) {
  int32_t sums[4];
  DITMOS_UNROLL
  for (int f = 0; f < group; f++) sums[f] = q.bias[first + (f & ~1)];
  ditmos_sum_pairs_dsp(x, inputs, weights, group, sums);
  DITMOS_UNROLL
  for (int f = 1; f < group; f += 2) sums[f] = ditmos_high_sum(sums[f - 1], sums[f]) + q.bias[first + f];
  DITMOS_UNROLL
  for (int f = 0; f < group; f++) {
    out[first + f] = ditmos_requantize(sums[f], q.multiplier[first + f], q.offset, q.shift, q.low);
  }
}
#endif

/* One group of DITMOS_ROWS. */
DITMOS_INLINE void ditmos_linear_group_rows_s8(int inputs, const int8_t *x, const int8_t *weights, int group, const ditmos_requant q,
                                               int first, int8_t *out) {
  int32_t sums[4];
  DITMOS_UNROLL
  for (int f = 0; f < group; f++) sums[f] = q.bias[first + f];
  ditmos_sum_rows_s8(x, x, 1, inputs, weights, inputs, group, sums);
  DITMOS_UNROLL
  for (int f = 0; f < group; f++) {
    out[first + f] = ditmos_requantize(sums[f], q.multiplier[first + f], q.offset, q.shift, q.low);
  }
}

DITMOS_INLINE void ditmos_linear_s8(int inputs, int outputs, int layout, const int8_t *x, const int8_t *weights,
                                    const ditmos_requant q, int8_t *out) {
#if defined(DITMOS_DSP)
  if (layout == DITMOS_PAIRS) {
    int first = 0;
    for (; first + 4 <= outputs; first += 4, weights += 4 * inputs) ditmos_linear_group_dsp(inputs, x, weights, 4, q, first, out);
    if (outputs & 2) {
      ditmos_linear_group_dsp(inputs, x, weights, 2, q, first, out);
      first += 2;
      weights += ditmos_pairs_run_bytes(inputs, 2);
    }
    if (outputs & 1) ditmos_linear_group_dsp(inputs, x, weights, 1, q, first, out);
    return;
  }
#endif
  if (layout == DITMOS_ROWS) {
    int first = 0;
    for (; first + 4 <= outputs; first += 4, weights += 4 * inputs) ditmos_linear_group_rows_s8(inputs, x, weights, 4, q, first, out);
    if (outputs % 4) ditmos_linear_group_rows_s8(inputs, x, weights, outputs % 4, q, first, out);
    return;
  }
  ditmos_linear_s8_plain(inputs, outputs, layout, x, weights, q, out);
}

#endif
