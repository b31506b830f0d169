/* Classifies one window with emitted code, as firmware does: numbers from standard input, channel after channel, the class to
 * standard output. Build it beside a build folder:
 *   cc -std=c99 -I build/gestures examples/host/classify.c build/gestures/ditmos_model.c -lm -o classify
 */
#include <stdint.h>
#include <stdio.h>

#include "ditmos_model.h"

#define SAMPLES (DITMOS_MODEL_CHANNELS * DITMOS_MODEL_HEIGHT * DITMOS_MODEL_WIDTH)

static uint64_t arena[(DITMOS_MODEL_ARENA_BYTES + 7) / 8]; /* all the RAM there is, but for the stack */

int main(void) {
  static float window[SAMPLES];
  float logits[DITMOS_MODEL_CLASSES];
  int i, class_index;
  if (ditmos_model_self_test(arena) != 0) {
    fputs("self-test failed: the weights are damaged, or the compiler miscompiled them\n", stderr);
    return 1;
  }
  for (i = 0; i < SAMPLES; ++i) {
    if (scanf("%f", &window[i]) != 1) {
      fprintf(stderr, "expected %d numbers, got %d\n", SAMPLES, i);
      return 1;
    }
  }
  ditmos_model_set_input(arena, window);
  class_index = ditmos_model_run(arena);
  ditmos_model_get_logits(arena, logits);
  printf("class %d, logit %.3f, classifier %d\n", class_index, (double)logits[class_index], ditmos_model_choice(arena));
  return 0;
}
