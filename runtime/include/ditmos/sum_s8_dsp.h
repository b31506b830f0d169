/* int8 inner loops in DITMOS_PAIRS for the DSP extension (Cortex-M4, M7, M33). A group of 4 filters (halfwords A|B and C|D, see
 * sum_s8.h) at two positions makes 8 sums in 8 registers, in this order:
 *     A at x0, A at x1, T of A|B at x0, at x1, C at x0, at x1, T of C|D at x0, at x1
 * Of the 14 registers, 8 hold sums, 2 point at x and weights, 4 are left to load into: 30 instructions for 32 MACs. */
#ifndef DITMOS_SUM_S8_DSP_H
#define DITMOS_SUM_S8_DSP_H

#include "sum_s8.h"

#if defined(DITMOS_DSP)

#include <arm_acle.h>
#include <string.h>

/* clang-format off */
/* One weight word W = pairs of A|B: sums T, then its low bytes alone: sums A. */
#define DITMOS_TILE_(W, A0, A1, T0, T1)   \
  "smlad %[" T0 "], " W ", %[e0], %[" T0 "]\n\t" \
  "smlad %[" T1 "], " W ", %[e1], %[" T1 "]\n\t" \
  "sxtb16 " W ", " W "\n\t"               \
  "smlad %[" A0 "], " W ", %[e0], %[" A0 "]\n\t" \
  "smlad %[" A1 "], " W ", %[e1], %[" A1 "]\n\t"

#define DITMOS_TILES_                     \
  "ldrd %[t], %[u], [%[w]], #8\n\t"       \
  DITMOS_TILE_("%[t]", "a0", "a1", "p0", "p1") \
  DITMOS_TILE_("%[u]", "c0", "c1", "q0", "q1")

/* 4 values of x. */
#define DITMOS_BLOCK_                     \
  "ldr %[e0], [%[x]]\n\t"                 \
  "ldr %[e1], [%[x], #%c[step]]\n\t"      \
  "sxtb16 %[e0], %[e0]\n\t"               \
  "sxtb16 %[e1], %[e1]\n\t"               \
  DITMOS_TILES_                           \
  "ldr %[e1], [%[x], #%c[step]]\n\t"      \
  "ldr %[e0], [%[x]], #4\n\t"             \
  "sxtb16 %[e1], %[e1], ror #8\n\t"       \
  "sxtb16 %[e0], %[e0], ror #8\n\t"       \
  DITMOS_TILES_

/* One value of x. */
#define DITMOS_SINGLE_                    \
  "ldrsb %[e1], [%[x], #%c[step]]\n\t"    \
  "ldrsb %[e0], [%[x]], #1\n\t"           \
  "ldr %[t], [%[w]], #4\n\t"              \
  "smlabb %[p0], %[t], %[e0], %[p0]\n\t"  \
  "smlabb %[p1], %[t], %[e1], %[p1]\n\t"  \
  "smlatb %[q0], %[t], %[e0], %[q0]\n\t"  \
  "smlatb %[q1], %[t], %[e1], %[q1]\n\t"  \
  "sxtb16 %[t], %[t]\n\t"                 \
  "smlabb %[a0], %[t], %[e0], %[a0]\n\t"  \
  "smlabb %[a1], %[t], %[e1], %[a1]\n\t"  \
  "smlatb %[c0], %[t], %[e0], %[c0]\n\t"  \
  "smlatb %[c1], %[t], %[e1], %[c1]\n\t"

#define DITMOS_REGISTERS_                                                                                        \
  [a0] "+r"(a0), [a1] "+r"(a1), [p0] "+r"(p0), [p1] "+r"(p1), [c0] "+r"(c0), [c1] "+r"(c1), [q0] "+r"(q0),       \
  [q1] "+r"(q1), [x] "+r"(x), [w] "+r"(w), [t] "=&r"(t), [u] "=&r"(u), [e0] "=&r"(e0), [e1] "=&r"(e1)
/* clang-format on */

/* clang-format off */
/* `end`: where the weights of all whole pairs of blocks end. */
#define DITMOS_LOOP_                      \
  "1:\n\t"                                \
  DITMOS_BLOCK_                           \
  DITMOS_BLOCK_                           \
  "ldr %[t], %[end]\n\t"                  \
  "cmp %[w], %[t]\n\t"                    \
  "bne 1b\n\t"

#define DITMOS_ASM_(BODY) \
  __asm__ volatile(BODY : DITMOS_REGISTERS_ : [step] "n"(step), [end] "m"(end) : "cc", "memory"); break

