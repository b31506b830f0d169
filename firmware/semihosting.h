/* Host files from inside the emulator (Arm semihosting, "bkpt 0xAB"). */
#ifndef DITMOS_SEMIHOSTING_H
#define DITMOS_SEMIHOSTING_H
#include <stddef.h>
#include <stdint.h>

enum { DITMOS_EXIT_FAULT = 70, DITMOS_EXIT_IO = 74, DITMOS_EXIT_STACK = 71 };

/* Handle of the file, or -1. `mode` is "rb" or "wb". */
int semihosting_open(const char *name, const char *mode);
/* Bytes read, less than `size` at the end of the file. */
size_t semihosting_read(int file, void *to, size_t size);
/* 0, or -1 when not all bytes were written. */
int semihosting_write(int file, const void *from, size_t size);
void semihosting_close(int file);
/* Ends the emulation with this exit code. */
__attribute__((noreturn)) void semihosting_exit(int code);

#endif
