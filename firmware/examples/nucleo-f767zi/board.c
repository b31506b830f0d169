/* Start-up, clock, caches and serial port of the STM32F767ZI, from RM0410 (RCC, PWR, FLASH, GPIO, USART) and PM0253 (caches,
   DWT). Registers are written by address, so that no vendor header is needed. */
#include "board.h"

#define REGISTER(address) (*(volatile uint32_t *)(address))
#define RCC_CR REGISTER(0x40023800u)
#define RCC_PLLCFGR REGISTER(0x40023804u)
#define RCC_CFGR REGISTER(0x40023808u)
#define RCC_AHB1ENR REGISTER(0x40023830u)
#define RCC_APB1ENR REGISTER(0x40023840u)
#define PWR_CR1 REGISTER(0x40007000u)
#define PWR_CSR1 REGISTER(0x40007004u)
#define FLASH_ACR REGISTER(0x40023C00u)
#define GPIOD_MODER REGISTER(0x40020C00u)
#define GPIOD_AFRH REGISTER(0x40020C24u)
#define USART3_CR1 REGISTER(0x40004800u)
#define USART3_BRR REGISTER(0x4000480Cu)
#define USART3_ISR REGISTER(0x4000481Cu)
#define USART3_TDR REGISTER(0x40004828u)
#define SCB_CCR REGISTER(0xE000ED14u)
#define SCB_CPACR REGISTER(0xE000ED88u)
#define SCB_CCSIDR REGISTER(0xE000ED80u)
#define SCB_CSSELR REGISTER(0xE000ED84u)
#define SCB_ICIALLU REGISTER(0xE000EF50u)
#define SCB_DCISW REGISTER(0xE000EF60u)
#define CORE_DEMCR REGISTER(0xE000EDFCu)
#define DWT_CTRL REGISTER(0xE0001000u)
#define DWT_CYCCNT REGISTER(0xE0001004u)
#define DWT_LAR REGISTER(0xE0001FB0u)

extern uint32_t stack_top[], data_start[], data_end[], data_load[], bss_start[], bss_end[];
int main(void);
void reset(void);

static void barrier(void) { __asm volatile("dsb\n\tisb" ::: "memory"); }

static void hang(void) {
  for (;;) {
  }
}

void reset(void) {
  SCB_CPACR |= 0xFu << 20; /* floating point on */
  barrier();
  const volatile uint32_t *from = data_load;
  for (volatile uint32_t *to = data_start; to < data_end; ++to) *to = *from++;
  for (volatile uint32_t *to = bss_start; to < bss_end; ++to) *to = 0;
  main();
  hang();
}

typedef void (*handler)(void);
__attribute__((section(".vectors"), used)) static const struct {
  uint32_t *stack;
  handler handlers[15];
} vectors = {stack_top, {reset, hang, hang, hang, hang, hang, hang, hang, hang, hang, hang, hang, hang, hang, hang}};

static void caches_on(void) {
  SCB_ICIALLU = 0;
  barrier();
  SCB_CSSELR = 0; /* level 1, data */
  barrier();
  const uint32_t sets = (SCB_CCSIDR >> 13) & 0x7FFFu, ways = (SCB_CCSIDR >> 3) & 0x3FFu;
  for (uint32_t set = 0; set <= sets; ++set)
    for (uint32_t way = 0; way <= ways; ++way) SCB_DCISW = way << 30 | set << 5;
  barrier();
  SCB_CCR |= 1u << 16 | 1u << 17;
  barrier();
}

static void clock_216_mhz(void) {
  RCC_APB1ENR |= 1u << 28; /* power interface */
  PWR_CR1 |= 3u << 14;     /* voltage scale 1 */
  /* 16 MHz / 8 * 216 / 2 */
  RCC_PLLCFGR = 8u | 216u << 6 | 0u << 16 | 9u << 24 | 2u << 28;
  RCC_CR |= 1u << 24;
  PWR_CR1 |= 1u << 16; /* over-drive, needed above 180 MHz */
  while (!(PWR_CSR1 & 1u << 16)) {
  }
  PWR_CR1 |= 1u << 17;
  while (!(PWR_CSR1 & 1u << 17)) {
  }
  FLASH_ACR = 7u | 1u << 8 | 1u << 9; /* 7 wait states, prefetch, accelerator */
  while ((FLASH_ACR & 0xFu) != 7u) {
  }
  while (!(RCC_CR & 1u << 25)) {
  }
  RCC_CFGR = 5u << 10 | 4u << 13 | 2u; /* APB1 / 4, APB2 / 2, core from the PLL */
  while ((RCC_CFGR & 3u << 2) != 2u << 2) {
  }
}

void board_start(void) {
  clock_216_mhz();
  caches_on();
  CORE_DEMCR |= 1u << 24;
  DWT_LAR = 0xC5ACCE55u;
  DWT_CYCCNT = 0;
  DWT_CTRL |= 1u;
  RCC_AHB1ENR |= 1u << 3;  /* port D */
  RCC_APB1ENR |= 1u << 18; /* USART3 */
  GPIOD_MODER = (GPIOD_MODER & ~(3u << 16)) | 2u << 16; /* PD8: alternate function 7, transmit */
  GPIOD_AFRH = (GPIOD_AFRH & ~0xFu) | 7u;
  USART3_BRR = BOARD_MHZ * 1000000u / 4u / 115200u;
  USART3_CR1 = 1u << 3 | 1u;
}

uint32_t board_cycles(void) { return DWT_CYCCNT; }

void board_print(const char *text) {
  for (; *text; ++text) {
    while (!(USART3_ISR & 1u << 7)) {
    }
    USART3_TDR = (uint32_t)(unsigned char)*text;
  }
}

void board_print_number(uint32_t value) {
  char digits[11];
  int at = 10;
  digits[at] = '\0';
  do digits[--at] = (char)('0' + value % 10u);
  while (value /= 10u);
  board_print(digits + at);
}
