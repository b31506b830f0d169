/* MFCC or log-mel energies of one frame of sound, in float32: window, FFT, triangular mel bands, logarithm, DCT. */
#ifndef DITMOS_MEL_F32_H
#define DITMOS_MEL_F32_H

#include "fft_f32.h"
#include "log_f32.h"

typedef struct {
  ditmos_fft_f32 fft;    /* window values times 1/65536: samples of 16 bits, and the half of ditmos_fft_power_f32 */
  int mels, coefficients; /* coefficients 0: the energies themselves */
  const uint16_t *edges; /* mels + 2: edges[m] is the first bin of the rising side of band m, which falls from edges[m + 1] on */
  const float *bins;     /* from bin edges[0] on: exp(-2 pi i k / N) re, im, and the share of the band that rises there */
  const float *dct;      /* [coefficients][mels] */
} ditmos_mel_f32;

/* scratch: 2 * half + mels floats. out: coefficients or mels values. */
DITMOS_INLINE void ditmos_mel_frame_f32(const ditmos_mel_f32 p, const int16_t *samples, float *scratch, float *out) {
  float *const energies = p.coefficients > 0 ? scratch + 2 * p.fft.half : out;
  ditmos_fft_load_f32(p.fft, samples, 0, scratch);
  ditmos_fft_run_f32(p.fft, scratch);
  const float *bin = p.bins;
  float rising = 0.0f;
  for (int m = 0; m <= p.mels; m++) {
    float up = 0.0f, down = rising;
    for (int k = p.edges[m]; k < p.edges[m + 1]; k++, bin += 3) {
      const float power = ditmos_fft_power_f32(p.fft, scratch, k, bin);
      const float share = power * bin[2];
      up += share;
      down += power - share;
    }
    if (m > 0) energies[m - 1] = ditmos_log_f32(down > 1e-6f ? down : 1e-6f);
    rising = up;
  }
  for (int c = 0; c < p.coefficients; c++) {
    const float *const row = p.dct + c * p.mels;
    float sum = 0.0f;
    for (int m = 0; m < p.mels; m++) sum += row[m] * energies[m];
    out[c] = sum;
  }
}

#endif
