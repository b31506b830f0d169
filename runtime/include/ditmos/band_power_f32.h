/* log10 of the mean square in bands of frequency of one frame, in float32. */
#ifndef DITMOS_BAND_POWER_F32_H
#define DITMOS_BAND_POWER_F32_H

#include "fft_f32.h"
#include "log_f32.h"

typedef struct {
  ditmos_fft_f32 fft;    /* the frame fills it; the window's values make the powers of a band add up to its mean square */
  int bands;
  const uint16_t *edges; /* first and end bin of each band */
  const float *turns;    /* exp(-2 pi i k / N) re, im from bin edges[0] on */
} ditmos_band_power_f32;

/* scratch: 2 * half floats. out: bands values. */
DITMOS_INLINE void ditmos_band_power_frame_f32(const ditmos_band_power_f32 p, const float *samples, float *scratch, float *out) {
  ditmos_fft_load_f32(p.fft, 0, samples, scratch);
  ditmos_fft_run_f32(p.fft, scratch);
  for (int b = 0; b < p.bands; b++) {
    float sum = 0.0f;
    for (int k = p.edges[2 * b]; k < p.edges[2 * b + 1]; k++)
      sum += ditmos_fft_power_f32(p.fft, scratch, k, p.turns + 2 * (k - p.edges[0]));
    out[b] = ditmos_log_f32(sum + 1e-6f) * 0.434294482f;
  }
}

#endif
