/* Depthwise convolution + bias + ReLU + max pool: filter c reads channel c only. Layouts: x [height][width][channels],
 * weights [kernel_height][kernel_width][channels], out [pooled_height][pooled_width][channels]. Of the shape, `extra` and `filters`
 * are not used. */
#ifndef DITMOS_DEPTHWISE_H
#define DITMOS_DEPTHWISE_H

#include "requantize.h"
#include "shape.h"

/* The sum of channel c, without bias, where the window begins at row `top`, column `left`; outside the map is zero. */
DITMOS_INLINE float ditmos_depthwise_sum_f32(const ditmos_conv_shape s, const float *x, const float *weights, int top, int left, int c) {
  float sum = 0.0f;
  for (int i = 0; i < s.kernel_height; i++) {
    if (top + i < 0 || top + i >= s.height) continue;
    for (int j = 0; j < s.kernel_width; j++) {
      if (left + j < 0 || left + j >= s.width) continue;
      sum += x[((top + i) * s.width + left + j) * s.channels + c] * weights[(i * s.kernel_width + j) * s.channels + c];
    }
  }
  return sum;
}

/* The same with `pad` outside the map. */
DITMOS_INLINE int32_t ditmos_depthwise_sum_s8(const ditmos_conv_shape s, const int8_t *x, int pad, const int8_t *weights, int top,
                                              int left, int c) {
  int32_t sum = 0;
  for (int i = 0; i < s.kernel_height; i++) {
    for (int j = 0; j < s.kernel_width; j++) {
      const int inside = top + i >= 0 && top + i < s.height && left + j >= 0 && left + j < s.width;
      const int value = inside ? x[((top + i) * s.width + left + j) * s.channels + c] : pad;
      sum += value * weights[(i * s.kernel_width + j) * s.channels + c];
    }
  }
  return sum;
}

DITMOS_INLINE void ditmos_depthwise_f32(const ditmos_conv_shape s, const float *x, const float *weights, const float *bias,
                                        float *out) {
  for (int y = 0; y < ditmos_pooled_height(s); y++) {
    for (int column = 0; column < ditmos_pooled_width(s); column++, out += s.channels) {
      for (int c = 0; c < s.channels; c++) {
        float best = 0.0f;
        for (int p = 0; p < s.pool_height * s.pool_width; p++) {
          const float sum = ditmos_depthwise_sum_f32(s, x, weights, (y * s.pool_height + p / s.pool_width) * s.stride_height - s.pad_top,
                                                     (column * s.pool_width + p % s.pool_width) * s.stride_width - s.pad_left, c);
          if (p == 0 || sum > best) best = sum;
        }
        best += bias[c];
        out[c] = s.relu && !(best > 0.0f) ? 0.0f : best;
      }
    }
  }
}

/* pad: the zero point of x. */
DITMOS_INLINE void ditmos_depthwise_s8(const ditmos_conv_shape s, const int8_t *x, int pad, const int8_t *weights,
                                       const ditmos_requant q, int8_t *out) {
  for (int y = 0; y < ditmos_pooled_height(s); y++) {
    for (int column = 0; column < ditmos_pooled_width(s); column++, out += s.channels) {
      for (int c = 0; c < s.channels; c++) {
        int32_t best = 0;
        for (int p = 0; p < s.pool_height * s.pool_width; p++) {
          const int32_t sum = ditmos_depthwise_sum_s8(s, x, pad, weights, (y * s.pool_height + p / s.pool_width) * s.stride_height - s.pad_top,
                                                      (column * s.pool_width + p % s.pool_width) * s.stride_width - s.pad_left, c);
          if (p == 0 || sum > best) best = sum;
        }
        out[c] = ditmos_requantize(best + q.bias[c], q.multiplier[c], q.offset, q.shift, q.low);
      }
    }
  }
}

#endif
