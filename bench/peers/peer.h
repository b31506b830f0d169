/* What every library's glue for bench_device shares. Maps are height x width x channels, int8. */
#ifndef PEER_H
#define PEER_H
#include <stdint.h>

struct peer_map {
  int height, width, channels;
};

struct peer_layer {
  const int8_t *weights;
  const int32_t *bias, *multiplier, *shift; /* a filter each */
  int filters, kernel_height, kernel_width, stride_height, stride_width, pad_height, pad_width;
};

static inline int peer_argmax(const int8_t *logits, int n) {
  int best = 0;
  for (int i = 1; i < n; ++i)
    if (logits[i] > logits[best]) best = i;
  return best;
}

#endif
