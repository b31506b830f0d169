/* Depthwise convolution + bias + ReLU: filter c reads channel c only. Layouts: x [height][width][channels],
 * weights [kernel_height][kernel_width][channels], out [conv_height][conv_width][channels]. Of the shape, `extra`, `filters` and the
 * pool are not used. */
#ifndef DITMOS_DEPTHWISE_H
#define DITMOS_DEPTHWISE_H

#include "requantize.h"
#include "shape.h"

DITMOS_INLINE void ditmos_depthwise_f32(const ditmos_conv_shape s, const float *x, const float *weights, const float *bias,
                                        float *out) {
  for (int y = 0; y < s.conv_height; y++) {
    for (int column = 0; column < s.conv_width; column++, out += s.channels) {
      const int top = y * s.stride_height - s.pad_top, left = column * s.stride_width - s.pad_left;
      for (int c = 0; c < s.channels; c++) {
        float sum = bias[c];
        for (int i = 0; i < s.kernel_height; i++) {
          if (top + i < 0 || top + i >= s.height) continue;
          for (int j = 0; j < s.kernel_width; j++) {
            if (left + j < 0 || left + j >= s.width) continue;
            sum += x[((top + i) * s.width + left + j) * s.channels + c] * weights[(i * s.kernel_width + j) * s.channels + c];
          }
        }
        out[c] = s.relu && !(sum > 0.0f) ? 0.0f : sum;
      }
    }
  }
}

/* pad: the zero point of x. */
DITMOS_INLINE void ditmos_depthwise_s8(const ditmos_conv_shape s, const int8_t *x, int pad, const int8_t *weights,
                                       const ditmos_requant q, int8_t *out) {
  for (int y = 0; y < s.conv_height; y++) {
    for (int column = 0; column < s.conv_width; column++, out += s.channels) {
      const int top = y * s.stride_height - s.pad_top, left = column * s.stride_width - s.pad_left;
      for (int c = 0; c < s.channels; c++) {
        int32_t sum = q.bias[c];
        for (int i = 0; i < s.kernel_height; i++) {
          for (int j = 0; j < s.kernel_width; j++) {
            const int inside = top + i >= 0 && top + i < s.height && left + j >= 0 && left + j < s.width;
            const int value = inside ? x[((top + i) * s.width + left + j) * s.channels + c] : pad;
            sum += value * weights[(i * s.kernel_width + j) * s.channels + c];
          }
        }
        out[c] = ditmos_requantize(sum, q.multiplier[c], q.offset, q.shift, q.low);
      }
    }
  }
}

#endif
