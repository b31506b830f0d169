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
#define DITMOS_BLOCK_(STEP)                 \
  "ldr r2, [r0]\n\t"                     \
  "ldr r3, [r0, #" STEP "]\n\t"            \
  "sxtb16 r2, r2\n\t"                    \
  "sxtb16 r3, r3\n\t"                    \
  DITMOS_TILES_                          \
  "ldr r3, [r0, #" STEP "]\n\t"            \
  "ldr r2, [r0], #4\n\t"                 \
  "sxtb16 r3, r3, ror #8\n\t"            \
  "sxtb16 r2, r2, ror #8\n\t"            \
  DITMOS_TILES_

/* One value of x. */
#define DITMOS_SINGLE_(STEP)                \
  "ldrsb r3, [r0, #" STEP "]\n\t"          \
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

/* A tile function: r0 = x, r1 = w, sums in r4 .. r11 as above, r2 = bytes of weights of the whole blocks (one or more), r3 = values
 * behind them; the second position lies STEP bytes behind the first. Leaves r1 behind the run's weights; r0, r2, r3, ip and lr are lost. An
 * odd block enters the loop in its middle. */
typedef void ditmos_tile_dsp(void);
#define DITMOS_TILE_DSP(STEP) DITMOS_TILE_NAMED_(ditmos_tile_##STEP##_dsp, #STEP)
#define DITMOS_TILE_NAMED_(NAME, STEP)                                          \
  DITMOS_SHARED __attribute__((naked)) void NAME(void) {                        \
    __asm__ volatile("add ip, r1, r2\n\t"                                       \
                     "push {r3, ip, lr}\n\t"                                    \
                     "lsls r2, r2, #27\n\t"                                     \
                     "bmi 2f\n"                                                 \
                     "1:\n\t" DITMOS_BLOCK_(STEP) "2:\n\t" DITMOS_BLOCK_(STEP)  \
                     "ldr ip, [sp, #4]\n\t"                                     \
                     "cmp r1, ip\n\t"                                           \
                     "bne 1b\n\t"                                               \
                     "pop {r3, ip, lr}\n\t"                                     \
                     "cbz r3, 5f\n\t"                                           \
                     "push {lr}\n\t"                                            \
                     "mov lr, r3\n"                                             \
                     "4:\n\t" DITMOS_SINGLE_(STEP)                              \
                     "subs lr, lr, #1\n\t"                                      \
                     "bne 4b\n\t"                                               \
                     "pop {pc}\n"                                               \
                     "5:\n\t"                                                   \
                     "bx lr");                                                  \
  }

/* For a step and a number of values that are constants: pairs of blocks until `end`, which waits on the stack above `sums`. */
#define DITMOS_FOUR_ DITMOS_BLOCK_("%c[step]")
#define DITMOS_ONE_ DITMOS_SINGLE_("%c[step]")
#define DITMOS_LOOP_                     \
  "1:\n\t" DITMOS_FOUR_ DITMOS_FOUR_     \
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

#define DITMOS_RUN_(LOOP, REST)                                                  \
  switch (REST) {                                                                \
    case 0: DITMOS_ASM_(LOOP);                                                   \
    case 1: DITMOS_ASM_(LOOP DITMOS_ONE_);                                       \
    case 2: DITMOS_ASM_(LOOP DITMOS_ONE_ DITMOS_ONE_);                           \
    case 3: DITMOS_ASM_(LOOP DITMOS_ONE_ DITMOS_ONE_ DITMOS_ONE_);               \
    case 4: DITMOS_ASM_(LOOP DITMOS_FOUR_);                                      \
    case 5: DITMOS_ASM_(LOOP DITMOS_FOUR_ DITMOS_ONE_);                          \
    case 6: DITMOS_ASM_(LOOP DITMOS_FOUR_ DITMOS_ONE_ DITMOS_ONE_);              \
    default: DITMOS_ASM_(LOOP DITMOS_FOUR_ DITMOS_ONE_ DITMOS_ONE_ DITMOS_ONE_); \
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
  int32_t v[4]; /* in registers */
  DITMOS_UNROLL
  for (int f = 0; f < group; f++) v[f] = sums[f];
  const int8_t *const end = x + (n & ~3);
  for (; x != end; x += 4) {
    const int32_t even = ditmos_even_dsp(x), odd = ditmos_odd_dsp(x);
    if (group == 1) {
      v[0] = __smlad(even, ditmos_even_dsp(w), v[0]);
      v[0] = __smlad(odd, ditmos_odd_dsp(w), v[0]);
      w += 4;
      continue;
    }
    DITMOS_UNROLL
    for (int pair = 0; pair < group; pair += 2, w += 4) ditmos_pair_dsp(even, w, v + pair);
    DITMOS_UNROLL
    for (int pair = 0; pair < group; pair += 2, w += 4) ditmos_pair_dsp(odd, w, v + pair);
  }
  for (const int8_t *const last = end + (n & 3); x != last; x++) {
    if (group == 1) {
      v[0] += *x * *w++;
      continue;
    }
    DITMOS_UNROLL
    for (int pair = 0; pair < group; pair += 2, w += 2) {
      int16_t both;
      memcpy(&both, w, 2);
      v[pair] += *x * w[0];
      v[pair + 1] += *x * both;
    }
  }
  DITMOS_UNROLL
  for (int f = 0; f < group; f++) sums[f] = v[f];
  const uint32_t padding = group == 4 ? 0u : group == 2 ? (uint32_t)(n & 1) * 2u : (0u - (uint32_t)n) & 3u;
  return w + padding;
}

/* The sum of B from those of A and T: (T - A) / 256, exact modulo 2^24. */
DITMOS_INLINE int32_t ditmos_high_sum(int32_t a, int32_t t) { return (int32_t)((uint32_t)t - (uint32_t)a) >> 8; }

#endif
#endif
