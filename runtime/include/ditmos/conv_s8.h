/* Convolution + bias + ReLU + max pool, int8, without a buffer between them and without a Concat. Layouts: shape.h, sum_s8.h.
 *   ditmos_conv_s8         a whole map
 *   ditmos_conv_column_s8  one pooled output column of a series, for depth-first schedules
 * Both maps have the same scale and zero point; the zero point is folded into the bias. The max pool is taken on the int32 sums:
 * requantising is monotonic, so this gives the same values as pooling int8. */
#ifndef DITMOS_CONV_S8_H
#define DITMOS_CONV_S8_H

#include "conv_s8_dsp.h"
#include "layers_s8_dsp.h"
#include "requantize.h"
#include "shape.h"
#include "sum_s8.h"

/* Bytes of the weights of filters first .. first + group - 1, where they are a group of `layout`. */
DITMOS_INLINE int ditmos_group_bytes_s8(const ditmos_conv_shape s, int layout, int group) {
  if (layout == DITMOS_ROWS) return group * ditmos_filter_size(s);
  return s.kernel_height * (ditmos_pairs_run_bytes(s.kernel_width * s.channels, group) +
                            (s.extra ? ditmos_pairs_run_bytes(s.kernel_width * s.extra, group) : 0));
}

DITMOS_INLINE int ditmos_group_s8(int layout, int left) {
  return layout == DITMOS_PAIRS ? ditmos_pairs_group(left) : left < 4 ? left : 4;
}

/* Sums of a group of filters at the position whose window begins at row y, column x; what lies outside the map reads as `pad`. */
DITMOS_INLINE void ditmos_conv_position_s8(const ditmos_conv_shape s, int layout, const int8_t *a, const int8_t *b, int y, int x,
                                           int pad, const int8_t *weights, int group, int32_t *sums) {
  int first = 0; /* of the run, in a row of DITMOS_ROWS */
  for (int source = 0; source < (s.extra ? 2 : 1); source++) {
    const int8_t *map = source ? b : a;
    const int channels = source ? s.extra : s.channels;
    const int run = s.kernel_width * channels;
    for (int row = y; row < y + s.kernel_height; row++, first += run) {
      const int inside = row >= 0 && row < s.height;
      for (int k = 0; k < run; k++) {
        const int column = x + k / channels;
        const int value = inside && column >= 0 && column < s.width ? map[(row * s.width + x) * channels + k] : pad;
        for (int f = 0; f < group; f++) {
          sums[f] += value * (layout == DITMOS_ROWS ? weights[f * ditmos_filter_size(s) + first + k]
                                                    : ditmos_pairs_weight(weights, run, group, f, k));
        }
      }
      if (layout == DITMOS_PAIRS) weights += ditmos_pairs_run_bytes(run, group);
    }
  }
}

/* The pooled output cell (y, x), plain. */
DITMOS_INLINE void ditmos_conv_cell_s8_plain(const ditmos_conv_shape s, int layout, const int8_t *a, const int8_t *b, int y, int x,
                                             int pad, const int8_t *weights, const ditmos_requant q, int8_t *out) {
  for (int first = 0, group; first < s.filters; first += group) {
    int32_t best[4] = {0, 0, 0, 0};
    group = ditmos_group_s8(layout, s.filters - first);
    for (int p = 0; p < s.pool_height * s.pool_width; p++) {
      int32_t sums[4] = {0, 0, 0, 0};
      ditmos_conv_position_s8(s, layout, a, b, (y * s.pool_height + p / s.pool_width) * s.stride_height - s.pad_top,
                              (x * s.pool_width + p % s.pool_width) * s.stride_width - s.pad_left, pad, weights, group, sums);
      for (int f = 0; f < group; f++) {
        if (p == 0 || sums[f] > best[f]) best[f] = sums[f];
      }
    }
    for (int f = 0; f < group; f++) {
      out[first + f] = ditmos_requantize_plain(best[f] + q.bias[first + f], q.multiplier[first + f], q.offset, q.shift, q.low);
    }
    weights += ditmos_group_bytes_s8(s, layout, group);
  }
}

