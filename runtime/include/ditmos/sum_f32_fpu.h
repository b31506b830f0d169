/* float32 inner loops in VFP registers, for 4 filters. s0 .. s15 hold sums ([position][filter]); what VLDM loads lies behind them.
 * With VFMA, 4 values k of 2 positions: 35 instructions for 32 MACs. With VMUL + VADD (DITMOS_MUL_ADD), also 2 values k of 4
 * positions: a multiply, an add and half a load a MAC. */
#ifndef DITMOS_SUM_F32_FPU_H
#define DITMOS_SUM_F32_FPU_H

#include "base.h"

#if defined(DITMOS_FPU)

/* clang-format off */
/* Sums S0 .. S3 += X * W0 .. W3. */
#if DITMOS_MUL_ADD
#define DITMOS_MAC4_(S0, S1, S2, S3, X, W0, W1, W2, W3, T0, T1, T2, T3) \
  "vmul.f32 " T0 ", " X ", " W0 "\n\t" "vmul.f32 " T1 ", " X ", " W1 "\n\t" \
  "vmul.f32 " T2 ", " X ", " W2 "\n\t" "vmul.f32 " T3 ", " X ", " W3 "\n\t" \
  "vadd.f32 " S0 ", " T0 "\n\t" "vadd.f32 " S1 ", " T1 "\n\t"             \
  "vadd.f32 " S2 ", " T2 "\n\t" "vadd.f32 " S3 ", " T3 "\n\t"
#else
#define DITMOS_MAC4_(S0, S1, S2, S3, X, W0, W1, W2, W3, T0, T1, T2, T3) \
  "vfma.f32 " S0 ", " X ", " W0 "\n\t" "vfma.f32 " S1 ", " X ", " W1 "\n\t" \
  "vfma.f32 " S2 ", " X ", " W2 "\n\t" "vfma.f32 " S3 ", " X ", " W3 "\n\t"
#endif
#if DITMOS_MUL_ADD
/* 4 values of x at 2 positions. */
#define DITMOS_2X4_4_ \
  "vldmia %[w]!, {s8-s23}\n\t" \
  "vldmia %[x0]!, {s24-s27}\n\t" \
  DITMOS_MAC4_("s0", "s1", "s2", "s3", "s24", "s8", "s9", "s10", "s11", "s28", "s29", "s30", "s31") \
  DITMOS_MAC4_("s0", "s1", "s2", "s3", "s25", "s12", "s13", "s14", "s15", "s28", "s29", "s30", "s31") \
  DITMOS_MAC4_("s0", "s1", "s2", "s3", "s26", "s16", "s17", "s18", "s19", "s28", "s29", "s30", "s31") \
  DITMOS_MAC4_("s0", "s1", "s2", "s3", "s27", "s20", "s21", "s22", "s23", "s28", "s29", "s30", "s31") \
  "vldmia %[x1]!, {s24-s27}\n\t" \
  DITMOS_MAC4_("s4", "s5", "s6", "s7", "s24", "s8", "s9", "s10", "s11", "s28", "s29", "s30", "s31") \
  DITMOS_MAC4_("s4", "s5", "s6", "s7", "s25", "s12", "s13", "s14", "s15", "s28", "s29", "s30", "s31") \
  DITMOS_MAC4_("s4", "s5", "s6", "s7", "s26", "s16", "s17", "s18", "s19", "s28", "s29", "s30", "s31") \
  DITMOS_MAC4_("s4", "s5", "s6", "s7", "s27", "s20", "s21", "s22", "s23", "s28", "s29", "s30", "s31")

