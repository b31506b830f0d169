/* Real FFT of 16-bit samples in 16-bit block floating point: as fft_f32.h, with one exponent for all points, which grows by what a stage
 * needs. Twiddle factors and window have 15 fractional bits. Integers only, so the bits are the same on every machine; with the DSP
 * extension two 16-bit numbers are worked on at a time. */
#ifndef DITMOS_FFT_S16_H
#define DITMOS_FFT_S16_H

#include <string.h>

#include "base.h"

typedef struct {
  int frame, half, low_bits;
  const uint8_t *reversed;
  const int16_t *window;  /* frame / 2 + 1 */
  const int16_t *twiddle; /* half / 4 times exp(-2 pi i j k / half), j = 1, 2, 3 */
} ditmos_fft_s16;

/* Bits of x up to its highest one; 0 for 0. */
DITMOS_INLINE int ditmos_bit_length(uint32_t x) {
#if defined(__GNUC__)
  return x == 0u ? 0 : 32 - __builtin_clz(x);
#else
  int bits = 0;
  for (; x != 0u; x >>= 1) bits++;
  return bits;
#endif
}

/* Rounds v / 2^shift, halves up. shift >= 1. */
DITMOS_INLINE int32_t ditmos_round_shift(int32_t v, int shift) { return (v + ((int32_t)1 << (shift - 1))) >> shift; }

/* z: 2 * half numbers (re, im), each below 2^12. Returns the exponent e: sample * window = z * 2^e. */
DITMOS_INLINE int ditmos_fft_load_s16(const ditmos_fft_s16 p, const int16_t *samples, int16_t *z) {
  const int low_count = 1 << p.low_bits, high_bits = p.half >> p.low_bits == low_count ? p.low_bits : p.low_bits - 1;
  uint32_t seen = 0;
  for (int i = 0; i < p.frame; i++) seen |= (uint32_t)(samples[i] ^ (samples[i] >> 15)) & 0x7FFFu;
  const int up = 15 - ditmos_bit_length(seen);
  for (int high = 0; high < 1 << high_bits; high++) {
    const int base = p.reversed[high] >> (p.low_bits - high_bits);
    for (int low = 0; low < low_count; low++) {
      int16_t *const to = z + 2 * (base + (p.reversed[low] << high_bits));
      const int i = 2 * (high * low_count + low);
      for (int j = i; j < i + 2; j++) {
        int32_t value = 0;
        if (j < p.frame) value = ditmos_round_shift(samples[j] * (1 << up) * p.window[2 * j <= p.frame ? j : p.frame - j], 18);
        to[j - i] = (int16_t)value;
      }
    }
  }
  return 3 - up;
}

#if defined(DITMOS_DSP)
#include <arm_acle.h>

/* at, b, c, d: re in the low half, im in the high half. w: w1, w2, w3. seen gathers the bits in use. */
DITMOS_INLINE void ditmos_fft_radix4_s16(int16_t *z, int step, const int16_t *w, int down, uint32_t *seen) {
  const int32_t half = (int32_t)1 << (14 + down);
  int32_t a, b, c, d, w1, w2, w3;
  memcpy(&a, z, 4), memcpy(&b, z + step, 4), memcpy(&c, z + 2 * step, 4), memcpy(&d, z + 3 * step, 4);
  memcpy(&w1, w, 4), memcpy(&w2, w + 2, 4), memcpy(&w3, w + 4, 4);
  const int32_t round = (1 << down) >> 1;
  const int32_t ar = ((int16_t)a + round) >> down, ai = ((a >> 16) + round) >> down;
  a = (int32_t)((uint32_t)ai << 16 | (uint32_t)(uint16_t)ar);
#define DITMOS_TURN(x, t) \
  ((int32_t)((uint32_t)(__smladx(x, t, half) >> (15 + down)) << 16 | (uint32_t)(uint16_t)(__smlsd(x, t, half) >> (15 + down))))
  b = DITMOS_TURN(b, w2);
  c = DITMOS_TURN(c, w1);
  d = DITMOS_TURN(d, w3);
#undef DITMOS_TURN
  const int32_t sum = __sadd16(a, b), difference = __ssub16(a, b), even = __sadd16(c, d), odd = __ssub16(c, d);
  const int32_t y[4] = {__sadd16(sum, even), __ssax(difference, odd), __ssub16(sum, even), __sasx(difference, odd)};
  for (int k = 0; k < 4; k++) {
    memcpy(z + k * step, &y[k], 4);
    *seen |= (uint32_t)y[k] ^ ((uint32_t)y[k] << 1);
  }
}

