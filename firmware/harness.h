/* What the harness needs of its surroundings: files, and a call that measures. The emulator's is in measure.c, the host's in
   host.c, so that the same harness judges the same emitted code on both. */
#ifndef DITMOS_HARNESS_H
#define DITMOS_HARNESS_H
#include <stddef.h>
#include <stdint.h>

/* What is measured: the model's run function on a window that is set already, or, with DITMOS_FROM_SAMPLES, ditmos_entry: the front end and
   the run (1), or the front end alone (2). */
#ifdef DITMOS_FROM_SAMPLES
#define DITMOS_ENTRY ditmos_entry
int ditmos_entry(void *arena, const void *samples);
#else
#define DITMOS_ENTRY DITMOS_JOIN(DITMOS_NAME, _run)
#endif
#define DITMOS_JOIN2(a, b) a##b
#define DITMOS_JOIN(a, b) DITMOS_JOIN2(a, b)

/* Makes the measured call once and says how many bytes of stack it took (0 on the host). */
int ditmos_measured_run(void *arena, const void *samples, uint32_t *stack_bytes);

int io_open(const char *name, const char *mode);
size_t io_read(int file, void *to, size_t size);
int io_write(int file, const void *from, size_t size);
void io_close(int file);

#endif