#else
/* 4 values of x at 2 positions. */
#define DITMOS_2X4_4_ \
  "vldmia %[w]!, {s8-s23}\n\t" \
  "vldmia %[x0]!, {s24-s27}\n\t" \
  "vldmia %[x1]!, {s28-s31}\n\t" \
  DITMOS_MAC4_("s0", "s1", "s2", "s3", "s24", "s8", "s9", "s10", "s11", "s28", "s29", "s30", "s31") \
  DITMOS_MAC4_("s4", "s5", "s6", "s7", "s28", "s8", "s9", "s10", "s11", "s28", "s29", "s30", "s31") \
  DITMOS_MAC4_("s0", "s1", "s2", "s3", "s25", "s12", "s13", "s14", "s15", "s28", "s29", "s30", "s31") \
  DITMOS_MAC4_("s4", "s5", "s6", "s7", "s29", "s12", "s13", "s14", "s15", "s28", "s29", "s30", "s31") \
  DITMOS_MAC4_("s0", "s1", "s2", "s3", "s26", "s16", "s17", "s18", "s19", "s28", "s29", "s30", "s31") \
  DITMOS_MAC4_("s4", "s5", "s6", "s7", "s30", "s16", "s17", "s18", "s19", "s28", "s29", "s30", "s31") \
  DITMOS_MAC4_("s0", "s1", "s2", "s3", "s27", "s20", "s21", "s22", "s23", "s28", "s29", "s30", "s31") \
  DITMOS_MAC4_("s4", "s5", "s6", "s7", "s31", "s20", "s21", "s22", "s23", "s28", "s29", "s30", "s31")

#endif

/* One value of x at 2 positions. */
#define DITMOS_2X4_1_ \
  "vldmia %[w]!, {s8-s11}\n\t" \
  "vldmia %[x0]!, {s24}\n\t" \
  "vldmia %[x1]!, {s25}\n\t" \
  DITMOS_MAC4_("s0", "s1", "s2", "s3", "s24", "s8", "s9", "s10", "s11", "s28", "s29", "s30", "s31") \
  DITMOS_MAC4_("s4", "s5", "s6", "s7", "s25", "s8", "s9", "s10", "s11", "s28", "s29", "s30", "s31")

/* 4 values of x at one position. */
#define DITMOS_1X4_4_ \
  "vldmia %[w]!, {s8-s23}\n\t" \
  "vldmia %[x0]!, {s24-s27}\n\t" \
  DITMOS_MAC4_("s0", "s1", "s2", "s3", "s24", "s8", "s9", "s10", "s11", "s28", "s29", "s30", "s31") \
  DITMOS_MAC4_("s0", "s1", "s2", "s3", "s25", "s12", "s13", "s14", "s15", "s28", "s29", "s30", "s31") \
  DITMOS_MAC4_("s0", "s1", "s2", "s3", "s26", "s16", "s17", "s18", "s19", "s28", "s29", "s30", "s31") \
  DITMOS_MAC4_("s0", "s1", "s2", "s3", "s27", "s20", "s21", "s22", "s23", "s28", "s29", "s30", "s31")

/* One value of x at one position. */
#define DITMOS_1X4_1_ \
  "vldmia %[w]!, {s8-s11}\n\t" \
  "vldmia %[x0]!, {s24}\n\t" \
  DITMOS_MAC4_("s0", "s1", "s2", "s3", "s24", "s8", "s9", "s10", "s11", "s28", "s29", "s30", "s31")

