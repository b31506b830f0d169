/* float32 convolution over a series for a core whose VFMA is slower than VMUL + VADD (Cortex-M4), one copy of code for all layers of a
 * program. Weights lie channel by channel, so that a value of x is loaded once for the four positions that it belongs to: in each group
 * of 4 filters, for each map, [channel][tap][4]. Emitted code calls through DITMOS_SERIES_F32. */
#ifndef DITMOS_LAYERS_F32_M4_H
#define DITMOS_LAYERS_F32_M4_H

#include "shape.h"
#include "sum_f32_fpu.h"

#if defined(DITMOS_FPU) && DITMOS_MUL_ADD

/* A tile function: sums [position][filter] of 4 filters at 4 positions in s0 .. s15; r0 = x, r1 = w, r2 = channels. Leaves r1 behind the
 * weights; r0, r2, r3 and s16 .. s31 are lost. Four taps a round, in which the four registers of x change places; where two or three are left, the first round begins in its
 * middle, and r0 lies so many taps in front of x. 2 taps or more. */
typedef void ditmos_tile_f32_m4(void);

/* clang-format off */
#define DITMOS_MAC4_M4_(S0, S1, S2, S3, X, W0, W1, W2, W3) \
  "vmul.f32 s28, " X ", " W0 "\n\t" "vmul.f32 s29, " X ", " W1 "\n\t" "vmul.f32 s30, " X ", " W2 "\n\t" "vmul.f32 s31, " X ", " W3 "\n\t" \
  "vadd.f32 " S0 ", s28\n\t" "vadd.f32 " S1 ", s29\n\t" "vadd.f32 " S2 ", s30\n\t" "vadd.f32 " S3 ", s31\n\t"
#define DITMOS_TAP_M4_(X0, X1, X2, X3, W0, W1, W2, W3)                        \
  DITMOS_MAC4_M4_("s0", "s1", "s2", "s3", X0, W0, W1, W2, W3)                 \
  DITMOS_MAC4_M4_("s4", "s5", "s6", "s7", X1, W0, W1, W2, W3)                 \
  DITMOS_MAC4_M4_("s8", "s9", "s10", "s11", X2, W0, W1, W2, W3)               \
  DITMOS_MAC4_M4_("s12", "s13", "s14", "s15", X3, W0, W1, W2, W3)
#define DITMOS_LOW_M4_(X0, X1, X2, X3) DITMOS_TAP_M4_(X0, X1, X2, X3, "s20", "s21", "s22", "s23")
#define DITMOS_HIGH_M4_(X0, X1, X2, X3) DITMOS_TAP_M4_(X0, X1, X2, X3, "s24", "s25", "s26", "s27")

