/* int8 inner loops in DITMOS_PAIRS for the DSP extension (Cortex-M4, M7, M33). A group of 4 filters (halfwords A|B and C|D, see
 * sum_s8.h) at two positions makes 8 sums in 8 registers, in this order:
 *     A at x0, A at x1, T of A|B at x0, at x1, C at x0, at x1, T of C|D at x0, at x1
 * Of the 14 registers, r4 .. r11 hold sums, r0 and r1 point at x and weights, 4 are left to load into: 30 instructions for 32 MACs. */
#ifndef DITMOS_SUM_S8_DSP_H
#define DITMOS_SUM_S8_DSP_H

#include "sum_s8.h"

#if defined(DITMOS_DSP)

#include <arm_acle.h>
#include <string.h>

/* clang-format off */
/* One weight word W = pairs of A|B at e0 = r2 and e1 = r3: sums T, then with its low bytes alone sums A. */
#define DITMOS_TILE_(W, A0, A1, T0, T1)  \
  "smlad " T0 ", " W ", r2, " T0 "\n\t"  \
  "smlad " T1 ", " W ", r3, " T1 "\n\t"  \
  "sxtb16 " W ", " W "\n\t"              \
  "smlad " A0 ", " W ", r2, " A0 "\n\t"  \
  "smlad " A1 ", " W ", r3, " A1 "\n\t"

#define DITMOS_TILES_                    \
  "ldrd ip, lr, [r1], #8\n\t"            \
  DITMOS_TILE_("ip", "r4", "r5", "r6", "r7") \
  DITMOS_TILE_("lr", "r8", "r9", "r10", "r11")

/* 4 values of x. */
#define DITMOS_BLOCK_                    \
  "ldr r2, [r0]\n\t"                     \
  "ldr r3, [r0, #%c[step]]\n\t"            \
  "sxtb16 r2, r2\n\t"                    \
  "sxtb16 r3, r3\n\t"                    \
  DITMOS_TILES_                          \
  "ldr r3, [r0, #%c[step]]\n\t"            \
  "ldr r2, [r0], #4\n\t"                 \
  "sxtb16 r3, r3, ror #8\n\t"            \
  "sxtb16 r2, r2, ror #8\n\t"            \
  DITMOS_TILES_

/* One value of x. */
#define DITMOS_SINGLE_                   \
  "ldrsb r3, [r0, #%c[step]]\n\t"          \
  "ldrsb r2, [r0], #1\n\t"               \
  "ldr ip, [r1], #4\n\t"                 \
  "smlabb r6, ip, r2, r6\n\t"            \
  "smlabb r7, ip, r3, r7\n\t"            \
  "smlatb r10, ip, r2, r10\n\t"          \
  "smlatb r11, ip, r3, r11\n\t"          \
  "sxtb16 ip, ip\n\t"                    \
  "smlabb r4, ip, r2, r4\n\t"            \
  "smlabb r5, ip, r3, r5\n\t"            \
  "smlatb r8, ip, r2, r8\n\t"            \
  "smlatb r9, ip, r3, r9\n\t"

/* Pairs of blocks until `end`, which waits on the stack above `sums`. */
#define DITMOS_LOOP_                     \
  "1:\n\t"                               \
  DITMOS_BLOCK_                          \
  DITMOS_BLOCK_                          \
  "ldr ip, [sp, #4]\n\t"                 \
  "cmp r1, ip\n\t"                       \
  "bne 1b\n\t"

/* All of a run in one statement: x = r0, w = r1, sums = r2, end = r3. */
#define DITMOS_ASM_(BODY)                                                                             \
  __asm__ volatile("push {r2, r3}\n\t"                                                                \
                   "ldmia r2, {r4-r11}\n\t" BODY                                                      \
                   "pop {r2, r3}\n\t"                                                                 \
                   "stmia r2, {r4-r11}"                                                               \
                   : "+r"(x_), "+r"(w_), "+r"(sums_), "+r"(end_)                                      \
                   : [step] "n"(step)                                                                 \
                   : "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "ip", "lr", "cc", "memory");   \
  break

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
  register const int8_t *x_ __asm__("r0") = x;
  register const int8_t *w_ __asm__("r1") = w;
  register int32_t *sums_ __asm__("r2") = sums;
  register const int8_t *end_ __asm__("r3") = w + (n & ~7) * 4;
  if (n >= 8) {
    DITMOS_RUN_(DITMOS_LOOP_, n & 7)
  } else {
    DITMOS_RUN_("", n)
  }
  return w_;
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
