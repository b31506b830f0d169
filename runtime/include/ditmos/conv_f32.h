/* Convolution + bias + ReLU + max pool, float32, without a buffer between them and without a Concat. Layouts: shape.h.
 *   ditmos_conv_f32         a whole map
 *   ditmos_conv_column_f32  one pooled output column of a series, for depth-first schedules */
#ifndef DITMOS_CONV_F32_H
#define DITMOS_CONV_F32_H

#include <string.h>

#include "shape.h"
#include "sum_f32.h"

/* Sums of `group` (1 to 4) filters at one position whose window may stick out of the map. (y, x): its top left corner. */
DITMOS_INLINE void ditmos_conv_position_f32(const ditmos_conv_shape s, const float *a, const float *b, int y, int x,
                                            const float *weights, int group, float *sums) {
  for (int source = 0; source < (s.extra ? 2 : 1); source++) {
    const float *map = source ? b : a;
    const int channels = source ? s.extra : s.channels;
    for (int row = y; row < y + s.kernel_height; row++) {
      for (int column = x; column < x + s.kernel_width; column++, weights += channels * group) {
        if (row < 0 || row >= s.height || column < 0 || column >= s.width) continue;
        ditmos_sum_f32_plain(map + (row * s.width + column) * channels, channels, weights, group, sums);
      }
    }
  }
}

DITMOS_INLINE float ditmos_relu_f32(int relu, float value) { return relu && !(value > 0.0f) ? 0.0f : value; }

/* The pooled output cell (y, x), plain. */
DITMOS_INLINE void ditmos_conv_cell_f32_plain(const ditmos_conv_shape s, const float *a, const float *b, int y, int x,
                                              const float *weights, const float *bias, float *out) {
  const int n = ditmos_filter_size(s);
  for (int first = 0; first < s.filters; first += 4, weights += 4 * n) {
    const int group = s.filters - first < 4 ? s.filters - first : 4;
    float best[4] = {0, 0, 0, 0};
    for (int p = 0; p < s.pool_height * s.pool_width; p++) {
      float sums[4] = {0, 0, 0, 0};
      for (int f = 0; f < group; f++) sums[f] = bias[first + f];
      ditmos_conv_position_f32(s, a, b, (y * s.pool_height + p / s.pool_width) * s.stride_height - s.pad_top,
                               (x * s.pool_width + p % s.pool_width) * s.stride_width - s.pad_left, weights, group, sums);
      for (int f = 0; f < group; f++) {
        if (p == 0 || sums[f] > best[f]) best[f] = sums[f];
      }
    }
    for (int f = 0; f < group; f++) out[first + f] = ditmos_relu_f32(s.relu, best[f]);
  }
}

/* As ditmos_conv_f32 below. */
DITMOS_INLINE void ditmos_conv_f32_plain(const ditmos_conv_shape s, const float *a, const float *b, const float *weights,
                                         const float *bias, float *out) {
  for (int y = 0; y < ditmos_pooled_height(s); y++) {
    for (int x = 0; x < ditmos_pooled_width(s); x++, out += s.filters) {
      ditmos_conv_cell_f32_plain(s, a, b, y, x, weights, bias, out);
    }
  }
}

/* Sums, with bias, of a group of filters at one position inside the map; a and b point at its window. */
DITMOS_INLINE void ditmos_conv_group_f32(const ditmos_conv_shape s, const float *a, const float *b, const float *w, int group,
                                         const float *bias, float *sums) {
  const int extra_rows = s.extra ? s.kernel_height : 0;
  DITMOS_UNROLL
  for (int f = 0; f < group; f++) sums[f] = bias[f];
  for (int row = 0; row < s.kernel_height; row++, w += s.kernel_width * s.channels * group) {
    ditmos_sum_f32(a + row * s.width * s.channels, s.kernel_width * s.channels, w, group, sums);
  }
  for (int row = 0; row < extra_rows; row++, w += s.kernel_width * s.extra * group) {
    ditmos_sum_f32(b + row * s.width * s.extra, s.kernel_width * s.extra, w, group, sums);
  }
}