#define DITMOS_TILE_F32_M4(CHANNELS, TAPS) DITMOS_TILE_M4_NAMED_(ditmos_tile_##CHANNELS##x##TAPS##_m4, #CHANNELS, #TAPS)
#define DITMOS_TILE_M4_NAMED_(NAME, CHANNELS, TAPS)                                                                           \
  DITMOS_SHARED __attribute__((naked)) void NAME(void) {                                                                      \
    __asm__ volatile(                                                                                                         \
        ".if (" TAPS " & 3) == 3\n\t" "sub r0, r0, #4*" CHANNELS "\n\t" ".endif\n\t"                                          \
        ".if (" TAPS " & 3) == 2\n\t" "sub r0, r0, #8*" CHANNELS "\n\t" ".endif\n"                                            \
        "1:\n\t"                                                                                                              \
        ".if (" TAPS " & 3) <= 1\n\t"                                                                                         \
        "vldr s16, [r0]\n\t" "vldr s17, [r0, #4*" CHANNELS "]\n\t" "vldr s18, [r0, #8*" CHANNELS "]\n\t"                      \
        ".if " TAPS " >= 8\n\t" "mov r3, #" TAPS "/4\n\t" ".endif\n\t"                                                        \
        ".else\n\t" "mov r3, #(" TAPS "+3)/4\n\t" ".endif\n\t"                                                                \
        ".if (" TAPS " & 3) == 2\n\t"                                                                                         \
        "vldr s18, [r0, #8*" CHANNELS "]\n\t" "vldr s19, [r0, #12*" CHANNELS "]\n\t" "vldr s16, [r0, #16*" CHANNELS "]\n\t"   \
        "b 4f\n\t"                                                                                                            \
        ".endif\n\t" ".if (" TAPS " & 3) == 3\n\t"                                                                            \
        "vldr s17, [r0, #4*" CHANNELS "]\n\t" "vldr s18, [r0, #8*" CHANNELS "]\n\t" "vldr s19, [r0, #12*" CHANNELS "]\n\t"    \
        "vldmia r1!, {s24-s27}\n\t" "b 3f\n\t"                                                                                \
        ".endif\n"                                                                                                            \
        "2:\n\t"                                                                                                              \
        "vldmia r1!, {s20-s27}\n\t"                                                                                           \
        "vldr s19, [r0, #12*" CHANNELS "]\n\t" DITMOS_LOW_M4_("s16", "s17", "s18", "s19")                                     \
        "3:\n\t"                                                                                                              \
        "vldr s16, [r0, #16*" CHANNELS "]\n\t" DITMOS_HIGH_M4_("s17", "s18", "s19", "s16")                                    \
        "4:\n\t"                                                                                                              \
        "vldmia r1!, {s20-s27}\n\t"                                                                                           \
        "vldr s17, [r0, #20*" CHANNELS "]\n\t" DITMOS_LOW_M4_("s18", "s19", "s16", "s17")                                     \
        "vldr s18, [r0, #24*" CHANNELS "]\n\t" DITMOS_HIGH_M4_("s19", "s16", "s17", "s18")                                    \
        ".if " TAPS " >= 6\n\t" "add r0, r0, #16*" CHANNELS "\n\t" "subs r3, r3, #1\n\t" "bne 2b\n\t" ".endif\n\t"            \
        ".if (" TAPS " & 3) == 1\n\t"                                                                                         \
        "vldmia r1!, {s20-s23}\n\t" ".if " TAPS " == 5\n\t" "vldr s19, [r0, #28*" CHANNELS "]\n\t" ".else\n\t" "vldr s19, [r0, #12*" CHANNELS "]\n\t" ".endif\n\t"\
        DITMOS_LOW_M4_("s16", "s17", "s18", "s19")                                                                            \
        ".endif\n\t"                                                                                                          \
        ".if " TAPS " >= 8 && (" TAPS " & 3) <= 1\n\t" "sub r0, r0, #16*" CHANNELS "*(" TAPS "/4)-4\n\t" ".endif\n\t"         \
        ".if " TAPS " < 6\n\t" "add r0, r0, #4\n\t" ".endif\n\t"                                                              \
        ".if " TAPS " >= 6 && (" TAPS " & 3) >= 2\n\t" "sub r0, r0, #16*" CHANNELS "*((" TAPS "+3)/4)-4\n\t" ".endif\n\t"     \
        "subs r2, r2, #1\n\t"                                                                                                 \
        "bne 1b\n\t"                                                                                                          \
        "bx lr");                                                                                                             \
  }
/* clang-format on */

/* Constants of one layer, for ditmos_series_m4, which knows the offsets. */
typedef struct {
  ditmos_tile_f32_m4 *tile_a, *tile_b;
  uint16_t channels_a, channels_b;  /* channels_b is 0 where there is no b */
  uint16_t groups, filter_bytes;    /* filters / 4, filters * 4 */
  uint16_t advance_a, advance_b;    /* bytes of 4 columns */
} ditmos_series_layer_m4;

/* Two pooled columns from sums at 4 positions: the larger of two and of zero, on the bits: floats of one sign compare as integers, and
 * what has its sign bit set becomes 0. */
#define DITMOS_POOL_M4_(S0, S1, S2, S3)                                              \
  "vmov r0, " S0 "\n\tvmov r2, " S1 "\n\tvmov r3, " S2 "\n\tvmov ip, " S3 "\n\t"     \
  "cmp r0, r2\n\tit lt\n\tmovlt r0, r2\n\tcmp r3, ip\n\tit lt\n\tmovlt r3, ip\n\t"   \
  "bic r0, r0, r0, asr #31\n\tbic r3, r3, r3, asr #31\n\t"                           \
  "str r3, [r9, lr]\n\tstr r0, [r9], #4\n\t"

