/* int8 layers in DITMOS_PAIRS for the DSP extension, one copy of code for all layers of a program: what a layer has of its own is a
 * constant of a few bytes. Emitted code defines these constants and calls through DITMOS_SERIES_S8 and DITMOS_LINEAR_S8. */
#ifndef DITMOS_LAYERS_S8_DSP_H
#define DITMOS_LAYERS_S8_DSP_H

#include "requantize.h"
#include "sum_s8_dsp.h"

#if defined(DITMOS_DSP)

/* Constants of a convolution over a series, for ditmos_series_dsp, which knows the offsets of these members. Both runs have 4 values or
 * more. Its multipliers follow its biases. */
typedef struct {
  ditmos_tile_dsp *tile_a, *tile_b;  /* of the channels of a, of b */
  int32_t offset;                    /* of the requantisation */
  uint32_t low;                      /* int8, four times */
  uint32_t multiplier;               /* bytes from bias to multiplier */
  uint16_t whole_a, whole_b;         /* bytes of weights of a run's whole blocks; whole_b is 0 where there is no b */
  uint8_t rest_a, rest_b;            /* values behind them */
  uint16_t shift;
  uint16_t advance_a, advance_b;     /* bytes from one cell to the next */
} ditmos_series_layer_dsp;

/* `cells` pooled columns of a series without padding, pool 2, filters in groups of 4. On the stack from sp: layer, a, b, weights,
 * r4 .. r11, the place in bias, lr; then what came there: bias, out, cells. */
DITMOS_SHARED __attribute__((naked)) void ditmos_series_dsp(const ditmos_series_layer_dsp *layer DITMOS_UNUSED, const int8_t *a DITMOS_UNUSED,
                                                            const int8_t *b DITMOS_UNUSED, const int8_t *weights DITMOS_UNUSED,
                                                            const int32_t *bias DITMOS_UNUSED, int8_t *out DITMOS_UNUSED, int cells DITMOS_UNUSED) {
  __asm__ volatile(
      "push {r0-r12, lr}\n"
      "1:\n\t" /* a cell */
      "ldr ip, [sp, #56]\n\t"
      "ldr r1, [sp, #12]\n"
      "2:\n\t" /* 4 filters at 2 positions */
      "str ip, [sp, #48]\n\t"
      "ldr r4, [ip]\n\t"
      "ldr r8, [ip, #8]\n\t"
      "ldr r0, [sp]\n\t"
      "mov r5, r4\n\t"
      "mov r6, r4\n\t"
      "mov r7, r4\n\t"
      "mov r9, r8\n\t"
      "mov r10, r8\n\t"
      "mov r11, r8\n\t"
      "ldrh r2, [r0, #20]\n\t"
      "ldrb r3, [r0, #24]\n\t"
      "ldr ip, [r0]\n\t"
      "ldr r0, [sp, #4]\n\t"
      "blx ip\n\t"
      "ldr r0, [sp]\n\t"
      "ldrh r2, [r0, #22]\n\t"
      "cbz r2, 3f\n\t"
      "ldrb r3, [r0, #25]\n\t"
      "ldr ip, [r0, #4]\n\t"
      "ldr r0, [sp, #8]\n\t"
      "blx ip\n\t"
      "ldr r0, [sp]\n"
      "3:\n\t" /* the odd filters' sums, then the larger of the two positions */
      "ldr ip, [sp, #48]\n\t"
      "ldr r2, [ip, #4]\n\t"
      "ldr r3, [ip, #12]\n\t"
      "sub r6, r6, r4\n\t"
      "sub r7, r7, r5\n\t"
      "sub r10, r10, r8\n\t"
      "sub r11, r11, r9\n\t"
      "add r6, r2, r6, asr #8\n\t"
      "add r7, r2, r7, asr #8\n\t"
      "add r10, r3, r10, asr #8\n\t"
      "add r11, r3, r11, asr #8\n\t"
      "cmp r4, r5\n\tit lt\n\tmovlt r4, r5\n\t"
      "cmp r6, r7\n\tit lt\n\tmovlt r6, r7\n\t"
      "cmp r8, r9\n\tit lt\n\tmovlt r8, r9\n\t"
      "cmp r10, r11\n\tit lt\n\tmovlt r10, r11\n\t"
      "ldr lr, [r0, #16]\n\t"
      "add r3, ip, lr\n\t"
      "ldmia r3, {r5, r7, r9, r11}\n\t"
      "ldr r2, [r0, #8]\n\t"
      "ldrh r3, [r0, #26]\n\t"
      "smmla r4, r4, r5, r2\n\t"
      "smmla r6, r6, r7, r2\n\t"
      "smmla r8, r8, r9, r2\n\t"
      "smmla r10, r10, r11, r2\n\t"
      "asr r4, r4, r3\n\t"
      "asr r6, r6, r3\n\t"
      "asr r8, r8, r3\n\t"
      "asr r10, r10, r3\n\t"
      "ssat r4, #8, r4\n\t"
      "ssat r6, #8, r6\n\t"
      "ssat r8, #8, r8\n\t"
      "ssat r10, #8, r10\n\t"
      "pkhbt r4, r4, r8, lsl #16\n\t"
      "pkhbt r6, r6, r10, lsl #16\n\t"
      "uxtb16 r4, r4\n\t"
      "uxtb16 r6, r6\n\t"
      "orr r4, r4, r6, lsl #8\n\t"
      "ldr r2, [r0, #12]\n\t"
      "ssub8 r3, r4, r2\n\t"
      "sel r4, r4, r2\n\t"
      "ldr r3, [sp, #60]\n\t"
      "str r4, [r3], #4\n\t"
      "str r3, [sp, #60]\n\t"
      "add ip, #16\n\t"
      "ldr r2, [sp, #56]\n\t"
      "add r2, r2, lr\n\t"
      "cmp ip, r2\n\t"
      "bne 2b\n\t"
      "ldr r1, [sp, #4]\n\t"
      "ldrh r2, [r0, #28]\n\t"
      "add r1, r2\n\t"
      "str r1, [sp, #4]\n\t"
      "ldr r1, [sp, #8]\n\t"
      "ldrh r2, [r0, #30]\n\t"
      "add r1, r2\n\t"
      "str r1, [sp, #8]\n\t"
      "ldr r1, [sp, #64]\n\t"
      "subs r1, #1\n\t"
      "str r1, [sp, #64]\n\t"
      "bne 1b\n\t"
      "add sp, #16\n\t"
      "pop {r4-r12, pc}");
}

