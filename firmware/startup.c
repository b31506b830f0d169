/* Start-up of every Cortex-M from M0 to M55: vector table, floating point on, .data and .bss set up, main. */
#include <stdint.h>

#include "semihosting.h"

extern uint32_t ditmos_stack_top[], ditmos_data_start[], ditmos_data_end[], ditmos_data_load[];
extern uint32_t ditmos_bss_start[], ditmos_bss_end[];

int main(void);
void ditmos_reset(void);

static void fault(void) {
  semihosting_exit(DITMOS_EXIT_FAULT);
}

void ditmos_reset(void) {
#if defined(__ARM_FP) || defined(__ARM_FEATURE_MVE)
  *(volatile uint32_t *)0xE000ED88u |= 0xFu << 20; /* CPACR: coprocessors 10 and 11, full access */
  __asm volatile("dsb\n\tisb" ::: "memory");
#endif
  const volatile uint32_t *from = ditmos_data_load;
  for (volatile uint32_t *to = ditmos_data_start; to < ditmos_data_end; ++to) *to = *from++;
  for (volatile uint32_t *to = ditmos_bss_start; to < ditmos_bss_end; ++to) *to = 0;
  semihosting_exit(main());
}

typedef void (*handler)(void);

/* Stack, reset, then NMI and the faults; nothing else can happen: no interrupt is switched on. */
__attribute__((section(".vectors"), used)) static const struct {
  uint32_t *stack;
  handler handlers[15];
} vectors = {ditmos_stack_top,
             {ditmos_reset, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault}};
