#include "semihosting.h"

enum { SYS_OPEN = 0x01, SYS_CLOSE = 0x02, SYS_WRITE = 0x05, SYS_READ = 0x06, SYS_EXIT_EXTENDED = 0x20 };
enum { APPLICATION_EXIT = 0x20026, MODE_RB = 1, MODE_WB = 5 };

static int call(int operation, const void *argument) {
  register int r0 __asm("r0") = operation;
  register const void *r1 __asm("r1") = argument;
  __asm volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
  return r0;
}

int semihosting_open(const char *name, const char *mode) {
  uintptr_t length = 0;
  while (name[length] != '\0') ++length;
  const uintptr_t block[3] = {(uintptr_t)name, mode[0] == 'r' ? MODE_RB : MODE_WB, length};
  return call(SYS_OPEN, block);
}

size_t semihosting_read(int file, void *to, size_t size) {
  const uintptr_t block[3] = {(uintptr_t)file, (uintptr_t)to, size};
  return size - (size_t)call(SYS_READ, block); /* the call returns the bytes that it did not read */
}

int semihosting_write(int file, const void *from, size_t size) {
  const uintptr_t block[3] = {(uintptr_t)file, (uintptr_t)from, size};
  return call(SYS_WRITE, block) == 0 ? 0 : -1;
}

void semihosting_close(int file) {
  const uintptr_t block[1] = {(uintptr_t)file};
  call(SYS_CLOSE, block);
}

void semihosting_exit(int code) {
  const uintptr_t block[2] = {APPLICATION_EXIT, (uintptr_t)code};
  for (;;) call(SYS_EXIT_EXTENDED, block);
}
