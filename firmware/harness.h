/* What the harness needs of its surroundings: files, and a call that measures. The emulator's is in measure.c, the host's in
   host.c, so that the same harness judges the same emitted code on both. */
#ifndef DITMOS_HARNESS_H
#define DITMOS_HARNESS_H
#include <stddef.h>
#include <stdint.h>

/* Runs the model once and says how many bytes of stack it took (0 on the host). */
int ditmos_measured_run(void *arena, uint32_t *stack_bytes);

int io_open(const char *name, const char *mode);
size_t io_read(int file, void *to, size_t size);
int io_write(int file, const void *from, size_t size);
void io_close(int file);

#endif
