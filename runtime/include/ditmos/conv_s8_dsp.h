/* int8 convolution in DITMOS_PAIRS for the DSP extension: 4 filters at 2 positions a pass (sum_s8_dsp.h). */
#ifndef DITMOS_CONV_S8_DSP_H
#define DITMOS_CONV_S8_DSP_H

#include "requantize.h"
#include "shape.h"
#include "sum_s8_dsp.h"

#if defined(DITMOS_DSP)

/* Whether the fast path takes this shape: constants, as its offsets are part of the instructions. */
DITMOS_INLINE int ditmos_conv_fits_dsp(const ditmos_conv_shape s) {
  return __builtin_constant_p(s.stride_width * s.channels) && __builtin_constant_p(s.stride_width * s.extra) &&
         __builtin_constant_p(s.kernel_width) && s.stride_width * s.channels < 4000 && s.stride_width * s.extra < 4000;
}

/* Sums, with bias, of 4 filters at two positions `stride` apart; a and b point at the first one's window. */
DITMOS_INLINE void ditmos_conv_quad_dsp(const ditmos_conv_shape s, const int8_t *a, const int8_t *b, const int8_t *w,
                                        const int32_t *bias, int32_t *left, int32_t *right) {
  int32_t v[8] = {bias[0], bias[0], bias[0], bias[0], bias[2], bias[2], bias[2], bias[2]};
  for (int row = 0; row < s.kernel_height; row++) {
    w = ditmos_tile_2x4_dsp(a + row * s.width * s.channels, s.stride_width * s.channels, s.kernel_width * s.channels, w, v);
  }
  const int extra_rows = s.extra ? s.kernel_height : 0;
  for (int row = 0; row < extra_rows; row++) {
    w = ditmos_tile_2x4_dsp(b + row * s.width * s.extra, s.stride_width * s.extra, s.kernel_width * s.extra, w, v);
  }
  left[0] = v[0], left[1] = ditmos_high_sum(v[0], v[2]) + bias[1];
  right[0] = v[1], right[1] = ditmos_high_sum(v[1], v[3]) + bias[1];
  left[2] = v[4], left[3] = ditmos_high_sum(v[4], v[6]) + bias[3];
  right[2] = v[5], right[3] = ditmos_high_sum(v[5], v[7]) + bias[3];
}

/* Sums, with bias, of a group of 1, 2 or 4 filters at one position. */
DITMOS_INLINE void ditmos_conv_group_dsp(const ditmos_conv_shape s, const int8_t *a, const int8_t *b, const int8_t *w, int group,
                                         const int32_t *bias, int32_t *sums) {
  DITMOS_UNROLL
  for (int f = 0; f < group; f++) sums[f] = bias[f & ~1];
  for (int row = 0; row < s.kernel_height; row++) {
    w = ditmos_sum_pairs_dsp(a + row * s.width * s.channels, s.kernel_width * s.channels, w, group, sums);
  }
  const int extra_rows = s.extra ? s.kernel_height : 0;
  for (int row = 0; row < extra_rows; row++) {
    w = ditmos_sum_pairs_dsp(b + row * s.width * s.extra, s.kernel_width * s.extra, w, group, sums);
  }
  DITMOS_UNROLL
  for (int f = 1; f < group; f += 2) sums[f] = ditmos_high_sum(sums[f - 1], sums[f]) + bias[f];
}

DITMOS_INLINE void ditmos_max_dsp(int group, int32_t *best, const int32_t *sums) {
  DITMOS_UNROLL
  for (int f = 0; f < group; f++) best[f] = sums[f] > best[f] ? sums[f] : best[f];
}

DITMOS_INLINE void ditmos_store_dsp(int group, const int32_t *sums, const ditmos_requant q, int first, int8_t *out) {
  DITMOS_UNROLL
  for (int f = 0; f < group; f++) {
    out[first + f] = ditmos_requantize(sums[f], q.multiplier[first + f], q.offset, q.shift, q.low);
  }
}

/* Groups of 1 or 2 filters, and odd columns of a pool window: a position at a time. */
DITMOS_INLINE void ditmos_conv_pool_group_dsp(const ditmos_conv_shape s, const int8_t *a, const int8_t *b, const int8_t *w, int group,
                                              int first_column, const int32_t *bias, int32_t *best) {
  DITMOS_UNROLL
  for (int i = 0; i < s.pool_height; i++) {
    DITMOS_UNROLL
    for (int j = first_column; j < s.pool_width; j++) {
      const int at = i * s.stride_height * s.width + j * s.stride_width;
      int32_t sums[4];
      ditmos_conv_group_dsp(s, a + at * s.channels, s.extra ? b + at * s.extra : b, w, group, bias, sums);
      ditmos_max_dsp(group, best, sums);
    }
  }
}

/* `cells` pooled output cells beside each other: 1, or 2 where there is no pool. Constant shape. */
DITMOS_INLINE void ditmos_conv_cells_dsp(const ditmos_conv_shape s, const int8_t *a, const int8_t *b, const int8_t *w,
                                         const ditmos_requant q, int cells, int8_t *out) {
  const int bytes = s.kernel_height * s.kernel_width * (s.channels + s.extra); /* of one filter of a group of 4 or 2, but for padding */
  int first = 0;
  for (; first + 4 <= s.filters; first += 4, w += 4 * bytes) {
    int32_t left[4], right[4], best[4] = {INT32_MIN, INT32_MIN, INT32_MIN, INT32_MIN};
    if (cells == 2) {
      ditmos_conv_quad_dsp(s, a, b, w, q.bias + first, left, right);
      ditmos_store_dsp(4, left, q, first, out);
      ditmos_store_dsp(4, right, q, first, out + s.filters);
      continue;
    }
    DITMOS_UNROLL
    for (int i = 0; i < s.pool_height; i++) {
      DITMOS_UNROLL
      for (int j = 0; j + 2 <= s.pool_width; j += 2) {
        const int at = i * s.stride_height * s.width + j * s.stride_width;
        ditmos_conv_quad_dsp(s, a + at * s.channels, s.extra ? b + at * s.extra : b, w, q.bias + first, left, right);
        ditmos_max_dsp(4, left, right);
        if (i == 0 && j == 0) {
          DITMOS_UNROLL
          for (int f = 0; f < 4; f++) best[f] = left[f];
        } else {
          ditmos_max_dsp(4, best, left);
        }
      }
    }
    ditmos_conv_pool_group_dsp(s, a, b, w, 4, s.pool_width & ~1, q.bias + first, best);
    ditmos_store_dsp(4, best, q, first, out);
  }
  DITMOS_UNROLL
  for (int group = 2; group > 0; group--) {
    if (!(s.filters & group)) continue;
    DITMOS_UNROLL
    for (int cell = 0; cell < cells; cell++) {
      int32_t best[4] = {INT32_MIN, INT32_MIN, INT32_MIN, INT32_MIN};
      const int at = cell * s.stride_width;
      ditmos_conv_pool_group_dsp(s, a + at * s.channels, s.extra ? b + at * s.extra : b, w, group, 0, q.bias + first, best);
      ditmos_store_dsp(group, best, q, first, out + cell * s.filters);
    }
    first += group;
    w += s.kernel_height * (ditmos_pairs_run_bytes(s.kernel_width * s.channels, group) +
                            (s.extra ? ditmos_pairs_run_bytes(s.kernel_width * s.extra, group) : 0));
  }
}

#endif
#endif
