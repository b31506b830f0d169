/* The paper's selector and one classifier (window 3 x 151, 17 classes, 222,928 multiply-accumulates), int8, with a
   library: convolutions as 1 x k, max pooling after them, the selector's maps copied beside the classifier's own. Random weights. */
#include "ditmos_model.h"

#include <string.h>

#include DITMOS_PEER /* peer_*.h: the library that is measured */
#include "peer_weights.h"

enum { LENGTH = 151, CLASSES = 17, CLASSIFIERS = 6 };

struct state {
  int8_t input[LENGTH * 3 + 3];
  int8_t map[137 * 8], kept1[68 * 8], kept2[30 * 8], own[68 * 8], joined[68 * 16], hidden[64], logits[32];
  int32_t scratch[1024];
};

static const struct peer_layer selector[5] = {{w0, b0, multiplier, shift, 8, 1, 15, 1, 1, 0, 0},
                                              {w1, b1, multiplier, shift, 8, 1, 9, 1, 1, 0, 0},
                                              {w2, b2, multiplier, shift, 4, 1, 5, 1, 1, 0, 0},
                                              {w3, b3, multiplier, shift, 64, 1, 1, 1, 1, 0, 0},
                                              {w4, b4, multiplier, shift, CLASSIFIERS, 1, 1, 1, 1, 0, 0}};
static const struct peer_layer classifier[5] = {{w5, b5, multiplier, shift, 8, 1, 15, 1, 1, 0, 0},
                                                {w6, b6, multiplier, shift, 8, 1, 9, 1, 1, 0, 0},
                                                {w7, b7, multiplier, shift, 4, 1, 5, 1, 1, 0, 0},
                                                {w8, b8, multiplier, shift, 64, 1, 1, 1, 1, 0, 0},
                                                {w9, b9, multiplier, shift, CLASSES, 1, 1, 1, 1, 0, 0}};

/* Convolution and pooling of two; returns the pooled length. */
static int block(struct state *s, const struct peer_layer *l, int length, int channels, const int8_t *x, int8_t *y) {
  const struct peer_map in = {1, length, channels}, out = {1, length - l->kernel_width + 1, l->filters};
  peer_conv(s->scratch, l, in, x, out, s->map);
  peer_pool(s->scratch, 0, out, s->map, 1, 2, y);
  return out.width / 2;
}

static void join(int length, const int8_t *own, const int8_t *kept, int8_t *joined) {
  for (int i = 0; i < length; ++i) {
    memcpy(joined + 16 * i, own + 8 * i, 8);
    memcpy(joined + 16 * i + 8, kept + 8 * i, 8);
  }
}

void ditmos_model_set_input(void *arena, const float *window) {
  struct state *s = arena;
  for (int c = 0; c < 3; ++c)
    for (int i = 0; i < LENGTH; ++i) s->input[3 * i + c] = (int8_t)(window[c * LENGTH + i] * 60.0f);
}

int ditmos_model_run(void *arena) {
  struct state *s = arena;
  block(s, &selector[0], LENGTH, 3, s->input, s->kept1);
  block(s, &selector[1], 68, 8, s->kept1, s->kept2);
  block(s, &selector[2], 30, 8, s->kept2, s->own);
  peer_linear(s->scratch, &selector[3], 52, s->own, s->hidden, 1);
  peer_linear(s->scratch, &selector[4], 64, s->hidden, s->logits, 0);
  const volatile int choice = peer_argmax(s->logits, CLASSIFIERS); /* one classifier's weights stand for all */
  (void)choice;
  block(s, &classifier[0], LENGTH, 3, s->input, s->own);
  join(68, s->own, s->kept1, s->joined);
  block(s, &classifier[1], 68, 16, s->joined, s->own);
  join(30, s->own, s->kept2, s->joined);
  block(s, &classifier[2], 30, 16, s->joined, s->own);
  peer_linear(s->scratch, &classifier[3], 52, s->own, s->hidden, 1);
  peer_linear(s->scratch, &classifier[4], 64, s->hidden, s->logits, 0);
  return peer_argmax(s->logits, CLASSES);
}

int ditmos_model_choice(const void *arena) {
  (void)arena;
  return -1;
}

void ditmos_model_get_logits(const void *arena, float *logits) {
  const struct state *s = arena;
  for (int i = 0; i < CLASSES; ++i) logits[i] = s->logits[i];
}

int ditmos_model_self_test(void *arena) {
  memset(arena, 0, sizeof(struct state));
  ditmos_model_run(arena);
  return 0;
}
