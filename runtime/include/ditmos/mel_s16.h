/* MFCC or log-mel energies of one frame of sound in 16-bit fixed point, from integers alone. */
#ifndef DITMOS_MEL_S16_H
#define DITMOS_MEL_S16_H

#include "fft_s16.h"

typedef struct {
  ditmos_fft_s16 fft;
  int mels, coefficients;   /* coefficients 0: the energies themselves */
  const uint16_t *edges;    /* as in mel_f32.h */
  const int16_t *bins;      /* exp(-2 pi i k / N) re, im, and the rising share, 15 fractional bits */
  const int16_t *dct;       /* [coefficients][mels], 14 fractional bits */
  const uint16_t *logarithm; /* 33: log2(1 + i / 32), 15 fractional bits */
} ditmos_mel_s16;

/* ln(v 2^exponent) with 10 fractional bits, not below ln 1e-6. Linear between 33 points: error below 2e-3. */
DITMOS_INLINE int16_t ditmos_log_s16(const uint16_t *table, uint64_t v, int exponent) {
  const int16_t least = -14147;
  if (v == 0) return least;
  int top = 0;
  uint32_t high = (uint32_t)(v >> 32), word = (uint32_t)v;
  if (high != 0) word = high, top = 32;
  top += ditmos_bit_length(word) - 1;
  const uint32_t fraction = (uint32_t)(top >= 16 ? v >> (top - 16) : v << (16 - top)) & 0xFFFFu;
  const uint32_t i = fraction >> 11;
  const uint32_t log2 = table[i] + (((uint32_t)(table[i + 1] - table[i]) * (fraction & 0x7FFu)) >> 11);
  const int32_t whole = (top + exponent) * 2048 + (int32_t)(log2 >> 4);
  if (whole < -20 * 2048) return least;
  const int32_t natural = (whole * 22713 + 32768) >> 16; /* ln 2 */
  return natural < least ? least : (int16_t)natural;
}

/* scratch: 2 * half + mels numbers. out: coefficients or mels values, 10 fractional bits. */
DITMOS_INLINE void ditmos_mel_frame_s16(const ditmos_mel_s16 p, const int16_t *samples, int16_t *scratch, int32_t *out) {
  int16_t *const energies = scratch + 2 * p.fft.half;
  int exponent = ditmos_fft_load_s16(p.fft, samples, scratch);
  exponent += ditmos_fft_run_s16(p.fft, scratch);
  const int16_t *bin = p.bins;
  uint64_t rising = 0;
  for (int m = 0; m <= p.mels; m++) {
    uint64_t up = 0, down = rising;
    for (int k = p.edges[m]; k < p.edges[m + 1]; k++, bin += 3) {
      const uint32_t power = ditmos_fft_power_s16(p.fft, scratch, k, bin);
      up += (uint64_t)power * (uint64_t)(uint16_t)bin[2];
      down += (uint64_t)power * (uint64_t)(uint16_t)(32768 - bin[2]);
    }
    /* Samples have 15 fractional bits, shares 15; the power lacks a factor of 4 (of the half in X) and of 16. */
    if (m > 0) energies[m - 1] = ditmos_log_s16(p.logarithm, down, 2 * exponent - 30 - 15 - 2 + 4);
    rising = up;
  }
  if (p.coefficients == 0) {
    for (int m = 0; m < p.mels; m++) out[m] = energies[m];
  }
  for (int c = 0; c < p.coefficients; c++) {
    const int16_t *const row = p.dct + c * p.mels;
    int32_t sum = 0;
    for (int m = 0; m < p.mels; m++) sum += row[m] * energies[m];
    out[c] = ditmos_round_shift(sum, 14);
  }
}

#endif
