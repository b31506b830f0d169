/* Pooling that is not fused into a convolution, channel-last. Windows may stick out of the map: max pool skips what lies outside,
 * average pool divides by the whole window where count_outside is set, else by what lies inside. */
#ifndef DITMOS_POOL_H
#define DITMOS_POOL_H

#include "base.h"

typedef struct {
  int height, width, channels;
  int kernel_height, kernel_width;
  int stride_height, stride_width;
  int pad_top, pad_left;
  int out_height, out_width;
  int count_outside;
} ditmos_pool_shape;

/* Rows (or columns) [*first, *last) of the map under output row y. */
DITMOS_INLINE void ditmos_pool_span(int y, int stride, int pad, int kernel, int size, int *first, int *last) {
  const int begin = y * stride - pad;
  *first = begin < 0 ? 0 : begin;
  *last = begin + kernel > size ? size : begin + kernel;
}

DITMOS_INLINE void ditmos_max_pool_f32(const ditmos_pool_shape s, const float *x, float *out) {
  for (int y = 0; y < s.out_height; y++) {
    for (int column = 0; column < s.out_width; column++, out += s.channels) {
      int top, bottom, left, right;
      ditmos_pool_span(y, s.stride_height, s.pad_top, s.kernel_height, s.height, &top, &bottom);
      ditmos_pool_span(column, s.stride_width, s.pad_left, s.kernel_width, s.width, &left, &right);
      for (int c = 0; c < s.channels; c++) {
        float best = x[(top * s.width + left) * s.channels + c];
        for (int i = top; i < bottom; i++) {
          for (int j = left; j < right; j++) {
            const float value = x[(i * s.width + j) * s.channels + c];
            if (value > best) best = value;
          }
        }
        out[c] = best;
      }
    }
  }
}

DITMOS_INLINE void ditmos_max_pool_s8(const ditmos_pool_shape s, const int8_t *x, int8_t *out) {
  for (int y = 0; y < s.out_height; y++) {
    for (int column = 0; column < s.out_width; column++, out += s.channels) {
      int top, bottom, left, right;
      ditmos_pool_span(y, s.stride_height, s.pad_top, s.kernel_height, s.height, &top, &bottom);
      ditmos_pool_span(column, s.stride_width, s.pad_left, s.kernel_width, s.width, &left, &right);
      for (int c = 0; c < s.channels; c++) {
        int8_t best = x[(top * s.width + left) * s.channels + c];
        for (int i = top; i < bottom; i++) {
          for (int j = left; j < right; j++) {
            const int8_t value = x[(i * s.width + j) * s.channels + c];
            if (value > best) best = value;
          }
        }
        out[c] = best;
      }
    }
  }
}

DITMOS_INLINE void ditmos_average_pool_f32(const ditmos_pool_shape s, const float *x, float *out) {
  for (int y = 0; y < s.out_height; y++) {
    for (int column = 0; column < s.out_width; column++, out += s.channels) {
      int top, bottom, left, right;
      ditmos_pool_span(y, s.stride_height, s.pad_top, s.kernel_height, s.height, &top, &bottom);
      ditmos_pool_span(column, s.stride_width, s.pad_left, s.kernel_width, s.width, &left, &right);
      const int count = s.count_outside ? s.kernel_height * s.kernel_width : (bottom - top) * (right - left);
      for (int c = 0; c < s.channels; c++) {
        float sum = 0.0f;
        for (int i = top; i < bottom; i++) {
          for (int j = left; j < right; j++) sum += x[(i * s.width + j) * s.channels + c];
        }
        out[c] = sum / (float)count;
      }
    }
  }
}

/* Input and output have the same scale and zero point. Rounds half away from zero, as TFLite does. The window must lie inside. */
DITMOS_INLINE void ditmos_average_pool_s8(const ditmos_pool_shape s, const int8_t *x, int8_t *out) {
  for (int y = 0; y < s.out_height; y++) {
    for (int column = 0; column < s.out_width; column++, out += s.channels) {
      int top, bottom, left, right;
      ditmos_pool_span(y, s.stride_height, s.pad_top, s.kernel_height, s.height, &top, &bottom);
      ditmos_pool_span(column, s.stride_width, s.pad_left, s.kernel_width, s.width, &left, &right);
      const int count = (bottom - top) * (right - left);
      for (int c = 0; c < s.channels; c++) {
        int32_t sum = 0;
        for (int i = top; i < bottom; i++) {
          for (int j = left; j < right; j++) sum += x[(i * s.width + j) * s.channels + c];
        }
        out[c] = (int8_t)((sum >= 0 ? sum + count / 2 : sum - count / 2) / count);
      }
    }
  }
}

#endif