/* `pairs` times two pooled columns of a series without padding: stride 1, pool 2, ReLU, filters in groups of 4. */
DITMOS_SHARED __attribute__((naked)) void ditmos_series_m4(const ditmos_series_layer_m4 *layer DITMOS_UNUSED, const float *a DITMOS_UNUSED,
                                                           const float *b DITMOS_UNUSED, const float *weights DITMOS_UNUSED,
                                                           const float *bias DITMOS_UNUSED, float *out DITMOS_UNUSED, int pairs DITMOS_UNUSED) {
  __asm__ volatile(
      "push {r4-r11, lr}\n\t"
      "vpush {s16-s31}\n\t"
      "mov r4, r0\n\t"
      "mov r5, r1\n\t"
      "mov r6, r2\n\t"
      "mov r7, r3\n\t"
      "ldr r9, [sp, #104]\n\t"
      "ldr r10, [sp, #108]\n"
      "1:\n\t" /* two columns */
      "ldr r8, [sp, #100]\n\t"
      "mov r1, r7\n\t"
      "ldrh r11, [r4, #12]\n"
      "2:\n\t" /* 4 filters */
      "vldmia r8!, {s0-s3}\n\t"
      "ldr ip, [r4]\n\t"
      "ldrh r2, [r4, #8]\n\t"
      "mov r0, r5\n\t"
      "vmov s4, s0\n\tvmov s5, s1\n\tvmov s6, s2\n\tvmov s7, s3\n\t"
      "vmov s8, s0\n\tvmov s9, s1\n\tvmov s10, s2\n\tvmov s11, s3\n\t"
      "vmov s12, s0\n\tvmov s13, s1\n\tvmov s14, s2\n\tvmov s15, s3\n\t"
      "blx ip\n\t"
      "ldrh r2, [r4, #10]\n\t"
      "cbz r2, 3f\n\t"
      "ldr ip, [r4, #4]\n\t"
      "mov r0, r6\n\t"
      "blx ip\n"
      "3:\n\t"
      "ldrh lr, [r4, #14]\n\t" DITMOS_POOL_M4_("s0", "s4", "s8", "s12") DITMOS_POOL_M4_("s1", "s5", "s9", "s13")
          DITMOS_POOL_M4_("s2", "s6", "s10", "s14") DITMOS_POOL_M4_("s3", "s7", "s11", "s15")
      "subs r11, r11, #1\n\t"
      "bne 2b\n\t"
      "add r9, r9, lr\n\t"
      "ldrh r0, [r4, #16]\n\t"
      "ldrh r2, [r4, #18]\n\t"
      "add r5, r5, r0\n\t"
      "add r6, r6, r2\n\t"
      "subs r10, r10, #1\n\t"
      "bne 1b\n\t"
      "vpop {s16-s31}\n\t"
      "pop {r4-r11, pc}");
}

#endif
/* A series without padding: stride 1, pool 2, ReLU, filters in groups of 4. Two pooled columns or more. */
DITMOS_INLINE void ditmos_series_f32_plain(const ditmos_conv_shape s, const float *a, const float *b, const float *weights, const float *bias,
                                           float *out) {
  for (int x = 0; x < ditmos_pooled_width(s); x++) {
    const float *w = weights;
    for (int first = 0; first < s.filters; first += 4, out += 4) {
      float sums[8];
      for (int i = 0; i < 8; i++) sums[i] = bias[first + i % 4];
      for (int c = 0; c < s.channels + s.extra; c++) {
        const float *const map = c < s.channels ? a + c : b + (c - s.channels);
        const int channels = c < s.channels ? s.channels : s.extra;
        for (int tap = 0; tap < s.kernel_width; tap++, w += 4) {
          for (int i = 0; i < 8; i++) sums[i] += map[(2 * x + i / 4 + tap) * channels] * w[i % 4];
        }
      }
      for (int f = 0; f < 4; f++) {
        const float larger = sums[f] > sums[4 + f] ? sums[f] : sums[4 + f];
        out[f] = larger > 0.0f ? larger : 0.0f;
      }
    }
  }
}

#if defined(DITMOS_FPU) && DITMOS_MUL_ADD
/* An odd last column is made together with the one before it, once more. */
DITMOS_INLINE void ditmos_series_f32_m4(const ditmos_series_layer_m4 *layer, const ditmos_conv_shape s, const float *a, const float *b,
                                        const float *weights, const float *bias, float *out) {
  const int columns = ditmos_pooled_width(s), last = 2 * (columns - 2);
  ditmos_series_m4(layer, a, b, weights, bias, out, columns / 2);
  if (columns % 2) ditmos_series_m4(layer, a + last * s.channels, s.extra ? b + last * s.extra : b, weights, bias, out + (columns - 2) * s.filters, 1);
}
#define DITMOS_SERIES_F32(layer, s, a, b, weights, bias, out) ditmos_series_f32_m4(&(layer), s, a, b, weights, bias, out)
#else
#define DITMOS_SERIES_F32(layer, s, a, b, weights, bias, out) ditmos_series_f32_plain(s, a, b, weights, bias, out)
#endif

#endif