/* 2 values of x at 4 positions. */
#define DITMOS_4X4_2_ \
  "vldmia %[w]!, {s16-s23}\n\t" \
  "vldmia %[x0]!, {s24-s25}\n\t" \
  "vldmia %[x1]!, {s26-s27}\n\t" \
  DITMOS_MAC4_("s0", "s1", "s2", "s3", "s24", "s16", "s17", "s18", "s19", "s28", "s29", "s30", "s31") \
  DITMOS_MAC4_("s4", "s5", "s6", "s7", "s26", "s16", "s17", "s18", "s19", "s28", "s29", "s30", "s31") \
  DITMOS_MAC4_("s0", "s1", "s2", "s3", "s25", "s20", "s21", "s22", "s23", "s28", "s29", "s30", "s31") \
  DITMOS_MAC4_("s4", "s5", "s6", "s7", "s27", "s20", "s21", "s22", "s23", "s28", "s29", "s30", "s31") \
  "vldmia %[x2]!, {s24-s25}\n\t" \
  "vldmia %[x3]!, {s26-s27}\n\t" \
  DITMOS_MAC4_("s8", "s9", "s10", "s11", "s24", "s16", "s17", "s18", "s19", "s28", "s29", "s30", "s31") \
  DITMOS_MAC4_("s12", "s13", "s14", "s15", "s26", "s16", "s17", "s18", "s19", "s28", "s29", "s30", "s31") \
  DITMOS_MAC4_("s8", "s9", "s10", "s11", "s25", "s20", "s21", "s22", "s23", "s28", "s29", "s30", "s31") \
  DITMOS_MAC4_("s12", "s13", "s14", "s15", "s27", "s20", "s21", "s22", "s23", "s28", "s29", "s30", "s31")

/* One value of x at 4 positions. */
#define DITMOS_4X4_1_ \
  "vldmia %[w]!, {s16-s19}\n\t" \
  "vldmia %[x0]!, {s24}\n\t" \
  "vldmia %[x1]!, {s25}\n\t" \
  "vldmia %[x2]!, {s26}\n\t" \
  "vldmia %[x3]!, {s27}\n\t" \
  DITMOS_MAC4_("s0", "s1", "s2", "s3", "s24", "s16", "s17", "s18", "s19", "s28", "s29", "s30", "s31") \
  DITMOS_MAC4_("s4", "s5", "s6", "s7", "s25", "s16", "s17", "s18", "s19", "s28", "s29", "s30", "s31") \
  DITMOS_MAC4_("s8", "s9", "s10", "s11", "s26", "s16", "s17", "s18", "s19", "s28", "s29", "s30", "s31") \
  DITMOS_MAC4_("s12", "s13", "s14", "s15", "s27", "s16", "s17", "s18", "s19", "s28", "s29", "s30", "s31")

/* BODY until the weights end at `end`. */
#define DITMOS_UNTIL_(BODY) "1:\n\t" BODY "cmp %[w], %[end]\n\t" "bne 1b"
/* clang-format on */

#define DITMOS_SUM_(i) register float s##i __asm__("s" #i) = sums[i]
#define DITMOS_SUMS4_ "+t"(s0), "+t"(s1), "+t"(s2), "+t"(s3)
#define DITMOS_SUMS8_ DITMOS_SUMS4_, "+t"(s4), "+t"(s5), "+t"(s6), "+t"(s7)
#define DITMOS_HIGH_SCRATCH_ \
  "s16", "s17", "s18", "s19", "s20", "s21", "s22", "s23", "s24", "s25", "s26", "s27", "s28", "s29", "s30", "s31", "cc", "memory"
#define DITMOS_SCRATCH_ "s8", "s9", "s10", "s11", "s12", "s13", "s14", "s15", DITMOS_HIGH_SCRATCH_

/* One run at one position: sums[0..3]. Returns the next weights. */
DITMOS_INLINE const float *ditmos_tile_1x4_fpu(const float *x0, int n, const float *w, float *sums) {
  DITMOS_SUM_(0); DITMOS_SUM_(1); DITMOS_SUM_(2); DITMOS_SUM_(3);
  const float *end = w + (n & ~3) * 4;
  if (n >= 4) __asm__ volatile(DITMOS_UNTIL_(DITMOS_1X4_4_) : DITMOS_SUMS4_, [w] "+r"(w), [x0] "+r"(x0) : [end] "r"(end) : "s4", "s5", "s6", "s7", DITMOS_SCRATCH_);
  end += (n & 3) * 4;
  if (n & 3) __asm__ volatile(DITMOS_UNTIL_(DITMOS_1X4_1_) : DITMOS_SUMS4_, [w] "+r"(w), [x0] "+r"(x0) : [end] "r"(end) : "s4", "s5", "s6", "s7", DITMOS_SCRATCH_);
  sums[0] = s0, sums[1] = s1, sums[2] = s2, sums[3] = s3;
  return w;
}

