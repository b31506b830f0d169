/* Reads float32 windows (with DITMOS_FROM_SAMPLES: windows of the front end's samples) from "windows.bin" until it ends, runs the model
   on each, writes "results.bin": a header of six 32-bit words {'DTMR', self-test result, arena bytes, values a window, classes,
   classifiers}, then for each window {label, choice, stack bytes, logits[classes]}. Exit code 0, or 74 when a file cannot be used.
   DITMOS_HEADER, DITMOS_NAME and DITMOS_UPPER name the model. A model of the schedule `sliced` finds its non-volatile memory here: an
   array that is not counted as the model's RAM, though the instructions that copy are counted.
   With DITMOS_SLIDING each window is the one before, a hop further on, and the model (of continuous mode) gets its new columns. */
#include "harness.h"

#include DITMOS_HEADER

#define FUNCTION(suffix) DITMOS_JOIN(DITMOS_NAME, suffix)
#define MACRO(suffix) DITMOS_JOIN(DITMOS_UPPER, suffix)

enum { EXIT_IO = 74 };
#ifdef DITMOS_FROM_SAMPLES
enum { VALUES = MACRO(_SAMPLE_CHANNELS) * MACRO(_SAMPLES), CLASSES = MACRO(_CLASSES) };
static FUNCTION(_sample) window[VALUES];

int ditmos_entry(void *arena, const void *samples) {
  FUNCTION(_set_samples)(arena, samples);
  return DITMOS_FROM_SAMPLES == 2 ? 0 : FUNCTION(_run)(arena);
}
#else
enum { VALUES = MACRO(_CHANNELS) * MACRO(_HEIGHT) * MACRO(_WIDTH), CLASSES = MACRO(_CLASSES) };
static float window[VALUES];
#endif

static union {
  uint64_t align;
  unsigned char bytes[MACRO(_ARENA_BYTES)];
} arena;
static struct {
  int32_t label, choice;
  uint32_t stack;
  float logits[CLASSES];
} result;

#if MACRO(_NVM_BYTES)
unsigned char ditmos_harness_nvm[MACRO(_NVM_BYTES)];

static void copy(unsigned char *to, const unsigned char *from, uint32_t size) {
  while (size-- > 0) *to++ = *from++;
}

int FUNCTION(_nvm_write)(uint32_t offset, const void *data, uint32_t size) {
  if (offset > sizeof ditmos_harness_nvm || size > sizeof ditmos_harness_nvm - offset) return -1;
  copy(ditmos_harness_nvm + offset, data, size);
  return 0;
}

int FUNCTION(_nvm_read)(uint32_t offset, void *data, uint32_t size) {
  if (offset > sizeof ditmos_harness_nvm || size > sizeof ditmos_harness_nvm - offset) return -1;
  copy(data, ditmos_harness_nvm + offset, size);
  return 0;
}
#endif

#if defined(DITMOS_SLIDING) && !defined(DITMOS_FROM_SAMPLES)
/* The first window whole, of every other one its last columns. */
static void give_window(void) {
  static int begun;
  static float columns[MACRO(_CHANNELS) * MACRO(_HOP)];
  if (!begun) {
    begun = 1;
    FUNCTION(_set_input)(arena.bytes, window);
    return;
  }
  for (int c = 0; c < MACRO(_CHANNELS); ++c)
    for (int i = 0; i < MACRO(_HOP); ++i) columns[c * MACRO(_HOP) + i] = window[(c + 1) * MACRO(_WIDTH) - MACRO(_HOP) + i];
  FUNCTION(_push)(arena.bytes, columns);
}
#elif !defined(DITMOS_FROM_SAMPLES)
static void give_window(void) { FUNCTION(_set_input)(arena.bytes, window); }
#endif

int main(void) {
  const uint32_t header[6] = {0x524D5444u, (uint32_t)FUNCTION(_self_test)(arena.bytes), MACRO(_ARENA_BYTES), VALUES, CLASSES,
                              MACRO(_CLASSIFIERS)};
  const int in = io_open("windows.bin", "rb");
  const int out = io_open("results.bin", "wb");
  if (in < 0 || out < 0 || io_write(out, header, sizeof header) != 0) return EXIT_IO;
  while (io_read(in, window, sizeof window) == sizeof window) {
#ifndef DITMOS_FROM_SAMPLES
    give_window();
#endif
    result.label = ditmos_measured_run(arena.bytes, window, &result.stack);
#if defined(DITMOS_FROM_SAMPLES) && DITMOS_FROM_SAMPLES == 2
    result.choice = -1;
#else
    result.choice = FUNCTION(_choice)(arena.bytes);
    FUNCTION(_get_logits)(arena.bytes, result.logits);
#endif
    if (io_write(out, &result, sizeof result) != 0) return EXIT_IO;
  }
  io_close(in);
  io_close(out);
  return 0;
}
