/* Rows of a sensor to windows, one row at a time: unit and sign of each channel, another rate, windows every hop samples or around peaks.
 * As ditmos trains on recordings (docs/DATA.md, "Your own recordings"). */
#ifndef DITMOS_STREAM_H
#define DITMOS_STREAM_H

#include <string.h>

#include "samples_f32.h"

/* What does not change. Resampling is one of: none (phases 0, period 0); by filter (phases > 0); of rows with times (period > 0). */
typedef struct {
  int channels, width, hop;
  float threshold;       /* of the magnitude over the channels; 0: a window every hop samples */
  const float *factor;   /* [channels] */
  int phases, step;      /* output i lies at input i * step / phases */
  int taps;              /* of a phase, odd; the middle one meets the input at or before the output */
  const float *weights;  /* [phases][taps] */
  float period;          /* microseconds from sample to sample */
} ditmos_stream;

/* All zero at the start. */
typedef struct {
  int filled;        /* samples in the window */
  int skip;          /* samples to leave out, where hops are longer than windows */
  int barred;        /* samples until the next window may begin, around peaks */
  int started;       /* whether there was a row */
  int fresh;         /* whether the last row has not been used, without resampling */
  int ahead, phase;  /* by filter: rows until the next sample, and where it lies */
  uint32_t time;     /* of the last row */
  float gap, wait;   /* from the row before to the last one, and to the next sample; microseconds */
} ditmos_stream_state;

/* Whether position `width / 2` holds the largest of the magnitudes, the first of equals. */
DITMOS_INLINE int ditmos_stream_is_peak(int width, float threshold, const float *magnitude) {
  const int middle = width / 2;
  const float top = magnitude[middle];
  if (!(top >= threshold)) return 0;
  for (int k = 0; k < width; k++) {
    if (k < middle ? magnitude[k] >= top : magnitude[k] > top) return 0;
  }
  return 1;
}

/* One sample joins window[channels][width] (and magnitude[width], with a threshold). 1: the window is complete and wanted. */
DITMOS_INLINE int ditmos_stream_add(const ditmos_stream *s, ditmos_stream_state *t, float *window, float *magnitude, const float *sample) {
  if (t->skip > 0) {
    t->skip--;
    return 0;
  }
  if (t->filled == s->width) {
    const int drop = s->threshold > 0.0f ? 1 : s->hop < s->width ? s->hop : s->width;
    const size_t keep = (size_t)(s->width - drop) * sizeof(float);
    for (int c = 0; c < s->channels; c++) memmove(window + c * s->width, window + c * s->width + drop, keep);
    if (s->threshold > 0.0f) memmove(magnitude, magnitude + drop, keep);
    t->filled -= drop;
  }
  for (int c = 0; c < s->channels; c++) window[c * s->width + t->filled] = sample[c];
  if (s->threshold > 0.0f) magnitude[t->filled] = ditmos_magnitude_f32(s->channels, 1, sample);
  if (++t->filled < s->width) return 0;
  if (!(s->threshold > 0.0f)) {
    if (s->hop > s->width) t->skip = s->hop - s->width;
    return 1;
  }
  if (t->barred > 0) t->barred--;
  if (t->barred > 0 || !ditmos_stream_is_peak(s->width, s->threshold, magnitude)) return 0;
  t->barred = s->hop;
  return 1;
}

/* A row in the sensor's unit. history: [taps][channels] by filter, [2][channels] for rows with times, else [1][channels]. `time` in
 * microseconds, which may wrap; only for rows with times. Then ditmos_stream_next until it gives 0. */
DITMOS_INLINE void ditmos_stream_push(const ditmos_stream *s, ditmos_stream_state *t, float *history, uint32_t time, const float *row) {
  const int rows = s->phases > 0 ? s->taps : s->period > 0.0f ? 2 : 1;
  float *const last = history + (rows - 1) * s->channels;
  memmove(history, history + s->channels, (size_t)((rows - 1) * s->channels) * sizeof(float));
  for (int c = 0; c < s->channels; c++) last[c] = row[c] * s->factor[c];
  if (!t->started) {
    for (int r = 0; r + 1 < rows; r++) memcpy(history + r * s->channels, last, (size_t)s->channels * sizeof(float));
    t->ahead = s->taps / 2 + 1;
    t->time = time;
    t->started = 1;
  }
  t->gap = (float)(uint32_t)(time - t->time);
  t->time = time;
  t->fresh = 1;
  t->ahead--;
}

/* 1: window holds the next window. 0: push another row. `sample`: [channels], scratch. */
DITMOS_INLINE int ditmos_stream_next(const ditmos_stream *s, ditmos_stream_state *t, const float *history, float *window, float *magnitude, float *sample) {
  for (;;) {
    if (s->phases > 0) {
      if (t->ahead > 0) return 0;
      const float *const weights = s->weights + t->phase * s->taps;
      for (int c = 0; c < s->channels; c++) {
        float sum = 0.0f;
        for (int k = 0; k < s->taps; k++) sum += weights[k] * history[k * s->channels + c];
        sample[c] = sum;
      }
      t->phase += s->step;
      t->ahead += t->phase / s->phases;
      t->phase %= s->phases;
    } else if (s->period > 0.0f) {
      if (!t->fresh || t->wait > t->gap) {
        if (t->fresh) t->wait -= t->gap;
        t->fresh = 0;
        return 0;
      }
      const float share = t->gap > 0.0f ? t->wait / t->gap : 1.0f;
      for (int c = 0; c < s->channels; c++) sample[c] = (1.0f - share) * history[c] + share * history[s->channels + c];
      t->wait += s->period;
    } else {
      if (!t->fresh) return 0;
      t->fresh = 0;
      for (int c = 0; c < s->channels; c++) sample[c] = history[c];
    }
    if (ditmos_stream_add(s, t, window, magnitude, sample)) return 1;
  }
}

#endif
