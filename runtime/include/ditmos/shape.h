/* Shapes and memory layouts of the convolutions and linear layers.
 *
 * Maps lie channel-last: [y][x][channel] (a series has height 1), so that the receptive field of a filter is one contiguous run of
 * kernel_width * channels values in each of kernel_height rows.
 *
 * A convolution reads one or two maps of the same height and width: `a` with `channels` channels, then `b` with `extra` channels
 * (0: none), as if they had been concatenated. Its reads make up runs, in this order:
 *     a, row 0 .. kernel_height-1: kernel_width * channels values each
 *     b, row 0 .. kernel_height-1: kernel_width * extra values each
 * n = kernel_height * kernel_width * (channels + extra) weights a filter, numbered k = 0 .. n-1 in the order of the runs.
 * A linear layer is one run of its inputs.
 *
 * Filters are taken in groups of 4; the last group holds filters % 4.
 * float32 weights: group after group, each [k][filters of the group].
 * int8 weights: see conv_s8.h. */
#ifndef DITMOS_SHAPE_H
#define DITMOS_SHAPE_H

#include "base.h"

typedef struct {
  int height, width;                /* of the input maps */
  int channels, extra;              /* of map a, of map b */
  int kernel_height, kernel_width;
  int stride_height, stride_width;
  int pad_top, pad_left;            /* what lies outside the map reads as zero (int8: as the zero point) */
  int conv_height, conv_width;      /* output of the convolution, before pooling */
  int filters;
  int pool_height, pool_width;      /* max pool, window = stride, remainder dropped; 1: none */
  int relu;
} ditmos_conv_shape;

/* Height and width of the output map: [pooled_height][pooled_width][filters]. */
DITMOS_INLINE int ditmos_pooled_height(const ditmos_conv_shape s) { return s.conv_height / s.pool_height; }
DITMOS_INLINE int ditmos_pooled_width(const ditmos_conv_shape s) { return s.conv_width / s.pool_width; }

/* Columns of input that one pooled output column reads. */
DITMOS_INLINE int ditmos_column_reach(const ditmos_conv_shape s) { return (s.pool_width - 1) * s.stride_width + s.kernel_width; }

/* Weights of one filter. */
DITMOS_INLINE int ditmos_filter_size(const ditmos_conv_shape s) {
  return s.kernel_height * s.kernel_width * (s.channels + s.extra);
}

/* Whether the receptive field of the pooled output cell (y, x) lies inside the map. */
DITMOS_INLINE int ditmos_cell_is_inside(const ditmos_conv_shape s, int y, int x) {
  const int top = y * s.pool_height * s.stride_height - s.pad_top;
  const int left = x * s.pool_width * s.stride_width - s.pad_left;
  return top >= 0 && left >= 0 && top + (s.pool_height - 1) * s.stride_height + s.kernel_height <= s.height &&
         left + (s.pool_width - 1) * s.stride_width + s.kernel_width <= s.width;
}

#endif
