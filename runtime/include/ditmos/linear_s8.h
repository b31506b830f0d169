/* Fully connected layer + bias + ReLU, int8. x [inputs], weights in a layout of sum_s8.h with one run of `inputs`, out [outputs]. */
#ifndef DITMOS_LINEAR_S8_H
#define DITMOS_LINEAR_S8_H

#include "requantize.h"
#include "sum_s8.h"

DITMOS_INLINE void ditmos_linear_group_s8(int inputs, int layout, const int8_t *x, const int8_t *weights, int group, int32_t *sums) {
  if (layout == DITMOS_ROWS) {
    ditmos_sum_rows_s8_plain(x, inputs, weights, inputs, group, sums);
  } else {
    ditmos_sum_pairs_s8_plain(x, inputs, weights, group, sums);
  }
}

DITMOS_INLINE void ditmos_linear_s8(int inputs, int outputs, int layout, const int8_t *x, const int8_t *weights,
                                    const ditmos_requant q, int8_t *out) {
  for (int first = 0, group; first < outputs; first += group) {
    int32_t sums[4] = {0, 0, 0, 0};
    group = layout == DITMOS_PAIRS ? ditmos_pairs_group(outputs - first) : outputs - first < 4 ? outputs - first : 4;
    ditmos_linear_group_s8(inputs, layout, x, weights, group, sums);
    for (int f = 0; f < group; f++) {
      out[first + f] = ditmos_requantize(sums[f] + q.bias[first + f], q.multiplier[first + f], q.offset, q.shift, q.low);
    }
    weights += layout == DITMOS_PAIRS ? ditmos_pairs_run_bytes(inputs, group) : group * inputs;
  }
}

#endif
