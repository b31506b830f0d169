/* The measured call on a Cortex-M: paints the free stack, runs the model, finds how deep the paint is gone. The plugin
   counts from the first instruction of the measured function (harness.h) until ditmos_measured_end, so nothing here is counted. */
#include "harness.h"
#include "semihosting.h"

#define STRING2(x) #x
#define STRING(x) STRING2(x)
#define PAINT 0xA5C3F00Du

extern uint32_t ditmos_stack_limit[];
uint32_t ditmos_entry_stack; /* stack pointer at the call */
int ditmos_painted_call(void *arena, const void *samples);

__attribute__((naked, noinline, used)) int ditmos_painted_call(void *arena, const void *samples) {
  (void)arena;
  (void)samples;
  __asm volatile(
      ".syntax unified\n\t"
      "push {r4, lr}\n\t"
      "mov r4, r1\n\t"
      "ldr r1, =ditmos_stack_limit\n\t"
      "ldr r2, =0xA5C3F00D\n\t"
      "mov r3, sp\n"
      "1:\n\t"
      "str r2, [r1]\n\t"
      "adds r1, r1, #4\n\t"
      "cmp r1, r3\n\t"
      "bne 1b\n\t"
      "ldr r1, =ditmos_entry_stack\n\t"
      "str r3, [r1]\n\t"
      "mov r1, r4\n\t"
      "bl " STRING(DITMOS_ENTRY) "\n\t"
      ".global ditmos_measured_end\n\t"
      ".type ditmos_measured_end, %function\n\t"
      ".thumb_func\n"
      "ditmos_measured_end:\n\t"
      "pop {r4, pc}\n\t"
      ".ltorg\n\t");
}

int ditmos_measured_run(void *arena, const void *samples, uint32_t *stack_bytes) {
  const int label = ditmos_painted_call(arena, samples);
  const volatile uint32_t *word = ditmos_stack_limit;
  if (*word != PAINT) semihosting_exit(DITMOS_EXIT_STACK);
  while ((uintptr_t)word < ditmos_entry_stack && *word == PAINT) ++word;
  *stack_bytes = ditmos_entry_stack - (uint32_t)(uintptr_t)word;
  return label;
}

int io_open(const char *name, const char *mode) { return semihosting_open(name, mode); }
size_t io_read(int file, void *to, size_t size) { return semihosting_read(file, to, size); }
int io_write(int file, const void *from, size_t size) { return semihosting_write(file, from, size); }
void io_close(int file) { semihosting_close(file); }
