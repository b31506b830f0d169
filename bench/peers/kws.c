/* The keyword-spotting network of MLPerf Tiny (DS-CNN: 49 x 10 features, 12 words, 2,656,768 multiply-accumulates), int8, with a
   library. peer_weights.h (made by bench_device) holds random weights: the time does not depend on them. */
#include "ditmos_model.h"

#include <string.h>

#include DITMOS_PEER /* peer_*.h: the library that is measured */
#include "peer_weights.h"

enum { IN_H = 49, IN_W = 10, H = 25, W = 5, C = 64, WORDS = 12 };

struct state {
  int8_t input[IN_H * IN_W + 6], a[H * W * C], b[H * W * C], logits[16];
  int32_t scratch[4096];
};

static const struct peer_layer first = {w0, b0, multiplier, shift, C, 10, 4, 2, 2, 4, 1};
static const struct peer_layer depthwise[4] = {{w1, b1, multiplier, shift, C, 3, 3, 1, 1, 1, 1},
                                               {w3, b3, multiplier, shift, C, 3, 3, 1, 1, 1, 1},
                                               {w5, b5, multiplier, shift, C, 3, 3, 1, 1, 1, 1},
                                               {w7, b7, multiplier, shift, C, 3, 3, 1, 1, 1, 1}};
static const struct peer_layer pointwise[4] = {{w2, b2, multiplier, shift, C, 1, 1, 1, 1, 0, 0},
                                               {w4, b4, multiplier, shift, C, 1, 1, 1, 1, 0, 0},
                                               {w6, b6, multiplier, shift, C, 1, 1, 1, 1, 0, 0},
                                               {w8, b8, multiplier, shift, C, 1, 1, 1, 1, 0, 0}};
static const struct peer_layer last = {w9, b9, multiplier, shift, WORDS, 1, 1, 1, 1, 0, 0};

void ditmos_model_set_input(void *arena, const float *window) {
  struct state *s = arena;
  for (int i = 0; i < IN_H * IN_W; ++i) s->input[i] = (int8_t)(window[i] * 60.0f);
}

int ditmos_model_run(void *arena) {
  struct state *s = arena;
  const struct peer_map in = {IN_H, IN_W, 1}, map = {H, W, C};
  int bad = peer_conv(s->scratch, &first, in, s->input, map, s->a);
  for (int k = 0; k < 4; ++k) {
    bad |= peer_depthwise(s->scratch, &depthwise[k], map, s->a, map, s->b);
    bad |= peer_conv(s->scratch, &pointwise[k], map, s->b, map, s->a);
  }
  bad |= peer_pool(s->scratch, 1, map, s->a, H, W, s->b);
  bad |= peer_linear(s->scratch, &last, C, s->b, s->logits, 0);
  return bad ? -1 : peer_argmax(s->logits, WORDS);
}

int ditmos_model_choice(const void *arena) {
  (void)arena;
  return -1;
}

void ditmos_model_get_logits(const void *arena, float *logits) {
  const struct state *s = arena;
  for (int i = 0; i < WORDS; ++i) logits[i] = s->logits[i];
}

int ditmos_model_self_test(void *arena) {
  memset(arena, 0, sizeof(struct state));
  return ditmos_model_run(arena) < 0;
}
