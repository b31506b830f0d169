/* Real FFT in float32: N samples as N/2 complex points, radix 4 (and one pass of radix 2 where N/2 is no power of 4), decimation in time.
 * Samples are put in bit-reversed order while they are multiplied with the window, so there is no pass for that. Then the power of single
 * bins. Tables come from the host (src/frontend/tables.cpp). The same bits on every machine whose compiler does not contract a*b+c. */
#ifndef DITMOS_FFT_F32_H
#define DITMOS_FFT_F32_H

#include "base.h"

typedef struct {
  int frame;               /* samples a frame, at most 2 * half */
  int half;                /* complex points, a power of two from 4 */
  int low_bits;            /* half = 2^(low_bits + high_bits), low_bits = high_bits or high_bits + 1 */
  const uint8_t *reversed; /* 2^low_bits entries: their index with its low_bits bits reversed */
  const float *window;     /* frame / 2 + 1 values; the rest mirrors them: w[i] = w[frame - i] */
  const float *twiddle;    /* half / 4 times exp(-2 pi i j k / half), j = 1, 2, 3: re, im */
} ditmos_fft_f32;

/* z: 2 * half floats (re, im). Of the two pointers to a frame's samples one is null. */
DITMOS_INLINE void ditmos_fft_load_f32(const ditmos_fft_f32 p, const int16_t *s16, const float *f32, float *z) {
  const int low_count = 1 << p.low_bits, high_bits = p.half >> p.low_bits == low_count ? p.low_bits : p.low_bits - 1;
  for (int high = 0; high < 1 << high_bits; high++) {
    const int base = p.reversed[high] >> (p.low_bits - high_bits);
    for (int low = 0; low < low_count; low++) {
      float *const to = z + 2 * (base + (p.reversed[low] << high_bits));
      const int i = 2 * (high * low_count + low);
      for (int j = i; j < i + 2; j++) {
        float value = 0.0f;
        if (j < p.frame) value = (s16 ? (float)s16[j] : f32[j]) * p.window[2 * j <= p.frame ? j : p.frame - j];
        to[j - i] = value;
      }
    }
  }
}

/* The four points of a radix-4 butterfly, `step` floats apart, the last three already turned. */
DITMOS_INLINE void ditmos_fft_radix4_f32(float *z, int step, float br, float bi, float cr, float ci, float dr, float di) {
  const float ar = z[0], ai = z[1];
  const float sum_r = ar + br, sum_i = ai + bi, difference_r = ar - br, difference_i = ai - bi;
  const float even_r = cr + dr, even_i = ci + di, odd_r = cr - dr, odd_i = ci - di;
  z[0] = sum_r + even_r;
  z[1] = sum_i + even_i;
  z[step] = difference_r + odd_i;
  z[step + 1] = difference_i - odd_r;
  z[2 * step] = sum_r - even_r;
  z[2 * step + 1] = sum_i - even_i;
  z[3 * step] = difference_r - odd_i;
  z[3 * step + 1] = difference_i + odd_r;
}

/* Points loaded in bit-reversed order to Z_k = sum z_n exp(-2 pi i k n / half), in place. */
DITMOS_INLINE void ditmos_fft_run_f32(const ditmos_fft_f32 p, float *z) {
  const int end = 2 * p.half;
  int m = 1; /* points of the parts that are joined */
  if (p.half >> p.low_bits != 1 << p.low_bits) {
    for (float *at = z; at < z + end; at += 4) {
      const float r = at[2], i = at[3];
      at[2] = at[0] - r;
      at[3] = at[1] - i;
      at[0] += r;
      at[1] += i;
    }
    m = 2;
  }
  for (; m < p.half; m *= 4) {
    const int step = 2 * m;
    for (float *at = z; at < z + end; at += 4 * step)
      ditmos_fft_radix4_f32(at, step, at[step], at[step + 1], at[2 * step], at[2 * step + 1], at[3 * step], at[3 * step + 1]);
    const float *w = p.twiddle;
    for (int k = 1; k < m; k++) {
      w += 6 * (p.half / (4 * m));
      const float w1r = w[0], w1i = w[1], w2r = w[2], w2i = w[3], w3r = w[4], w3i = w[5];
      for (float *at = z + 2 * k; at < z + end; at += 4 * step) {
        /* In bit-reversed order the second part holds the points 2 mod 4, the third those 1 mod 4. */
        const float *const b = at + step, *const c = at + 2 * step, *const d = at + 3 * step;
        ditmos_fft_radix4_f32(at, step, b[0] * w2r - b[1] * w2i, b[0] * w2i + b[1] * w2r, c[0] * w1r - c[1] * w1i,
                              c[0] * w1i + c[1] * w1r, d[0] * w3r - d[1] * w3i, d[0] * w3i + d[1] * w3r);
      }
    }
  }
}

/* |2 X_k|^2 of the real signal, 0 < k < half; turn: exp(-2 pi i k / (2 half)). The window's values carry the factor of a half. */
DITMOS_INLINE float ditmos_fft_power_f32(const ditmos_fft_f32 p, const float *z, int k, const float *turn) {
  const float *const a = z + 2 * k, *const b = z + 2 * (p.half - k);
  const float even_r = a[0] + b[0], even_i = a[1] - b[1], odd_r = a[1] + b[1], odd_i = b[0] - a[0];
  const float re = even_r + (odd_r * turn[0] - odd_i * turn[1]);
  const float im = even_i + (odd_r * turn[1] + odd_i * turn[0]);
  return re * re + im * im;
}

#endif
