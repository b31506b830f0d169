/* Fully connected layer + bias + ReLU, float32. x [inputs], weights in groups of 4 outputs as in shape.h, out [outputs].
 * The input of the first linear layer is a channel-last map: weights are permuted from ONNX's flatten order when they are packed. */
#ifndef DITMOS_LINEAR_F32_H
#define DITMOS_LINEAR_F32_H

#include "sum_f32.h"

DITMOS_INLINE void ditmos_linear_f32_plain(int inputs, int outputs, int relu, const float *x, const float *weights, const float *bias,
                                           float *out) {
  for (int first = 0; first < outputs; first += 4, weights += 4 * inputs) {
    const int group = outputs - first < 4 ? outputs - first : 4;
    float sums[4] = {0, 0, 0, 0};
    for (int f = 0; f < group; f++) sums[f] = bias[first + f];
    ditmos_sum_f32_plain(x, inputs, weights, group, sums);
    for (int f = 0; f < group; f++) out[first + f] = relu && !(sums[f] > 0.0f) ? 0.0f : sums[f];
  }
}

/* One group of outputs. */
DITMOS_INLINE void ditmos_linear_group_f32(int inputs, int relu, const float *x, const float *weights, int group, const float *bias,
                                           float *out) {
  float sums[4];
  DITMOS_UNROLL
  for (int f = 0; f < group; f++) sums[f] = bias[f];
  ditmos_sum_f32(x, inputs, weights, group, sums);
  DITMOS_UNROLL
  for (int f = 0; f < group; f++) out[f] = relu && !(sums[f] > 0.0f) ? 0.0f : sums[f];
}

DITMOS_INLINE void ditmos_linear_f32(int inputs, int outputs, int relu, const float *x, const float *weights, const float *bias,
                                     float *out) {
  int first = 0;
  for (; first + 4 <= outputs; first += 4, weights += 4 * inputs) {
    ditmos_linear_group_f32(inputs, relu, x, weights, 4, bias + first, out + first);
  }
  if (outputs % 4) ditmos_linear_group_f32(inputs, relu, x, weights, outputs % 4, bias + first, out + first);
}

#endif
