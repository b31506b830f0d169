/* The inner loops of int8 layers, and the two layouts of int8 weights.
 *
 * DITMOS_ROWS: [filter][k], one byte a weight, k over all runs. For MVE and for cores without SMLAD.
 *
 * DITMOS_PAIRS: for SMLAD. Weights are -127 .. 127. Two filters A (even) and B share halfwords h = 256 * B + A. Then
 *     T = sum of h * x        one SMLAD a pair of x, no unpacking
 *     S = sum of A * x        A is the low byte of h: one SXTB16 unpacks two
 * give both sums: A's is S, and B's is (T - S) / 256, exact while |B's sum| < 2^23, which the packer proves for each filter.
 * Filters go in groups of 4 (two halfwords A|B, C|D), then a group of 2, then one alone. In each group the runs follow each other.
 * A run of n values: for each block of 4 values k: words (halfwords) for lanes (k, k+2), then (k+1, k+3), as SXTB16 unpacks x;
 * in each, A|B's word before C|D's. Then n % 4 single halfwords for each k, A|B's before C|D's. A run ends on a word boundary.
 * A filter alone: its run as bytes, padded to a word. Weights are 4-byte aligned. */
#ifndef DITMOS_SUM_S8_H
#define DITMOS_SUM_S8_H

#include "base.h"
#include "sum_s8_mve.h"

enum { DITMOS_ROWS = 0, DITMOS_PAIRS = 1 };

/* Filters in the group of DITMOS_PAIRS that begins when `left` are left: 4, 2 or 1. */
DITMOS_INLINE int ditmos_pairs_group(int left) { return left >= 4 ? 4 : left >= 2 ? 2 : 1; }

/* Bytes of one run of n values in a group. */
DITMOS_INLINE int ditmos_pairs_run_bytes(int n, int group) {
  return group == 4 ? 4 * n : group == 2 ? 2 * (n + (n & 1)) : (n + 3) & ~3;
}

/* sums[f] += sum over k of x[k] * weights; `stride`: bytes between two filters' rows. */
DITMOS_INLINE void ditmos_sum_rows_s8_plain(const int8_t *x, int n, const int8_t *weights, int stride, int group, int32_t *sums) {
  for (int f = 0; f < group; f++) {
    for (int k = 0; k < n; k++) sums[f] += x[k] * weights[f * stride + k];
  }
}

/* One run of n values at x0 and, where positions is 2, at x1, for `group` (1 to 4) filters: sums[filter] of x0 and
 * sums[group + filter] of x1. */
DITMOS_INLINE void ditmos_sum_rows_s8(const int8_t *x0, const int8_t *x1, int positions, int n, const int8_t *weights, int stride,
                                      int group, int32_t *sums) {
#if defined(DITMOS_MVE)
  ditmos_tile_mve(x0, x1, positions, n, weights, stride, group, sums);
#elif defined(__ARM_ARCH)
  /* In-order cores without vectors: each load of x and of a weight feeds several sums in registers. */
  for (int k = 0; k < n; k++) {
    DITMOS_UNROLL
    for (int f = 0; f < group; f++) {
      const int weight = weights[f * stride + k];
      sums[f] += x0[k] * weight;
      if (positions == 2) sums[group + f] += x1[k] * weight;
    }
  }
#else
  ditmos_sum_rows_s8_plain(x0, n, weights, stride, group, sums);
  if (positions == 2) ditmos_sum_rows_s8_plain(x1, n, weights, stride, group, sums + group);
#endif
}

/* Weight k of filter f of a run in DITMOS_PAIRS. */
DITMOS_INLINE int ditmos_pairs_weight(const int8_t *weights, int n, int group, int f, int k) {
  if (group == 1) return weights[k];
  const int pairs = group / 2;
  const int whole = n & ~3;
  const int at = k < whole ? ((k / 4 * 2 + k % 2) * pairs + f / 2) * 2 + k % 4 / 2 : whole * pairs + (k - whole) * pairs + f / 2;
  const int low = weights[2 * at];
  const int high = weights[2 * at + 1] + (low < 0);
  return f % 2 ? high : low;
}

DITMOS_INLINE void ditmos_sum_pairs_s8_plain(const int8_t *x, int n, const int8_t *weights, int group, int32_t *sums) {
  for (int f = 0; f < group; f++) {
    for (int k = 0; k < n; k++) sums[f] += x[k] * ditmos_pairs_weight(weights, n, group, f, k);
  }
}

#endif