/* The same at two positions, the second one stride to the right: sums[4 * position + filter]. */
DITMOS_INLINE void ditmos_conv_pair_f32(const ditmos_conv_shape s, const float *a, const float *b, const float *w, int group,
                                        const float *bias, float *sums) {
  const int extra_rows = s.extra ? s.kernel_height : 0;
  DITMOS_UNROLL
  for (int f = 0; f < group; f++) sums[f] = sums[4 + f] = bias[f];
  for (int row = 0; row < s.kernel_height; row++, w += s.kernel_width * s.channels * group) {
    const float *x = a + row * s.width * s.channels;
    ditmos_sum_pair_f32(x, x + s.stride_width * s.channels, s.kernel_width * s.channels, w, group, sums);
  }
  for (int row = 0; row < extra_rows; row++, w += s.kernel_width * s.extra * group) {
    const float *x = b + row * s.width * s.extra;
    ditmos_sum_pair_f32(x, x + s.stride_width * s.extra, s.kernel_width * s.extra, w, group, sums);
  }
}

/* The largest of a pool window for one group of filters, with bias and ReLU; a and b point at the first position's window. */
DITMOS_INLINE void ditmos_conv_pool_f32(const ditmos_conv_shape s, const float *a, const float *b, const float *w, int group,
                                        const float *bias, float *out) {
  float best[4] = {0, 0, 0, 0};
  DITMOS_UNROLL
  for (int i = 0; i < s.pool_height; i++) {
    DITMOS_UNROLL
    for (int j = 0; j < s.pool_width; j += 2) {
      float sums[8];
      const int at = i * s.stride_height * s.width + j * s.stride_width, first = i == 0 && j == 0;
      const float *xa = a + at * s.channels, *xb = s.extra ? b + at * s.extra : b;
      if (j + 1 < s.pool_width) {
        ditmos_conv_pair_f32(s, xa, xb, w, group, bias, sums);
        DITMOS_UNROLL
        for (int f = 0; f < group; f++) {
          const float larger = sums[f] > sums[4 + f] ? sums[f] : sums[4 + f];
          best[f] = first || larger > best[f] ? larger : best[f];
        }
      } else {
        ditmos_conv_group_f32(s, xa, xb, w, group, bias, sums);
        DITMOS_UNROLL
        for (int f = 0; f < group; f++) best[f] = first || sums[f] > best[f] ? sums[f] : best[f];
      }
    }
  }
  DITMOS_UNROLL
  for (int f = 0; f < group; f++) out[f] = ditmos_relu_f32(s.relu, best[f]);
}

/* The pooled output cell (all filters) whose receptive field begins at a and b. `out` receives `filters` values. */
DITMOS_INLINE void ditmos_conv_cell_f32(const ditmos_conv_shape s, const float *a, const float *b, const float *weights,
                                        const float *bias, float *out) {
  int first = 0;
  for (; first + 4 <= s.filters; first += 4, weights += 4 * ditmos_filter_size(s)) {
    ditmos_conv_pool_f32(s, a, b, weights, 4, bias + first, out + first);
  }
  if (s.filters % 4) ditmos_conv_pool_f32(s, a, b, weights, s.filters % 4, bias + first, out + first);
}

/* One group of filters of two output cells beside each other where there is no pool. */
DITMOS_INLINE void ditmos_conv_two_groups_f32(const ditmos_conv_shape s, const float *a, const float *b, const float *w, int group,
                                              const float *bias, float *out) {
  float sums[8];
  ditmos_conv_pair_f32(s, a, b, w, group, bias, sums);
  DITMOS_UNROLL
  for (int f = 0; f < group; f++) {
    out[f] = ditmos_relu_f32(s.relu, sums[f]);
    out[s.filters + f] = ditmos_relu_f32(s.relu, sums[4 + f]);
  }
}

DITMOS_INLINE void ditmos_conv_two_cells_f32(const ditmos_conv_shape s, const float *a, const float *b, const float *w,
                                             const float *bias, float *out) {
  int first = 0;
  for (; first + 4 <= s.filters; first += 4, w += 4 * ditmos_filter_size(s)) {
    ditmos_conv_two_groups_f32(s, a, b, w, 4, bias + first, out + first);
  }
  if (s.filters % 4) ditmos_conv_two_groups_f32(s, a, b, w, s.filters % 4, bias + first, out + first);
}

#if defined(DITMOS_FPU) && DITMOS_MUL_ADD
/* *out = largest of 0, sums[0] and sums[4], on the bits: floats of one sign compare as integers, and a set sign bit is below 0. */
DITMOS_INLINE void ditmos_relu_max_bits(const float *sums, float *out) {
  int32_t a, b;
  memcpy(&a, sums, 4);
  memcpy(&b, sums + 4, 4);
  a = a > b ? a : b;
  a &= ~(a >> 31);
  memcpy(out, &a, 4);
}