/* One statement for all of a run, as each statement shuffles its registers. */
#define DITMOS_RUN_(LOOP, REST)                                           \
  switch (REST) {                                                         \
    case 0: DITMOS_ASM_(LOOP);                                            \
    case 1: DITMOS_ASM_(LOOP DITMOS_SINGLE_);                             \
    case 2: DITMOS_ASM_(LOOP DITMOS_SINGLE_ DITMOS_SINGLE_);              \
    case 3: DITMOS_ASM_(LOOP DITMOS_SINGLE_ DITMOS_SINGLE_ DITMOS_SINGLE_); \
    case 4: DITMOS_ASM_(LOOP DITMOS_BLOCK_);                              \
    case 5: DITMOS_ASM_(LOOP DITMOS_BLOCK_ DITMOS_SINGLE_);               \
    case 6: DITMOS_ASM_(LOOP DITMOS_BLOCK_ DITMOS_SINGLE_ DITMOS_SINGLE_); \
    default: DITMOS_ASM_(LOOP DITMOS_BLOCK_ DITMOS_SINGLE_ DITMOS_SINGLE_ DITMOS_SINGLE_); \
  }
/* clang-format on */

/* One run of n values at x and at x + step, 0 <= step < 4000, for 4 filters; sums as above. n and step must be constants. Returns the
 * next weights. */
DITMOS_INLINE const int8_t *ditmos_tile_2x4_dsp(const int8_t *x, const int step, int n, const int8_t *w, int32_t *sums) {
  int32_t a0 = sums[0], a1 = sums[1], p0 = sums[2], p1 = sums[3], c0 = sums[4], c1 = sums[5], q0 = sums[6], q1 = sums[7];
  int32_t t, u, e0, e1;
  const int8_t *const end = w + (n & ~7) * 4;
  if (n >= 8) {
    DITMOS_RUN_(DITMOS_LOOP_, n & 7)
  } else {
    DITMOS_RUN_("", n)
  }
  sums[0] = a0, sums[1] = a1, sums[2] = p0, sums[3] = p1, sums[4] = c0, sums[5] = c1, sums[6] = q0, sums[7] = q1;
  return w;
}

/* Bytes 0 and 2 of 4, and 1 and 3, widened. */
DITMOS_INLINE int32_t ditmos_even_dsp(const int8_t *x) {
  int32_t word;
  memcpy(&word, x, 4);
  __asm__("sxtb16 %0, %0" : "+r"(word));
  return word;
}

DITMOS_INLINE int32_t ditmos_odd_dsp(const int8_t *x) {
  int32_t word;
  memcpy(&word, x, 4);
  __asm__("sxtb16 %0, %0, ror #8" : "+r"(word));
  return word;
}

/* Adds x . word to T = sums[1] and x . low bytes of word to A = sums[0]. */
DITMOS_INLINE void ditmos_pair_dsp(int32_t x, const int8_t *w, int32_t *sums) {
  int32_t word;
  memcpy(&word, w, 4);
  sums[1] = __smlad(word, x, sums[1]);
  __asm__("sxtb16 %0, %0" : "+r"(word));
  sums[0] = __smlad(word, x, sums[0]);
}

/* One run at one position for a group of 4, 2 or 1 filters: sums = A, T of A|B, C, T of C|D; A, T; or A. Returns the next weights. */
DITMOS_INLINE const int8_t *ditmos_sum_pairs_dsp(const int8_t *x, int n, const int8_t *w, int group, int32_t *sums) {
  const int whole = n & ~3, pairs = group / 2;
  const int8_t *const next = w + ditmos_pairs_run_bytes(n, group);
  if (group == 1) {
    for (int k = 0; k < whole; k += 4) {
      sums[0] = __smlad(ditmos_even_dsp(x + k), ditmos_even_dsp(w + k), sums[0]);
      sums[0] = __smlad(ditmos_odd_dsp(x + k), ditmos_odd_dsp(w + k), sums[0]);
    }
    for (int k = whole; k < n; k++) sums[0] += x[k] * w[k];
    return next;
  }
  for (int k = 0; k < whole; k += 4) {
    const int32_t even = ditmos_even_dsp(x + k), odd = ditmos_odd_dsp(x + k);
    DITMOS_UNROLL
    for (int pair = 0; pair < pairs; pair++, w += 4) ditmos_pair_dsp(even, w, sums + 2 * pair);
    DITMOS_UNROLL
    for (int pair = 0; pair < pairs; pair++, w += 4) ditmos_pair_dsp(odd, w, sums + 2 * pair);
  }
  for (int k = whole; k < n; k++) {
    DITMOS_UNROLL
    for (int pair = 0; pair < pairs; pair++, w += 2) {
      int16_t both;
      memcpy(&both, w, 2);
      sums[2 * pair] += x[k] * w[0];
      sums[2 * pair + 1] += x[k] * both;
    }
  }
  return next;
}

/* The sum of B from those of A and T: (T - A) / 256, exact modulo 2^24. */
DITMOS_INLINE int32_t ditmos_high_sum(int32_t a, int32_t t) { return (int32_t)((uint32_t)t - (uint32_t)a) >> 8; }

#endif
#endif