/* Sums of `group` filters of DITMOS_ROWS at a position inside the maps (a and b point at its window) and, where positions is 2, at
 * the one a stride to the right: sums[filter], sums[group + filter]. */
DITMOS_INLINE void ditmos_conv_rows_s8(const ditmos_conv_shape s, const int8_t *a, const int8_t *b, int positions, const int8_t *w,
                                       int group, int32_t *sums) {
  const int n = ditmos_filter_size(s), run_a = s.kernel_width * s.channels, run_b = s.kernel_width * s.extra;
  const int extra_rows = s.extra ? s.kernel_height : 0;
  DITMOS_UNROLL
  for (int f = 0; f < positions * group; f++) sums[f] = 0;
  for (int row = 0; row < s.kernel_height; row++, w += run_a) {
    const int8_t *x = a + row * s.width * s.channels;
    ditmos_sum_rows_s8(x, x + s.stride_width * s.channels, positions, run_a, w, n, group, sums);
  }
  for (int row = 0; row < extra_rows; row++, w += run_b) {
    const int8_t *x = b + row * s.width * s.extra;
    ditmos_sum_rows_s8(x, x + s.stride_width * s.extra, positions, run_b, w, n, group, sums);
  }
}

/* One group of a pooled output cell in DITMOS_ROWS whose receptive field begins at a and b, inside the maps. */
DITMOS_INLINE void ditmos_conv_group_rows_s8(const ditmos_conv_shape s, const int8_t *a, const int8_t *b, const int8_t *w, int group,
                                             const ditmos_requant q, int first, int8_t *out) {
  int32_t best[4] = {0, 0, 0, 0};
  DITMOS_UNROLL
  for (int i = 0; i < s.pool_height; i++) {
    DITMOS_UNROLL
    for (int j = 0; j < s.pool_width; j += 2) {
      int32_t sums[8];
      const int at = i * s.stride_height * s.width + j * s.stride_width, pair = j + 1 < s.pool_width;
      ditmos_conv_rows_s8(s, a + at * s.channels, s.extra ? b + at * s.extra : b, pair ? 2 : 1, w, group, sums);
      DITMOS_UNROLL
      for (int f = 0; f < group; f++) {
        const int32_t larger = pair && sums[group + f] > sums[f] ? sums[group + f] : sums[f];
        best[f] = (i == 0 && j == 0) || larger > best[f] ? larger : best[f];
      }
    }
  }
  DITMOS_UNROLL
  for (int f = 0; f < group; f++) {
    out[first + f] = ditmos_requantize(best[f] + q.bias[first + f], q.multiplier[first + f], q.offset, q.shift, q.low);
  }
}

DITMOS_INLINE void ditmos_conv_cell_rows_s8(const ditmos_conv_shape s, const int8_t *a, const int8_t *b, const int8_t *w,
                                            const ditmos_requant q, int8_t *out) {
  int first = 0;
  for (; first + 4 <= s.filters; first += 4, w += 4 * ditmos_filter_size(s)) ditmos_conv_group_rows_s8(s, a, b, w, 4, q, first, out);
  if (s.filters % 4) ditmos_conv_group_rows_s8(s, a, b, w, s.filters % 4, q, first, out);
}

/* a [height][width][channels], b [height][width][extra] or null, out [pooled_height][pooled_width][filters]; `pad`: the zero point
 * of the input, used only where the shape pads. `out` must not overlap a or b. */
DITMOS_INLINE void ditmos_conv_s8_plain(const ditmos_conv_shape s, int layout, const int8_t *a, const int8_t *b, int pad,
                                        const int8_t *weights, const ditmos_requant q, int8_t *out) {
  for (int y = 0; y < ditmos_pooled_height(s); y++) {
    for (int x = 0; x < ditmos_pooled_width(s); x++, out += s.filters) {
      ditmos_conv_cell_s8_plain(s, layout, a, b, y, x, pad, weights, q, out);
    }
  }
}

