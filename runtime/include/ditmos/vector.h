/* What happens to a whole vector: input and output conversion, argmax, softmax, and the shift of a column buffer. */
#ifndef DITMOS_VECTOR_H
#define DITMOS_VECTOR_H

#include <math.h>
#include <string.h>

#include "requantize.h"

/* Index of the largest value, the first of equals. n >= 1. */
DITMOS_INLINE int ditmos_argmax_f32(int n, const float *x) {
  int best = 0;
  for (int i = 1; i < n; i++) {
    if (x[i] > x[best]) best = i;
  }
  return best;
}

DITMOS_SHARED int ditmos_argmax_s8(int n, const int8_t *x) {
  int best = 0;
  for (int i = 1; i < n; i++) {
    if (x[i] > x[best]) best = i;
  }
  return best;
}

/* round(x / scale) + zero_point, half away from zero, clamped to int8; NaN gives -128. inverse_scale = 1 / scale in float.
 * The product is rounded to float before anything is added, so that a compiler with fused multiply-add gives the same bits. */
DITMOS_INLINE int8_t ditmos_quantize_value(float x, float inverse_scale, int zero_point) {
  volatile float product = x * inverse_scale;
  const float scaled = product;
  if (!(scaled > -256.0f)) return -128;
  if (scaled > 256.0f) return 127;
  const int value = (int)(scaled < 0.0f ? scaled - 0.5f : scaled + 0.5f) + zero_point;
  return (int8_t)(value < -128 ? -128 : value > 127 ? 127 : value);
}

/* int16 samples, already [positions][channels], to int8 by requantize.h's rule: multiplier / 2^(32 + shift) = sample unit / scale. */
DITMOS_INLINE void ditmos_quantize_s16(int n, int32_t multiplier, int32_t offset, int shift, const int16_t *x, int8_t *out) {
  for (int i = 0; i < n; i++) out[i] = ditmos_requantize(x[i], multiplier, offset, shift, -128);
}

/* The same with a multiplier a channel. */
DITMOS_INLINE void ditmos_quantize_channels_s16(int positions, int channels, const int32_t *multipliers, int32_t offset, int shift, const int16_t *x, int8_t *out) {
  for (int p = 0; p < positions; p++) {
    for (int c = 0; c < channels; c++) *out++ = ditmos_requantize(*x++, multipliers[c], offset, shift, -128);
  }
}

/* (x - zero_point) * scale. */
DITMOS_INLINE void ditmos_dequantize_s8(int n, float scale, int zero_point, const int8_t *x, float *out) {
  for (int i = 0; i < n; i++) out[i] = (float)(x[i] - zero_point) * scale;
}

/* e^x for x <= 0, within 2 units in the last place; 0 from -87 on. x = n ln 2 + r, e^r by its series. Plain arithmetic: a chip and its host have the same
 * bits where the compiler does not contract a*b+c. */
DITMOS_INLINE float ditmos_exp_f32(float x) {
  if (!(x > -87.0f)) return 0.0f;
  const int n = (int)(x * 1.44269504f - 0.5f);
  const float r = (x - (float)n * 0.693145752f) - (float)n * 1.42860677e-6f;
  const float tail = r * (1.66666667e-1f + r * (4.16666667e-2f + r * (8.33333333e-3f + r * (1.38888889e-3f + r * 1.98412698e-4f))));
  const uint32_t bits = (uint32_t)(n + 127) << 23;
  float power;
  memcpy(&power, &bits, sizeof power);
  return (1.0f + (r + r * r * (0.5f + tail))) * power;
}

/* Adds the softmax of x to sum, without a buffer for it. n >= 1. */
DITMOS_SHARED void ditmos_add_softmax_f32(int n, const float *x, float *sum) {
  const float top = x[ditmos_argmax_f32(n, x)];
  float all = 0.0f;
  for (int i = 0; i < n; i++) all += ditmos_exp_f32(x[i] - top);
  for (int i = 0; i < n; i++) sum[i] += ditmos_exp_f32(x[i] - top) / all;
}

/* The same of x * scale. */
DITMOS_SHARED void ditmos_add_softmax_s8(int n, float scale, const int8_t *x, float *sum) {
  const int top = x[ditmos_argmax_s8(n, x)];
  float all = 0.0f;
  for (int i = 0; i < n; i++) all += ditmos_exp_f32((float)(x[i] - top) * scale);
  for (int i = 0; i < n; i++) sum[i] += ditmos_exp_f32((float)(x[i] - top) * scale) / all;
}

/* Drops the first `drop` bytes of a buffer of column data and moves the following `keep` bytes to its front. */
DITMOS_INLINE void ditmos_slide(void *buffer, size_t drop, size_t keep) {
  memmove(buffer, (const char *)buffer + drop, keep);
}

/* As ditmos_slide, of a buffer on a 4-byte boundary. drop: 16 or more; drop and keep: multiples of 4. */
#if defined(DITMOS_THUMB2)
DITMOS_SHARED __attribute__((naked)) void ditmos_slide_words(void *buffer DITMOS_UNUSED, size_t drop DITMOS_UNUSED, size_t keep DITMOS_UNUSED) {
  __asm__ volatile(
      "push {r4, r5}\n\t"
      "add r1, r0\n\t"
      "subs r2, #16\n\t"
      "blo 2f\n"
      "1:\n\t"
      "ldmia r1!, {r3-r5, ip}\n\t"
      "stmia r0!, {r3-r5, ip}\n\t"
      "subs r2, #16\n\t"
      "bhs 1b\n"
      "2:\n\t"
      "adds r2, #16\n\t"
      "beq 4f\n"
      "3:\n\t"
      "ldr r3, [r1], #4\n\t"
      "str r3, [r0], #4\n\t"
      "subs r2, #4\n\t"
      "bne 3b\n"
      "4:\n\t"
      "pop {r4, r5}\n\t"
      "bx lr");
}
#else
DITMOS_INLINE void ditmos_slide_words(void *buffer, size_t drop, size_t keep) { ditmos_slide(buffer, drop, keep); }
#endif

#endif