/* Bits of the largest number, of the union of y ^ (y << 1) in both halves: bit n is set where bits n and n - 1 of some number differ. */
DITMOS_INLINE int ditmos_fft_bits_s16(uint32_t seen) { return ditmos_bit_length((seen >> 16 | (seen & 0xFFFEu)) & 0xFFFEu) - 1; }
#else
DITMOS_INLINE void ditmos_fft_radix4_s16(int16_t *z, int step, const int16_t *w, int down, uint32_t *seen) {
  const int16_t *const b = z + step, *const c = z + 2 * step, *const d = z + 3 * step;
  const int32_t half = (int32_t)1 << (14 + down), round = (1 << down) >> 1;
  const int32_t ar = (z[0] + round) >> down, ai = (z[1] + round) >> down;
  const int32_t br = (b[0] * w[2] - b[1] * w[3] + half) >> (15 + down), bi = (b[0] * w[3] + b[1] * w[2] + half) >> (15 + down);
  const int32_t cr = (c[0] * w[0] - c[1] * w[1] + half) >> (15 + down), ci = (c[0] * w[1] + c[1] * w[0] + half) >> (15 + down);
  const int32_t dr = (d[0] * w[4] - d[1] * w[5] + half) >> (15 + down), di = (d[0] * w[5] + d[1] * w[4] + half) >> (15 + down);
  const int32_t y[8] = {ar + br + cr + dr, ai + bi + ci + di, ar - br + ci - di, ai - bi - cr + dr,
                        ar + br - cr - dr, ai + bi - ci - di, ar - br - ci + di, ai - bi + cr - dr};
  for (int k = 0; k < 8; k++) {
    z[k / 2 * step + k % 2] = (int16_t)y[k];
    *seen |= (uint32_t)(y[k] ^ (y[k] >> 31));
  }
}

DITMOS_INLINE int ditmos_fft_bits_s16(uint32_t seen) { return ditmos_bit_length(seen); }
#endif

/* In place, as ditmos_fft_run_f32; the numbers become less than 23171 in length (sqrt(re^2 + im^2)). Returns what the exponent grows by. */
DITMOS_INLINE int ditmos_fft_run_s16(const ditmos_fft_s16 p, int16_t *z) {
  static const int16_t one[6] = {32767, 0, 32767, 0, 32767, 0};
  int m = 1, bits = 12, exponent = 0;
  if (p.half >> p.low_bits != 1 << p.low_bits) {
    for (int16_t *at = z; at < z + 2 * p.half; at += 4) {
      const int16_t r = at[2], i = at[3];
      at[2] = (int16_t)(at[0] - r);
      at[3] = (int16_t)(at[1] - i);
      at[0] = (int16_t)(at[0] + r);
      at[1] = (int16_t)(at[1] + i);
    }
    m = 2;
    bits = 13;
  }
  for (; m < p.half; m *= 4) {
    const int step = 2 * m, down = bits > 12 ? bits - 12 : 0;
    uint32_t seen = 0;
    for (int k = 0; k < m; k++) {
      const int16_t *const w = k == 0 ? one : p.twiddle + 6 * k * (p.half / (4 * m));
      for (int16_t *at = z + 2 * k; at < z + 2 * p.half; at += 4 * step) ditmos_fft_radix4_s16(at, step, w, down, &seen);
    }
    exponent += down;
    bits = ditmos_fft_bits_s16(seen);
  }
  return exponent;
}

/* |2 X_k|^2 / 16 of the real signal, 0 < k < half; turn as in fft_f32.h, with 15 fractional bits. */
DITMOS_INLINE uint32_t ditmos_fft_power_s16(const ditmos_fft_s16 p, const int16_t *z, int k, const int16_t *turn) {
  const int16_t *const a = z + 2 * k, *const b = z + 2 * (p.half - k);
  const int32_t even_r = a[0] + b[0], even_i = a[1] - b[1], odd_r = a[1] + b[1], odd_i = b[0] - a[0];
  const int32_t re = even_r + ditmos_round_shift(odd_r * turn[0] - odd_i * turn[1], 15);
  const int32_t im = even_i + ditmos_round_shift(odd_r * turn[1] + odd_i * turn[0], 15);
  return (uint32_t)(((int64_t)re * re + (int64_t)im * im) >> 4);
}

#endif