DITMOS_INLINE void ditmos_conv_s8(const ditmos_conv_shape s, int layout, const int8_t *a, const int8_t *b, int pad,
                                  const int8_t *weights, const ditmos_requant q, int8_t *out) {
#if defined(DITMOS_DSP)
  if (layout == DITMOS_PAIRS && ditmos_conv_fits_dsp(s)) {
    const int unpooled = s.pool_height * s.pool_width == 1;
    for (int y = 0; y < ditmos_pooled_height(s); y++) {
      for (int x = 0, cells; x < ditmos_pooled_width(s); x += cells, out += cells * s.filters) {
        const int at = (y * s.pool_height * s.stride_height - s.pad_top) * s.width + x * s.pool_width * s.stride_width - s.pad_left;
        cells = 1;
        if (!ditmos_cell_is_inside(s, y, x)) {
          ditmos_conv_cell_s8_plain(s, layout, a, b, y, x, pad, weights, q, out);
        } else if (unpooled && x + 1 < ditmos_pooled_width(s) && ditmos_cell_is_inside(s, y, x + 1)) {
          ditmos_conv_cells_dsp(s, a + at * s.channels, s.extra ? b + at * s.extra : b, weights, q, cells = 2, out);
        } else {
          ditmos_conv_cells_dsp(s, a + at * s.channels, s.extra ? b + at * s.extra : b, weights, q, 1, out);
        }
      }
    }
    return;
  }
#endif
  if (layout == DITMOS_ROWS) {
    for (int y = 0; y < ditmos_pooled_height(s); y++) {
      for (int x = 0; x < ditmos_pooled_width(s); x++, out += s.filters) {
        const int at = (y * s.pool_height * s.stride_height - s.pad_top) * s.width + x * s.pool_width * s.stride_width - s.pad_left;
        if (ditmos_cell_is_inside(s, y, x)) {
          ditmos_conv_cell_rows_s8(s, a + at * s.channels, s.extra ? b + at * s.extra : b, weights, q, out);
        } else {
          ditmos_conv_cell_s8_plain(s, layout, a, b, y, x, pad, weights, q, out);
        }
      }
    }
    return;
  }
  ditmos_conv_s8_plain(s, layout, a, b, pad, weights, q, out);
}

/* One pooled output column of a series without padding: a and b point at the first of ditmos_column_reach(s) contiguous columns.
 * Uses neither height nor width of the shape. */
DITMOS_INLINE void ditmos_conv_column_s8(ditmos_conv_shape s, int layout, const int8_t *a, const int8_t *b, const int8_t *weights,
                                         const ditmos_requant q, int8_t *out) {
  s.height = 1;
  s.width = ditmos_column_reach(s);
#if defined(DITMOS_DSP)
  if (layout == DITMOS_PAIRS && ditmos_conv_fits_dsp(s)) {
    ditmos_conv_cells_dsp(s, a, b, weights, q, 1, out);
    return;
  }
#endif
  if (layout == DITMOS_ROWS) {
    ditmos_conv_cell_rows_s8(s, a, b, weights, q, out);
    return;
  }
  ditmos_conv_cell_s8_plain(s, layout, a, b, 0, 0, 0, weights, q, out);
}

/* A series of DITMOS_PAIRS without padding whose constants are `layer`, a ditmos_series_layer_dsp: a whole map, or one column. */
#if defined(DITMOS_DSP)
#define DITMOS_SERIES_S8(layer, s, a, b, weights, q, out) ditmos_series_dsp(&(layer), a, b, weights, (q).bias, out, ditmos_pooled_width(s))
#define DITMOS_SERIES_COLUMN_S8(layer, s, a, b, weights, q, out) ditmos_series_dsp(&(layer), a, b, weights, (q).bias, out, 1)
#else
#define DITMOS_SERIES_S8(layer, s, a, b, weights, q, out) ditmos_conv_s8(s, DITMOS_PAIRS, a, b, 0, weights, q, out)
#define DITMOS_SERIES_COLUMN_S8(layer, s, a, b, weights, q, out) ditmos_conv_column_s8(s, DITMOS_PAIRS, a, b, weights, q, out)
#endif

#endif