/* Constants of one linear layer. Its multipliers follow its biases. */
typedef struct {
  int32_t offset, inputs, outputs;
  int8_t shift, low;
} ditmos_linear_layer_dsp;

/* ditmos_requantize with the constants of a layer. */
DITMOS_INLINE int8_t ditmos_requantize_dsp(int32_t sum, int32_t multiplier, const ditmos_linear_layer_dsp *q) {
  int32_t value;
  __asm__("smmla %0, %1, %2, %3" : "=r"(value) : "r"(sum), "r"(multiplier), "r"(q->offset));
  value >>= q->shift;
  __asm__("ssat %0, #8, %0" : "+r"(value));
  return (int8_t)(value < q->low ? q->low : value);
}

/* One group of outputs. Returns the next weights. */
DITMOS_INLINE const int8_t *ditmos_linear_group_dsp(const ditmos_linear_layer_dsp *q, const int8_t *x, const int8_t *w, int group,
                                                    const int32_t *bias, int8_t *out) {
  const int32_t *const multiplier = bias + q->outputs;
  int32_t sums[4];
  DITMOS_UNROLL
  for (int f = 0; f < group; f++) sums[f] = bias[f & ~1];
  w = ditmos_sum_pairs_dsp(x, q->inputs, w, group, sums);
  DITMOS_UNROLL
  for (int f = 1; f < group; f += 2) sums[f] = ditmos_high_sum(sums[f - 1], sums[f]) + bias[f];
  DITMOS_UNROLL
  for (int f = 0; f < group; f++) out[f] = ditmos_requantize_dsp(sums[f], multiplier[f], q);
  return w;
}

/* Any linear layer. */
DITMOS_SHARED void ditmos_linear_dsp(const ditmos_linear_layer_dsp *q, const int8_t *x, const int8_t *w, const int32_t *bias, int8_t *out) {
  int left = q->outputs;
  for (; left >= 4; left -= 4, bias += 4, out += 4) w = ditmos_linear_group_dsp(q, x, w, 4, bias, out);
  if (left & 2) {
    w = ditmos_linear_group_dsp(q, x, w, 2, bias, out);
    bias += 2, out += 2;
  }
  if (left & 1) ditmos_linear_group_dsp(q, x, w, 1, bias, out);
}

#endif
#endif
