/* Fully connected layer + bias + ReLU, int8. x [inputs], weights in a layout of sum_s8.h with one run of `inputs`, out [outputs]. */
#ifndef DITMOS_LINEAR_S8_H
#define DITMOS_LINEAR_S8_H

#include "layers_s8_dsp.h"
#include "requantize.h"
#include "sum_s8.h"

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
  if (layout == DITMOS_ROWS) {
    int first = 0;
    for (; first + 4 <= outputs; first += 4, weights += 4 * inputs) ditmos_linear_group_rows_s8(inputs, x, weights, 4, q, first, out);
    if (outputs % 4) ditmos_linear_group_rows_s8(inputs, x, weights, outputs % 4, q, first, out);
    return;
  }
  ditmos_linear_s8_plain(inputs, outputs, layout, x, weights, q, out);
}

/* A layer of DITMOS_PAIRS whose constants are `layer`, a ditmos_linear_layer_dsp. */
#if defined(DITMOS_DSP)
#define DITMOS_LINEAR_S8(layer, inputs, outputs, x, weights, q, out) ditmos_linear_dsp(&(layer), x, weights, (q).bias, out)
#else
#define DITMOS_LINEAR_S8(layer, inputs, outputs, x, weights, q, out) ditmos_linear_s8(inputs, outputs, DITMOS_PAIRS, x, weights, q, out)
#endif

#endif
