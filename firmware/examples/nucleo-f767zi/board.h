/* What main.c needs of the board. */
#ifndef BOARD_H
#define BOARD_H
#include <stdint.h>

enum { BOARD_MHZ = 216 };

/* Core clock from the on-chip 16 MHz oscillator to 216 MHz, caches on, cycle counter on, serial port on. */
void board_start(void);
/* Core cycles since board_start, modulo 2^32. */
uint32_t board_cycles(void);
/* Text to the serial port of the ST-LINK (USART3, 115,200 baud). */
void board_print(const char *text);
void board_print_number(uint32_t value);

#endif
