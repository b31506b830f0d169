/* Self-test, then one inference after another on a window of zeros; put your sensor's samples into `window`. */
#include "board.h"
#include "ditmos_model.h"

static union {
  uint64_t align;
  unsigned char bytes[DITMOS_MODEL_ARENA_BYTES];
} arena;
static float window[DITMOS_MODEL_CHANNELS * DITMOS_MODEL_HEIGHT * DITMOS_MODEL_WIDTH];

int main(void) {
  board_start();
  board_print(ditmos_model_self_test(arena.bytes) == 0 ? "self-test: passed\r\n" : "self-test: FAILED\r\n");
  for (;;) {
    ditmos_model_set_input(arena.bytes, window);
    const uint32_t start = board_cycles();
    const int label = ditmos_model_run(arena.bytes);
    const uint32_t cycles = board_cycles() - start;
    board_print("class ");
    board_print_number((uint32_t)label);
    board_print(", cycles ");
    board_print_number(cycles);
    board_print(", microseconds ");
    board_print_number(cycles / BOARD_MHZ);
    board_print("\r\n");
    for (volatile uint32_t pause = 0; pause < BOARD_MHZ * 100000u; ++pause) {
    }
  }
}