/* Two output cells beside each other where the pool is 2 wide: 4 positions share each load of weights. */
DITMOS_INLINE void ditmos_conv_two_pools_f32(const ditmos_conv_shape s, const float *a, const float *b, const float *w,
                                             const float *bias, float *out) {
  const int extra_rows = s.extra ? s.kernel_height : 0, across = s.stride_width * s.channels, across_b = s.stride_width * s.extra;
  int first = 0;
  for (; first + 4 <= s.filters; first += 4) {
    const float *next = w;
    float best[8] = {0, 0, 0, 0, 0, 0, 0, 0};
    DITMOS_UNROLL
    for (int i = 0; i < s.pool_height; i++) {
      float sums[16];
      next = w;
      DITMOS_UNROLL
      for (int f = 0; f < 16; f++) sums[f] = bias[first + f % 4];
      for (int row = 0; row < s.kernel_height; row++) {
        const float *x = a + (i * s.stride_height + row) * s.width * s.channels;
        next = ditmos_tile_4x4_fpu(x, x + across, x + 2 * across, x + 3 * across, s.kernel_width * s.channels, next, sums);
      }
      for (int row = 0; row < extra_rows; row++) {
        const float *x = b + (i * s.stride_height + row) * s.width * s.extra;
        next = ditmos_tile_4x4_fpu(x, x + across_b, x + 2 * across_b, x + 3 * across_b, s.kernel_width * s.extra, next, sums);
      }
      if (s.relu && s.pool_height == 1) {
        DITMOS_UNROLL
        for (int f = 0; f < 8; f++) ditmos_relu_max_bits(&sums[f / 4 * 8 + f % 4], out + f / 4 * s.filters + first + f % 4);
        continue;
      }
      DITMOS_UNROLL
      for (int f = 0; f < 8; f++) {
        const int at = f / 4 * 8 + f % 4;
        const float larger = sums[at] > sums[at + 4] ? sums[at] : sums[at + 4];
        best[f] = i == 0 || larger > best[f] ? larger : best[f];
      }
    }
    if (!(s.relu && s.pool_height == 1)) {
      DITMOS_UNROLL
      for (int f = 0; f < 8; f++) out[f / 4 * s.filters + first + f % 4] = ditmos_relu_f32(s.relu, best[f]);
    }
    w = next;
  }
  if (s.filters % 4) {
    ditmos_conv_pool_f32(s, a, b, w, s.filters % 4, bias + first, out + first);
    ditmos_conv_pool_f32(s, a + 2 * across, s.extra ? b + 2 * across_b : b, w, s.filters % 4, bias + first, out + s.filters + first);
  }
}
#endif

/* a [height][width][channels], b [height][width][extra] or null, bias [filters], out [pooled_height][pooled_width][filters].
 * `out` must not overlap a or b. */
DITMOS_INLINE void ditmos_conv_f32(const ditmos_conv_shape s, const float *a, const float *b, const float *weights,
                                   const float *bias, float *out) {
  const int unpooled = s.pool_height * s.pool_width == 1;
  for (int y = 0; y < ditmos_pooled_height(s); y++) {
    for (int x = 0, cells; x < ditmos_pooled_width(s); x += cells, out += cells * s.filters) {
      const int at = (y * s.pool_height * s.stride_height - s.pad_top) * s.width + x * s.pool_width * s.stride_width - s.pad_left;
      cells = 1;
      if (!ditmos_cell_is_inside(s, y, x)) {
        ditmos_conv_cell_f32_plain(s, a, b, y, x, weights, bias, out);
      } else if (unpooled && x + 1 < ditmos_pooled_width(s) && ditmos_cell_is_inside(s, y, x + 1)) {
        ditmos_conv_two_cells_f32(s, a + at * s.channels, s.extra ? b + at * s.extra : b, weights, bias, out);
        cells = 2;
#if defined(DITMOS_FPU) && DITMOS_MUL_ADD
      } else if (s.pool_width == 2 && s.filters >= 4 && x + 1 < ditmos_pooled_width(s) && ditmos_cell_is_inside(s, y, x + 1)) {
        ditmos_conv_two_pools_f32(s, a + at * s.channels, s.extra ? b + at * s.extra : b, weights, bias, out);
        cells = 2;
#endif
      } else {
        ditmos_conv_cell_f32(s, a + at * s.channels, s.extra ? b + at * s.extra : b, weights, bias, out);
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
