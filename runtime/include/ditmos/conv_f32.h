/* Convolution + bias + ReLU + max pool, float32, without a buffer between them and without a Concat. Layouts: shape.h.
 *   ditmos_conv_f32         a whole map
 *   ditmos_conv_column_f32  one pooled output column of a series, for depth-first schedules */
#ifndef DITMOS_CONV_F32_H
#define DITMOS_CONV_F32_H

#include "shape.h"
#include "sum_f32.h"

/* Sums of `group` (1 to 4) filters at one position whose window may stick out of the map. (y, x): its top left corner. */
DITMOS_INLINE void ditmos_conv_clipped_f32(const ditmos_conv_shape s, const float *a, const float *b, int y, int x,
                                           const float *weights, int group, float *sums) {
  DITMOS_UNROLL
  for (int source = 0; source < (s.extra ? 2 : 1); source++) {
    const float *map = source ? b : a;
    const int channels = source ? s.extra : s.channels;
    DITMOS_UNROLL
    for (int row = y; row < y + s.kernel_height; row++) {
      for (int column = x; column < x + s.kernel_width; column++, weights += channels * group) {
        if (row < 0 || row >= s.height || column < 0 || column >= s.width) continue;
        ditmos_sum_f32(map + (row * s.width + column) * channels, channels, weights, group, sums);
      }
    }
  }
}

/* The pooled output cell (all filters) whose receptive field begins at a and b. `out` receives `filters` values. */
DITMOS_INLINE void ditmos_conv_cell_f32(const ditmos_conv_shape s, const float *a, const float *b, const float *weights,
                                        const float *bias, float *out) {
  const int n = ditmos_filter_size(s);
  for (int first = 0; first < s.filters; first += 4, weights += 4 * n) {
    const int group = s.filters - first < 4 ? s.filters - first : 4;
    float best[4] = {0, 0, 0, 0};
    for (int p = 0; p < s.pool_height * s.pool_width; p += 2) {
      /* Two positions at a time share the weights; the last of an odd number goes alone. */
      float sums[8];
      const int pair = p + 1 < s.pool_height * s.pool_width;
      const int offset0 = (p / s.pool_width * s.stride_height) * s.width + p % s.pool_width * s.stride_width;
      const int offset1 = ((p + 1) / s.pool_width * s.stride_height) * s.width + (p + 1) % s.pool_width * s.stride_width;
      DITMOS_UNROLL
      for (int f = 0; f < group; f++) sums[f] = sums[4 + f] = bias[first + f];
      const float *w = weights;
      DITMOS_UNROLL
      for (int source = 0; source < (s.extra ? 2 : 1); source++) {
        const float *map = source ? b : a;
        const int channels = source ? s.extra : s.channels;
        const int run = s.kernel_width * channels;
        DITMOS_UNROLL
        for (int row = 0; row < s.kernel_height; row++, w += run * group) {
          const float *x = map + row * s.width * channels;
          if (pair) {
            ditmos_sum_pair_f32(x + offset0 * channels, x + offset1 * channels, run, w, group, sums);
          } else {
            ditmos_sum_f32(x + offset0 * channels, run, w, group, sums);
          }
        }
      }
      DITMOS_UNROLL
      for (int f = 0; f < group; f++) {
        if (p == 0 || sums[f] > best[f]) best[f] = sums[f];
        if (pair && sums[4 + f] > best[f]) best[f] = sums[4 + f];
      }
    }
    DITMOS_UNROLL
    for (int f = 0; f < group; f++) out[first + f] = s.relu && !(best[f] > 0.0f) ? 0.0f : best[f];
  }
}

/* The pooled output cell (y, x) where the window sticks out of the map. */
DITMOS_INLINE void ditmos_conv_edge_cell_f32(const ditmos_conv_shape s, const float *a, const float *b, int y, int x,
                                             const float *weights, const float *bias, float *out) {
  const int n = ditmos_filter_size(s);
  for (int first = 0; first < s.filters; first += 4, weights += 4 * n) {
    const int group = s.filters - first < 4 ? s.filters - first : 4;
    for (int p = 0; p < s.pool_height * s.pool_width; p++) {
      float sums[4];
      DITMOS_UNROLL
      for (int f = 0; f < group; f++) sums[f] = bias[first + f];
      ditmos_conv_clipped_f32(s, a, b, (y * s.pool_height + p / s.pool_width) * s.stride_height - s.pad_top,
                              (x * s.pool_width + p % s.pool_width) * s.stride_width - s.pad_left, weights, group, sums);
      DITMOS_UNROLL
      for (int f = 0; f < group; f++) {
        if (p == 0 || sums[f] > out[first + f]) out[first + f] = sums[f];
      }
    }
    DITMOS_UNROLL
    for (int f = 0; f < group; f++) {
      if (s.relu && !(out[first + f] > 0.0f)) out[first + f] = 0.0f;
    }
  }
}

/* a [height][width][channels], b [height][width][extra] or null, bias [filters], out [pooled_height][pooled_width][filters].
 * `out` must not overlap a or b. */
DITMOS_INLINE void ditmos_conv_f32(const ditmos_conv_shape s, const float *a, const float *b, const float *weights,
                                   const float *bias, float *out) {
  for (int y = 0; y < ditmos_pooled_height(s); y++) {
    for (int x = 0; x < ditmos_pooled_width(s); x++, out += s.filters) {
      if (ditmos_cell_is_inside(s, y, x)) {
        const int at = (y * s.pool_height * s.stride_height - s.pad_top) * s.width + x * s.pool_width * s.stride_width - s.pad_left;
        ditmos_conv_cell_f32(s, a + at * s.channels, s.extra ? b + at * s.extra : b, weights, bias, out);
      } else {
        ditmos_conv_edge_cell_f32(s, a, b, y, x, weights, bias, out);
      }
    }
  }
}

/* One pooled output column of a series without padding: a and b point at the first of ditmos_column_reach(s) contiguous columns.
 * Uses neither height nor width of the shape. */
DITMOS_INLINE void ditmos_conv_column_f32(const ditmos_conv_shape s, const float *a, const float *b, const float *weights,
                                          const float *bias, float *out) {
  ditmos_conv_cell_f32(s, a, b, weights, bias, out);
}

#endif