/* One run at two positions: sums[0..3] of x0, sums[4..7] of x1. */
DITMOS_INLINE const float *ditmos_tile_2x4_fpu(const float *x0, const float *x1, int n, const float *w, float *sums) {
  DITMOS_SUM_(0); DITMOS_SUM_(1); DITMOS_SUM_(2); DITMOS_SUM_(3); DITMOS_SUM_(4); DITMOS_SUM_(5); DITMOS_SUM_(6); DITMOS_SUM_(7);
  const float *end = w + (n & ~3) * 4;
  if (n >= 4) __asm__ volatile(DITMOS_UNTIL_(DITMOS_2X4_4_) : DITMOS_SUMS8_, [w] "+r"(w), [x0] "+r"(x0), [x1] "+r"(x1) : [end] "r"(end) : DITMOS_SCRATCH_);
  end += (n & 3) * 4;
  if (n & 3) __asm__ volatile(DITMOS_UNTIL_(DITMOS_2X4_1_) : DITMOS_SUMS8_, [w] "+r"(w), [x0] "+r"(x0), [x1] "+r"(x1) : [end] "r"(end) : DITMOS_SCRATCH_);
  sums[0] = s0, sums[1] = s1, sums[2] = s2, sums[3] = s3, sums[4] = s4, sums[5] = s5, sums[6] = s6, sums[7] = s7;
  return w;
}

#if DITMOS_MUL_ADD
/* An asm statement has room for 30 operands, so that 16 sums go through memory. */
#define DITMOS_4X4_OPERANDS_                                                                                      \
  : [w] "+r"(w), [x0] "+r"(x0), [x1] "+r"(x1), [x2] "+r"(x2), [x3] "+r"(x3)                                       \
  : [end] "r"(end), [sums] "r"(sums)                                                                              \
  : "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", DITMOS_SCRATCH_

/* One run at four positions: sums[4 * position + filter]. */
DITMOS_INLINE const float *ditmos_tile_4x4_fpu(const float *x0, const float *x1, const float *x2, const float *x3, int n, const float *w,
                                               float *sums) {
  const float *const end = w + (n & ~1) * 4;
  if (n == 1) {
    __asm__ volatile("vldmia %[sums], {s0-s15}\n\t" DITMOS_4X4_1_ "vstmia %[sums], {s0-s15}" DITMOS_4X4_OPERANDS_);
  } else if ((n & 3) == 1) {
    __asm__ volatile("vldmia %[sums], {s0-s15}\n" DITMOS_UNTIL_(DITMOS_4X4_2_ DITMOS_4X4_2_) "\n\t" DITMOS_4X4_1_ "vstmia %[sums], {s0-s15}" DITMOS_4X4_OPERANDS_);
  } else if ((n & 3) == 0) {
    __asm__ volatile("vldmia %[sums], {s0-s15}\n" DITMOS_UNTIL_(DITMOS_4X4_2_ DITMOS_4X4_2_) "\n\tvstmia %[sums], {s0-s15}" DITMOS_4X4_OPERANDS_);
  } else if (n & 1) {
    __asm__ volatile("vldmia %[sums], {s0-s15}\n" DITMOS_UNTIL_(DITMOS_4X4_2_) "\n\t" DITMOS_4X4_1_ "vstmia %[sums], {s0-s15}" DITMOS_4X4_OPERANDS_);
  } else {
    __asm__ volatile("vldmia %[sums], {s0-s15}\n" DITMOS_UNTIL_(DITMOS_4X4_2_) "\n\tvstmia %[sums], {s0-s15}" DITMOS_4X4_OPERANDS_);
  }
  return w;
}
#endif

#endif
#endif
